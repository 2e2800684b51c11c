"""Files that were really exported, run by the engines through the public interface."""

import re

import numpy as np
import pytest
import torch

import bffr
from bffr.fusing.fuse_files import fuse_files
from bffr.fusing.fuse_options import FuseOptions
from bffr.images.image_io import read_image
from bffr.images.matching import match_stems
from bffr.images.pair import Pair
from bffr.models.engines import ENGINES
from bffr.models.tiles import Tiles, fuse_in_tiles
from mmseg_bffr.apis import export, init_model
from mmseg_bffr.apis.torch_engine import as_model
from mmseg_bffr.deploy import structured_pair
from tests.mmseg_bffr.deploy.conftest import random_checkpoints

pytestmark = pytest.mark.slow


@pytest.fixture(scope='module')
def checkpoints(tiny_configs, tmp_path_factory):
    """Random weights, with random norms, which are folded."""
    paths = random_checkpoints(tiny_configs, tmp_path_factory.mktemp('random'))
    for path in paths:
        weights = torch.load(path)['state_dict']
        for name, value in weights.items():
            if re.search(r'(visible|infrared)\.norm\.', name):
                value.uniform_(0.5, 1.5)
        torch.save({'state_dict': weights}, path)
    return paths


@pytest.fixture(scope='module')
def folder(tiny_configs, checkpoints, tmp_path_factory):
    """The tiny joint model, exported."""
    out = tmp_path_factory.mktemp('exported') / 'joint'
    export(tiny_configs[1], checkpoints[1], out, what='fuse+segment', whole=True)
    return out


@pytest.fixture
def original(tiny_configs, checkpoints):
    network = init_model(tiny_configs[1], checkpoints[1], 'cpu')
    network.test_cfg.mode = 'whole'
    return as_model(network)


@pytest.fixture(params=ENGINES)
def engine(request):
    return pytest.importorskip(request.param) and request.param


def test_sizes_in_any_order(folder, original, engine):
    exported = bffr.load(folder, engine=engine)
    for size in [(32, 32), (120, 77), (33, 47), (96, 200), (32, 32)]:
        pair = structured_pair(*size)
        for stretch in ('image', 'none'):
            expected = original.fuse(*pair, stretch=stretch).astype(int)
            assert np.abs(exported.fuse(*pair, stretch=stretch) - expected).max() <= 1
        assert (exported.segment(*pair) == original.segment(*pair)).mean() >= 0.9999


@pytest.mark.parametrize('precision', ['fp32', 'fp16'])
def test_tiles_make_the_whole_image(tiny_configs, checkpoints, tmp_path, engine, precision):
    export(tiny_configs[0], checkpoints[0], tmp_path / 'out', precision=precision)
    model, pair = bffr.load(tmp_path / 'out', engine=engine), structured_pair(193, 231)
    whole = model.run(Pair(*pair))[0]
    tiled = fuse_in_tiles(model.engine, *pair, Tiles(*model.metadata['tiles']), side=200)
    np.testing.assert_allclose(tiled, whole, rtol=0, atol=2e-6 if precision == 'fp32' else 2e-3)


@pytest.mark.parametrize('stretch', ['image', 'sequence'])
def test_files_are_fused_as_by_torch(folder, original, synthetic, tmp_path, engine, stretch):
    options = FuseOptions(seg=True, stretch=stretch)
    for name, model in (('exported', bffr.load(folder, engine=engine)), ('torch', original)):
        fuse_files(model, synthetic / 'vis', synthetic / 'ir', tmp_path / name, options)
    files = match_stems(tmp_path / 'exported', tmp_path / 'torch')
    assert len(files) == 2 * 12
    for stem, *pair in files:
        got, expected = (read_image(file).astype(int) for file in pair)
        if stem.endswith('_labels'):
            assert (got == expected).mean() >= 0.9999
        else:
            assert np.abs(got - expected).max() <= 1


def test_quantised(tiny_configs, checkpoints, tmp_path, synthetic, engine):
    pytest.importorskip('nncf')
    calibration = synthetic / 'vis', synthetic / 'ir'
    files = tiny_configs[0], checkpoints[0], tmp_path / 'out'
    export(*files, precision='int8', calibration=calibration, engine=engine)
    exported, pair = bffr.load(tmp_path / 'out', engine=engine), Pair(*structured_pair(48, 64))
    original = as_model(init_model(tiny_configs[0], checkpoints[0], 'cpu'))
    assert np.abs(exported.run(pair)[0] - original.run(pair)[0]).max() > 2e-5
    assert exported.metadata['precision'] == 'int8'
