"""Fusing images, folders and videos: what `tools/fuse.py` does."""

import os
from dataclasses import replace

from torch import nn

import bffr_runtime.fuse_files as runtime
from bffr_runtime import ExportedModel
from bffr_runtime.fuse_options import FuseOptions
from bffr_runtime.thermal import InfraredScale
from mmseg_bffr.apis.inference import infrared_scale
from mmseg_bffr.apis.pair_models import pair_model


def fuse_files(
    model: nn.Module | ExportedModel | str,
    vis: str | os.PathLike,
    ir: str | os.PathLike,
    out: str | os.PathLike,
    options: FuseOptions | None = None,
) -> None:
    """Fuse files as `bffr_runtime.fuse_files` does, which says what they are and what it raises.

    Args:
        model: From `init_model` or `bffr_runtime.load`, or the name of a classical method, which
            cannot segment and by default does not stretch.
        vis, ir, out, options: See there; `infrared` is by default that of `infrared_scale`.
    """
    options = options or FuseOptions()
    if isinstance(model, str) and options.stretch is None:
        options = replace(options, stretch='none')
    if options.infrared == InfraredScale():
        options = replace(options, infrared=infrared_scale(model))
    runtime.fuse_files(pair_model(model), vis, ir, out, options)
