"""Exported models as their users see them; the engine is a function."""

import sys

import numpy as np
import pytest

from bffr import ExportedModel, InputError, load
from bffr.images.image_io import write_png

VISIBLE = np.arange(20 * 30 * 3, dtype=np.uint8).reshape(20, 30, 3)
INFRARED = VISIBLE[..., 1] ^ 255


def model(*outputs):
    """Fuses to the visible image, with `stretch` in its corner; infrared as labels."""

    def run(inputs):
        assert all(array.flags.c_contiguous for array in inputs.values())
        fused = inputs['visible'].copy()
        fused[0, 0] = inputs['stretch']
        return [fused, fused / np.float32(255), inputs['infrared']][: len(outputs)]

    return ExportedModel(run, {'outputs': outputs, 'min_size': 16})


def test_arrays_and_files(tmp_path):
    write_png(tmp_path / 'vis.png', VISIBLE)
    write_png(tmp_path / 'ir.png', INFRARED)
    exported = model('fused', 'unclamped', 'labels')
    for pair in ((VISIBLE, INFRARED), (tmp_path / 'vis.png', str(tmp_path / 'ir.png'))):
        for stretch in (True, False):
            fused = exported.fuse(*pair, stretch)
            assert (fused[0, 0] == stretch).all()
            np.testing.assert_array_equal(fused[1:], VISIBLE[1:])
        np.testing.assert_array_equal(exported.segment(*pair), INFRARED)


def test_refusals(tmp_path):
    with pytest.raises(InputError, match='at least 16x16 pixels, not 20x15'):
        model('fused', 'unclamped').fuse(VISIBLE[:, :15], INFRARED[:, :15])
    with pytest.raises(InputError, match='only fuses; export it with --what fuse.segment'):
        model('fused', 'unclamped').segment(VISIBLE, INFRARED)
    with pytest.raises(InputError, match=r'holds neither model\.onnx nor model\.xml'):
        load(tmp_path)


@pytest.mark.parametrize(
    ('file', 'engine', 'extra'),
    [('model.onnx', 'onnxruntime', 'onnx'), ('model.xml', 'openvino', 'openvino')],
)
def test_engine_that_is_not_installed(tmp_path, monkeypatch, file, engine, extra):
    (tmp_path / file).touch()
    monkeypatch.setitem(sys.modules, engine, None)
    with pytest.raises(InputError, match=rf'{engine} is not installed; .*runtime\[{extra}\]'):
        load(tmp_path)
