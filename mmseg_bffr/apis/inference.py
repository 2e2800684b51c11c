"""mmsegmentation's way: a network of a config and a checkpoint, a pair in, an image out."""

import os

import numpy as np
import torch
from mmengine.config import Config, ConfigDict
from mmengine.registry import init_default_scope
from mmengine.runner import load_checkpoint
from torch import nn

from bffr.errors import InputError
from bffr.images.pair import Image
from bffr.models.model import Model
from bffr.rigs.rig import Rig
from mmseg_bffr.apis.config import build_model, load_config
from mmseg_bffr.apis.cpu import tune_for_cpu
from mmseg_bffr.apis.device import choose_device
from mmseg_bffr.apis.torch_engine import as_model
from mmseg_bffr.apis.zoo import zoo_model
from mmseg_bffr.checkpoints import refuse_partial_loads, safe_loading, trained_classes
from mmseg_bffr.datasets.dataset_configs import class_metainfo
from mmseg_bffr.models import FusesFirst


@safe_loading()
def init_model(
    config: str | os.PathLike | Config | None = None,
    checkpoint: str | os.PathLike | None = None,
    device: str | torch.device | None = None,
    model: str | None = None,
) -> nn.Module:
    """Build a fuser or a joint model for inference; without arguments, the zoo's default model.

    A config is a Python program, and it is run. Load only configs that you trust. Checkpoints are
    read without running code from them; a config inside one is ignored.

    Args:
        config: Config file, or a config.
        checkpoint: Its checkpoint; a fuser also takes the fuser inside a joint one. Without it
            the weights of a given config are random.
        device: See `choose_device`.
        model: Name of a model of the zoo, instead of a config and a checkpoint.

    Returns:
        nn.Module: The model in eval mode, its config as `cfg`, its classes as `dataset_meta`.

    Raises:
        InputError: The config or the checkpoint cannot be read, they do not fit, a checkpoint is
            given without its config or holds NaN or infinite weights, the zoo's model is not there
            or named beside a config, or there is no such device.
    """
    if model is not None and (config or checkpoint):
        raise InputError(f'{model}: is a model of the zoo; leave out config and checkpoint.')
    if config is None:
        if checkpoint is not None:
            raise InputError(f'{checkpoint}: give the config that it belongs to, too.')
        config, checkpoint = zoo_model(model)
    cfg = config if isinstance(config, Config) else load_config(config)
    device = choose_device(device)
    init_default_scope(cfg.get('default_scope', 'mmseg'))
    built = build_model(cfg.model)
    refuse_partial_loads(built)
    loaded = {}
    if checkpoint is not None:
        loaded = load_checkpoint(built, str(checkpoint), map_location='cpu', logger='silent')
        _require_finite(built, checkpoint)
    built.dataset_meta = trained_classes(loaded) or class_metainfo(cfg)
    if isinstance(built, FusesFirst):
        built.test_cfg = ConfigDict(built.test_cfg, with_fused=False)  # `TorchEngine` keeps it
    built.cfg = cfg
    return tune_for_cpu(built.to(device).eval())


def load(
    config: str | os.PathLike | None,
    checkpoint: str | os.PathLike | None,
    model: str | None,
    device: str | None,
    threads: int | None,
) -> Model:
    """What `bffr.load` returns of what runs by torch; arguments as there and in `init_model`."""
    if threads is not None:
        torch.set_num_threads(threads)
    return as_model(init_model(config, checkpoint, device, model))


def fuse(
    model: nn.Module, vis: Image, ir: Image, stretch: bool = True, align: Rig | None = None
) -> np.ndarray:
    """Fuse a pair at its own size, see `bffr.Model.fuse`.

    Args:
        model: From `init_model`.
        vis: Visible image: file, or uint8 (H, W, 3), BGR; H, W >= 16.
        ir: Infrared image: file, or uint8 (H, W), or uint16 or float32, which are scaled as the
            config's test set is, see `InfraredScale`.
        stretch: Whether the result is stretched to the full range, as saved images are.
        align: Rig of the two cameras. Without it, the images must be aligned and have one size.

    Returns:
        np.ndarray: uint8 (H, W, 3), BGR.

    Raises:
        InputError: An image cannot be read or has the wrong type, the sizes differ, or they are
            too small for the network.
    """
    how = 'image' if stretch else 'none'
    return as_model(model, finds=False).fuse(vis, ir, align, stretch=how)


def segment(model: nn.Module, vis: Image, ir: Image, align: Rig | None = None) -> np.ndarray:
    """Segment a pair with the config's test pipeline (its resizing) and `test_cfg` (its windows).

    Args:
        model: A joint model from `init_model`.
        vis, ir, align: See `fuse`.

    Returns:
        np.ndarray: Labels, uint8 (H, W), at the size of what `fuse` returns; 255 where only the
            visible image reaches.

    Raises:
        InputError: The model is no joint model; else as `fuse`.
    """
    return as_model(model).segment(vis, ir, align)


def _require_finite(model: nn.Module, checkpoint: str | os.PathLike) -> None:
    for name, tensor in model.state_dict().items():
        if not torch.isfinite(tensor).all():
            raise InputError(
                f'{checkpoint}: {name} holds NaN or infinite values; give another checkpoint.'
            )
