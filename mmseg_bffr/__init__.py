"""The method of arXiv 2211.12286 on mmsegmentation; importing it registers all its parts."""

import contextlib
import io
import warnings

from bffr import __version__

__all__ = ['__version__']

# mmcv and mmseg say at import which optional parts they lack; none is needed here.
with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
    warnings.filterwarnings('ignore', message='Fail to import ``MultiScaleDeformableAttention``')
    from . import checkpoints, datasets, engine, models
