"""The Python interface: a model, a pair in, an image or a label map out."""

import os

import numpy as np
import torch
from mmengine.config import Config, ConfigDict
from mmengine.dataset import Compose
from mmengine.registry import init_default_scope
from mmengine.runner import load_checkpoint
from torch import nn

from bffr_runtime.load_pair import Image, load_pair, whole_image
from bffr_runtime.rig import Rig
from bffr_runtime.stretch import own_range, to_8_bit, whole_range
from bffr_runtime.thermal import InfraredScale
from mmseg_bffr.apis.config import build_model, load_config
from mmseg_bffr.apis.cpu import tune_for_cpu
from mmseg_bffr.apis.device import choose_device
from mmseg_bffr.apis.zoo import zoo_model
from mmseg_bffr.checkpoints import refuse_partial_loads, safe_loading, trained_classes
from mmseg_bffr.datasets.dataset_configs import base_datasets, class_metainfo, infrared_arguments
from mmseg_bffr.errors import InputError
from mmseg_bffr.models import BaseFuser, FuserSegmenter
from mmseg_bffr.models.fuser_segmenter import outputs_of


@safe_loading()
def init_model(
    config: str | os.PathLike | Config | None = None,
    checkpoint: str | os.PathLike | None = None,
    device: str | torch.device | None = None,
    model: str | None = None,
) -> nn.Module:
    """Build a fuser or a joint model for inference; without arguments, the zoo's default model.

    A config in Python is code that is run, so take only configs that you trust. Checkpoints are
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
            given without its config, the zoo's model is not there or named beside a config, or
            there is no such device.
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
    built.dataset_meta = trained_classes(loaded) or class_metainfo(cfg)
    if isinstance(built, FuserSegmenter):
        # `fuse_unclamped_and_segment` keeps the fused image itself.
        built.test_cfg = ConfigDict(built.test_cfg, with_fused=False)
    built.cfg = cfg
    return tune_for_cpu(built.to(device).eval())


def fuse(
    model: nn.Module, vis: Image, ir: Image, stretch: bool = True, align: Rig | None = None
) -> np.ndarray:
    """Fuse a pair at its own size.

    Args:
        model: From `init_model`.
        vis: Visible image: file, or uint8 (H, W, 3), BGR; H, W >= 16.
        ir: Infrared image: file, or uint8 (H, W), or uint16 or float32, which are scaled as the
            config's test set is, see `InfraredScale`.
        stretch: Whether the result is stretched to the full range, as saved images are.
        align: Rig that the images are of, which may then have two sizes; otherwise they are taken
            for aligned.

    Returns:
        np.ndarray: uint8 (H, W, 3), BGR.

    Raises:
        InputError: An image cannot be read or has the wrong type, the sizes differ, or they are
            too small for the network.
    """
    fused = fuse_unclamped(model, load_pair(vis, ir, infrared_scale(model), align))
    fused = to_8_bit(fused, *(own_range(fused) if stretch else whole_range(fused)))
    return whole_image(fused, vis, align)


def infrared_scale(model: object) -> InfraredScale:
    """How raw infrared becomes 8 bit: as the config of a model says, if it has one."""
    return InfraredScale(**infrared_arguments(getattr(model, 'cfg', {})))


@torch.inference_mode()
def fuse_unclamped(model: nn.Module, pair: np.ndarray) -> np.ndarray:
    """What `fuse` makes 8 bit of, of what `load_pair` gives: float32 (H, W, 3), BGR, about 0..1."""
    fuser = getattr(model, 'fuser', model)
    if not isinstance(fuser, BaseFuser):
        raise InputError('This model does not fuse; give the config of a fuser or a joint model.')
    channels_first = torch.from_numpy(pair).permute(2, 0, 1)
    inputs = model.data_preprocessor({'inputs': [channels_first]})['inputs']
    return _as_array(fuser(inputs))


def segment(model: nn.Module, vis: Image, ir: Image, align: Rig | None = None) -> np.ndarray:
    """Segment a pair with the config's test pipeline (its resizing) and `test_cfg` (its windows).

    Args:
        model: A joint model from `init_model`.
        vis: Visible image: file, or uint8 (H, W, 3), BGR.
        ir: Infrared image: file, or uint8 (H, W), or uint16 or float32, which are scaled as the
            config's test set is, see `InfraredScale`.
        align: See `fuse`.

    Returns:
        np.ndarray: Labels, uint8 (H, W), at the size of what `fuse` returns; 255 where only the
            visible image reaches.

    Raises:
        InputError: The model is no joint model; else as `fuse`.
    """
    require_segmenter(model)
    labels = _segment_pair(model, load_pair(vis, ir, infrared_scale(model), align))
    return align.complete_labels(labels) if align else labels


@torch.inference_mode()
def _segment_pair(model: nn.Module, pair: np.ndarray) -> np.ndarray:
    steps = next(base_datasets(model.cfg.test_dataloader.dataset)).pipeline
    pipeline = Compose([step for step in steps if step['type'] not in ('LoadPair', 'LoadLabels')])
    shape = pair.shape[:2]
    data = pipeline({'img': pair, 'img_shape': shape, 'ori_shape': shape})
    (result,) = model.test_step({key: [value] for key, value in data.items()})
    return result.pred_sem_seg.data[0].cpu().numpy().astype(np.uint8)


def fuse_unclamped_and_segment(model: nn.Module, pair: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What `fuse_unclamped` and `segment` return, of one run of the fuser where it can do both."""
    require_segmenter(model)
    with outputs_of(model.fuser) as fused:
        labels = _segment_pair(model, pair)
    if len(fused) == 1 and fused[0].shape[2:] == labels.shape:
        return _as_array(fused[0]), labels
    return fuse_unclamped(model, pair), labels


def _as_array(fused: torch.Tensor) -> np.ndarray:
    """The first of (N, 3, H, W) as float32 (H, W, 3)."""
    return np.ascontiguousarray(fused[0].float().permute(1, 2, 0).cpu().numpy())


def require_segmenter(model: nn.Module) -> None:
    """Refuse a model that `segment` does not take.

    Raises:
        InputError: The model is no joint model.
    """
    if not isinstance(model, FuserSegmenter):
        raise InputError('Segmenting a pair needs the config of a joint model.')
