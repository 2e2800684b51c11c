"""Files that were really exported, run by their engines through the public interface."""

import os
import re
import subprocess
import sys

import numpy as np
import pytest
import torch

import bffr
from bffr.errors import InputError
from bffr.fusing.fuse_options import FuseOptions
from bffr.images.image_io import read_image
from bffr.images.matching import match_stems
from mmseg_bffr.apis import export, fuse, fuse_files, init_model, segment
from mmseg_bffr.deploy import structured_pair
from tests.bffr.test_without_torch import BLOCKED

pytestmark = pytest.mark.slow


@pytest.fixture(scope='module')
def checkpoints(checkpoints, tmp_path_factory):
    """The same with random norms, which are folded."""
    folder = tmp_path_factory.mktemp('norms')
    for path in checkpoints:
        weights = torch.load(path)['state_dict']
        for name, value in weights.items():
            if re.search(r'(visible|infrared)\.norm\.', name):
                value.uniform_(0.5, 1.5)
        torch.save({'state_dict': weights}, folder / path.name)
    return tuple(folder / path.name for path in checkpoints)


@pytest.fixture(scope='module')
def folders(tiny_configs, checkpoints, tmp_path_factory):
    """The tiny joint model, exported for each engine when it is asked for."""
    made = {}

    def folder(file_format):
        pytest.importorskip('onnxscript')
        pytest.importorskip({'onnx': 'onnxruntime'}.get(file_format, file_format))
        if file_format not in made:
            out = tmp_path_factory.mktemp('exported') / file_format
            what = dict(what='fuse+segment', whole=True)
            export(tiny_configs[1], checkpoints[1], out, file_format, **what)
            made[file_format] = out
        return made[file_format]

    return folder


@pytest.fixture
def model(tiny_configs, checkpoints):
    model = init_model(tiny_configs[1], checkpoints[1], 'cpu')
    model.test_cfg.mode = 'whole'
    return model


@pytest.mark.parametrize('file_format', ['onnx', 'openvino'])
class TestEngines:
    def test_sizes_in_any_order(self, folders, model, file_format):
        exported = bffr.load(folders(file_format))
        for size in [(32, 32), (120, 77), (33, 47), (96, 200), (32, 32)]:
            pair = structured_pair(*size)
            for stretch in (True, False):
                expected = fuse(model, *pair, stretch)
                assert np.abs(exported.fuse(*pair, stretch).astype(int) - expected).max() <= 1
            assert (exported.segment(*pair) == segment(model, *pair)).mean() >= 0.9999

    @pytest.mark.parametrize('stretch', ['image', 'sequence'])
    def test_files_are_fused_as_by_torch(
        self, folders, model, synthetic, tmp_path, file_format, stretch
    ):
        options = FuseOptions(seg=True, stretch=stretch)
        for name, by in (('exported', bffr.load(folders(file_format))), ('torch', model)):
            fuse_files(by, synthetic / 'vis', synthetic / 'ir', tmp_path / name, options)
        files = match_stems(tmp_path / 'exported', tmp_path / 'torch')
        assert len(files) == 2 * 12
        for stem, *pair in files:
            got, expected = (read_image(file).astype(int) for file in pair)
            if stem.endswith('_labels'):
                assert (got == expected).mean() >= 0.9999
            else:
                assert np.abs(got - expected).max() <= 1

    def test_smallest_size(self, folders, file_format):
        exported = bffr.load(folders(file_format))
        assert exported.metadata['min_size'] == 32
        with pytest.raises(InputError, match='at least 32x32 pixels, not 31x40'):
            exported.fuse(*structured_pair(31, 40))

    def test_without_torch(self, folders, root, file_format):
        code = 'import bffr, numpy as np\n' + (
            f'model = bffr.load({str(folders(file_format))!r})\n'
            'print(model.fuse(np.full((40, 50, 3), 9, np.uint8), np.eye(40, 50, dtype=np.uint8))'
            '.shape, model.metadata["classes"][2])'
        )
        process = subprocess.run(
            [sys.executable, '-c', BLOCKED + code],
            env={**os.environ, 'PYTHONPATH': str(root / 'runtime')},
            capture_output=True,
            text=True,
        )
        assert process.stdout == '(40, 50, 3) person\n', process.stderr

    def test_quantised(self, tiny_configs, checkpoints, tmp_path, synthetic, file_format):
        pytest.importorskip('nncf')
        pytest.importorskip({'onnx': 'onnxruntime'}.get(file_format, file_format))
        export(
            *(tiny_configs[0], checkpoints[0], tmp_path / 'out', file_format),
            **dict(precision='int8', calibration=(synthetic / 'vis', synthetic / 'ir')),
        )
        exported = bffr.load(tmp_path / 'out')
        fused = exported.fuse(*structured_pair(48, 64), False).astype(int)
        expected = fuse(
            init_model(tiny_configs[0], checkpoints[0], 'cpu'), *structured_pair(48, 64), False
        )
        assert np.abs(fused - expected).max() > 0
        assert exported.metadata['precision'] == 'int8'

    def test_damaged_file(self, folders, tmp_path, file_format):
        (name,) = (path.name for path in folders(file_format).glob('model.[ox]*'))
        (tmp_path / name).write_text('no model')
        with pytest.raises(InputError, match=rf'{name}: is damaged or not from tools/export\.py'):
            bffr.load(tmp_path)
