"""The method of arXiv 2211.12286 on mmsegmentation; importing it registers all its parts."""

import contextlib
import io

from bffr import __version__

__all__ = ['__version__']

# mmcv and mmseg print at import which optional parts they lack; none is needed here.
with contextlib.redirect_stdout(io.StringIO()):
    from . import checkpoints, datasets, engine, models
