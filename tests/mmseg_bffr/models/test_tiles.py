"""Fusers that images may be cut for: how far they reach, and that tiles make the whole image."""

import numpy as np
import pytest
import torch
from torch import nn

from bffr.models.tiles import Tiles, fuse_in_tiles
from mmseg_bffr.apis import init_model
from mmseg_bffr.apis.torch_engine import TorchEngine
from mmseg_bffr.models import IFCNN, BlockFuser, DenseFuse, SeAFusion

PREPROCESSOR = dict(type='mmseg.SegDataPreProcessor', mean=[0.0], std=[255.0])
FUSERS = {
    'TransFuser': lambda data_preprocessor: init_model(model='content-t', device='cpu'),
    'BlockFuser': lambda **more: BlockFuser(channels=6, layers=2, **more),
    'DenseFuse': DenseFuse,
    'IFCNN': IFCNN,
    'SeAFusion': SeAFusion,
}


@pytest.fixture(params=FUSERS)
def fuser(request) -> nn.Module:
    return FUSERS[request.param](data_preprocessor=PREPROCESSOR).eval()


def unknown_beyond(fuser, axis, first):
    """How many rows or columns before a cut feel that pixels beyond it are NaN."""
    cut, shape = 128, [1, 4, 16, 16]
    shape[axis] = 2 * cut
    image = torch.rand(shape)
    image.narrow(axis, 0 if first else cut, cut).fill_(torch.nan)
    sums = fuser.sums(torch.rand(1, 4, 16, 16), torch.tensor([0, 16, 0, 16]))
    fused = fuser.fuse(image, *[sums] * bool(sums.numel()))
    known = fused.isfinite().all(1)[0].all(3 - axis).nonzero()
    return int(known.min()) - cut if first else cut - 1 - int(known.max())


@torch.no_grad()
def test_reach_is_measured(fuser):
    measured = [unknown_beyond(fuser, axis, first) for axis in (2, 3) for first in (False, True)]
    assert max(measured) == fuser.tiles.reach


def test_tiles_make_the_whole_image(fuser):
    engine, (step, reach) = TorchEngine(fuser), fuser.tiles
    rng = np.random.default_rng(0)
    visible = rng.integers(0, 256, (181, 99, 3), np.uint8)
    infrared = rng.integers(0, 256, (181, 99), np.uint8)
    whole = engine.run(visible[None], infrared[None], False)[0][0]
    side = 2 * reach + 32
    tiled = fuse_in_tiles(engine, visible, infrared, fuser.tiles, side)
    np.testing.assert_allclose(tiled, whole, rtol=0, atol=2e-6)
    torn = fuse_in_tiles(engine, visible, infrared, Tiles(step, reach // 4), side) - whole
    assert abs(torn).max() > 1e-4
