"""What is timed: fusing, segmenting and training on random images."""

import copy
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from mmengine.config import Config
from mmengine.optim import build_optim_wrapper
from mmengine.structures import PixelData
from mmseg.structures import SegDataSample
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from mmseg_bffr.apis.inference import fuse
from mmseg_bffr.errors import InputError
from mmseg_bffr.models import BaseFuser

Shape = tuple[int, int]


@dataclass
class Case:
    """A function to time.

    Attributes:
        name: In the table.
        run: The function.
        images: Pairs that one call processes.
        gflop: Cost of a call as it is computed, multiply and add counted apart; backward counted
            as twice forward.
    """

    name: str
    run: Callable
    images: int
    gflop: float | None = None


def network_gflop(network: nn.Module, batch: int, shape: Shape) -> float:
    """GFLOP of a network's forward on (batch, 4, *shape), counted without computing anything."""
    network = copy.deepcopy(network).to('meta').eval()
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network(torch.empty(batch, 4, *shape, device='meta'))
    return counter.get_total_flops() / 1e9


def fuse_cases(model: nn.Module, batch: int, shape: Shape) -> list[Case]:
    """Fusing with the Python API; a batch, with the network that is behind it."""
    fuser = getattr(model, 'fuser', model)
    if not isinstance(fuser, BaseFuser):
        raise InputError('--mode fuse needs the config of a fuser or a joint model.')
    rng = np.random.default_rng(0)
    vis = rng.integers(0, 256, (*shape, 3), dtype=np.uint8)
    ir = rng.integers(0, 256, shape, dtype=np.uint8)
    inputs = _inputs(model, batch, shape)
    gflop = network_gflop(fuser, batch, shape)
    alone = torch.no_grad()(lambda: fuser(inputs))
    run = (lambda: fuse(model, vis, ir)) if batch == 1 else alone
    return [Case('fuse', run, batch, gflop)]


def segment_cases(model: nn.Module, batch: int, shape: Shape) -> list[Case]:
    """Testing the segmenter as `test_cfg` says, and the network alone on as many windows."""
    if not hasattr(model, 'decode_head'):
        raise InputError('--mode segment needs the config of a joint model.')
    model.test_cfg.with_fused = False  # as in `segment_dataset`
    sample = {'ori_shape': shape, 'img_shape': shape, 'pad_shape': shape}
    data = {
        'inputs': _images(batch, shape),
        'data_samples': [SegDataSample(metainfo=dict(sample)) for _ in range(batch)],
    }
    window, count = shape, 1
    if model.test_cfg.mode == 'slide':
        sizes = zip(shape, model.test_cfg.crop_size, model.test_cfg.stride, strict=True)
        counts = [max(size - crop + step - 1, 0) // step + 1 for size, crop, step in sizes]
        window = tuple(map(min, shape, model.test_cfg.crop_size))
        count = counts[0] * counts[1]
    crops = _inputs(model, batch, window)

    @torch.no_grad()
    def segment():
        model.test_step(copy.deepcopy(data))

    @torch.no_grad()
    def windows():
        for _ in range(count):
            model(crops)

    gflop = count * network_gflop(model, batch, window)
    return [
        Case('segment', segment, batch, gflop),
        Case(f'network, {count} windows', windows, batch, gflop),
    ]


def train_cases(model: nn.Module, batch: int, shape: Shape, cfg: Config) -> list[Case]:
    """One iteration of the config's training."""
    model.train()
    optim_wrapper = build_optim_wrapper(model, cfg.optim_wrapper)
    train_step = model.train_step
    if cfg.get('compile'):  # as in `train`
        optim_wrapper.update_params = torch.compiler.disable(optim_wrapper.update_params)
        options = cfg.compile if isinstance(cfg.compile, dict) else {}
        train_step = torch.compile(train_step, **options)
    model.data_preprocessor.size = shape
    data = {
        'inputs': _images(batch, shape),
        'data_samples': [
            SegDataSample(gt_sem_seg=PixelData(data=torch.randint(0, 9, (1, *shape))))
            for _ in range(batch)
        ],
    }
    gflop = 3 * network_gflop(model, batch, shape)

    def step():
        train_step(copy.deepcopy(data), optim_wrapper)

    return [Case('train', step, batch, gflop)]


def _images(batch: int, shape: Shape) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return list(torch.randint(0, 256, (batch, 4, *shape), dtype=torch.uint8, generator=generator))


def _inputs(model: nn.Module, batch: int, shape: Shape) -> torch.Tensor:
    return torch.stack(_images(batch, shape)).to(next(model.parameters()).device) / 255
