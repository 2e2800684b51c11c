"""What is exported, compared and refused; no exporter runs."""

import hashlib
import sys

import numpy as np
import pytest
import torch
from bffr.images.load_pair import load_pair

import bffr
from bffr.errors import InputError
from bffr.images.image_io import read_infrared, read_visible
from mmseg_bffr.apis import export, fuse, init_model, segment
from mmseg_bffr.apis.config import load_config
from mmseg_bffr.apis.inference import fuse_unclamped
from mmseg_bffr.deploy import PairToImage, structured_pair

SIZES = [(32, 32), (33, 47), (75, 101)]


def whole(config, checkpoint):
    """The tiny joint model, which has windows, without them."""
    model = init_model(config, checkpoint, 'cpu')
    model.test_cfg.mode = 'whole'
    return model


@torch.no_grad()
def run(module, visible, infrared, stretch):
    """Call a `PairToImage` with arrays."""
    outputs = module(*map(torch.from_numpy, (visible, infrared)), torch.tensor(bool(stretch)))
    return [output.numpy() for output in outputs]


class TestPairToImage:
    @pytest.mark.parametrize('size', SIZES)
    @pytest.mark.parametrize('stretch', [True, False])
    def test_is_fuse_and_segment(self, tiny_configs, checkpoints, size, stretch):
        model, pair = whole(tiny_configs[1], checkpoints[1]), structured_pair(*size)
        fused, unclamped, labels = run(PairToImage(model, True), *pair, stretch)
        np.testing.assert_array_equal(fused, fuse(model, *pair, stretch))
        np.testing.assert_allclose(unclamped, fuse_unclamped(model, load_pair(*pair)), atol=1e-6)
        np.testing.assert_array_equal(labels, segment(model, *pair))

    def test_of_a_fuser(self, tiny_configs, checkpoints):
        model, pair = init_model(tiny_configs[0], checkpoints[0], 'cpu'), structured_pair(16, 17)
        fused, _ = run(PairToImage(model, False), *pair, True)
        np.testing.assert_array_equal(fused, fuse(model, *pair))


def test_structured_pairs_differ_where_the_other_sees_nothing():
    visible, infrared = structured_pair(75, 101)
    assert (visible.shape, infrared.shape) == ((75, 101, 3), (75, 101))
    assert infrared[30, 30] - infrared[30, 80] > 100
    assert np.ptp(visible[70, 40:60, 1]) > 60


@pytest.fixture
def engine(monkeypatch):
    """Instead of a file for ONNX Runtime, a module is kept; `spoil` changes what it returns."""

    class Engine:
        spoil = staticmethod(lambda outputs: outputs)

        def write(self, module, folder, metadata, calibration):
            (folder / 'model.onnx').touch()
            self.module, self.metadata = module, {**metadata, 'min_size': 32}
            self.calibration = calibration

        def load(self, folder):
            return bffr.ExportedModel(
                lambda inputs: self.spoil(run(self.module, **inputs)), self.metadata
            )

    engine = Engine()
    monkeypatch.setitem(sys.modules['mmseg_bffr.apis.export']._WRITERS, 'onnx', engine.write)
    monkeypatch.setattr(bffr, 'load', engine.load)
    return engine


def darker(outputs):
    return [np.maximum(outputs[0], 9) - 9, *outputs[1:]]


def other_labels(outputs):
    return [*outputs[:2], outputs[2] ^ 1]


class TestExport:
    @pytest.mark.slow
    def test_appears_with_metadata(self, engine, tiny_configs, checkpoints, tmp_path, capsys):
        out = tmp_path / 'new/model'
        what = dict(what='fuse+segment', whole=True)
        export(tiny_configs[1], checkpoints[1], out, 'onnx', **what)
        assert [path.name for path in out.parent.iterdir()] == ['model']
        assert [path.name for path in out.iterdir()] == ['model.onnx']
        said = 'largest difference to torch: 0 grey level(s), PSNR inf dB, same labels 100.000%'
        assert said in capsys.readouterr().out
        assert engine.metadata['outputs'] == ['fused', 'unclamped', 'labels']
        assert engine.metadata['classes'][2] == 'person'
        assert engine.metadata['palette'][2] == [64, 64, 0]
        assert engine.metadata['channel_order'] == 'BGR'
        digest = hashlib.sha256(checkpoints[1].read_bytes()).hexdigest()
        assert engine.metadata['checkpoint_sha256'] == digest

    @pytest.mark.slow
    @pytest.mark.parametrize('spoil', [darker, other_labels])
    def test_differences(self, engine, tiny_configs, checkpoints, tmp_path, spoil):
        engine.spoil = spoil
        with pytest.raises(InputError, match='differs from the original .* is not written'):
            export(
                *(tiny_configs[1], checkpoints[1], tmp_path / 'out', 'onnx'),
                **dict(what='fuse+segment', whole=True),
            )
        assert not list(tmp_path.iterdir())

    @pytest.mark.slow
    def test_half_precision(self, engine, tiny_configs, checkpoints, tmp_path, capsys):
        export(tiny_configs[0], checkpoints[0], tmp_path / 'out', 'onnx', precision='fp16')
        assert {p.dtype for p in engine.module.parameters()} == {torch.float16}
        assert engine.metadata['precision'] == 'fp16'
        assert 'labels' not in capsys.readouterr().out
        engine.spoil = darker
        with pytest.raises(InputError, match='differs from the original'):
            export(tiny_configs[0], checkpoints[0], tmp_path / 'spoilt', 'onnx', precision='fp16')
        assert [path.name for path in tmp_path.iterdir()] == ['out']

    def test_calibration_pairs(self, engine, tiny_configs, checkpoints, tmp_path, synthetic):
        folders = synthetic / 'vis', synthetic / 'ir'
        names = (synthetic / 'val.txt').read_text().split()
        export(
            *(tiny_configs[0], checkpoints[0], tmp_path / 'out', 'onnx'),
            **dict(precision='int8', calibration=folders, split=synthetic / 'val.txt'),
        )
        assert len(engine.calibration) == len(names)
        for name, (visible, infrared) in zip(names, engine.calibration, strict=True):
            np.testing.assert_array_equal(visible, read_visible(folders[0] / f'{name}.png'))
            np.testing.assert_array_equal(infrared, read_infrared(folders[1] / f'{name}.png'))

    @pytest.mark.parametrize(
        'what', [dict(precision='int8'), dict(precision='fp32', calibration=('vis', 'ir'))]
    )
    def test_int8_alone_calibrates(self, engine, tiny_configs, checkpoints, tmp_path, what):
        with pytest.raises(InputError, match='int8, and no other, needs --vis and --ir'):
            export(tiny_configs[0], checkpoints[0], tmp_path / 'out', 'onnx', **what)

    def test_refusals(self, engine, tiny_configs, checkpoints, tmp_path):
        fuser, joint = (tiny_configs[0], checkpoints[0]), (tiny_configs[1], checkpoints[1])
        (tmp_path / 'full').mkdir()
        (tmp_path / 'full/file').touch()
        with pytest.raises(InputError, match='full: is there already; remove it'):
            export(*fuser, tmp_path / 'full', 'onnx')
        with pytest.raises(
            InputError, match='bf16: with --format onnx there is fp32, fp16, int8 only'
        ):
            export(*fuser, tmp_path / 'out', 'onnx', precision='bf16')
        with pytest.raises(InputError, match='needs the config of a joint model'):
            export(*fuser, tmp_path / 'out', 'onnx', what='fuse+segment')
        with pytest.raises(InputError, match=r'tiny_joint\.py: segments in windows .* --whole'):
            export(*joint, tmp_path / 'out', 'onnx', what='fuse+segment')
        assert [path.name for path in tmp_path.iterdir()] == ['full']

    def test_resized_images(self, engine, tiny_configs, checkpoints, tmp_path):
        cfg = load_config(tiny_configs[1])
        cfg.model.test_cfg = dict(mode='whole')
        resize = dict(type='Resize', scale=(64, 48))
        cfg.test_dataloader.dataset.pipeline.insert(1, resize)
        with pytest.raises(InputError, match='segments in windows or resized images'):
            export(cfg, checkpoints[1], tmp_path / 'out', 'onnx', what='fuse+segment')

    @pytest.mark.parametrize(
        ('file_format', 'absent'), [('onnx', 'onnxscript'), ('openvino', 'openvino')]
    )
    def test_without_the_extra(
        self, tiny_configs, checkpoints, tmp_path, monkeypatch, file_format, absent
    ):
        def find_spec(name):
            return None if name == absent else True

        monkeypatch.setattr('bffr.errors.find_spec', find_spec)
        with pytest.raises(InputError, match=rf'{absent} is not installed; .*bffr\[{file_format}'):
            export(tiny_configs[0], checkpoints[0], tmp_path / 'out', file_format)
        assert not list(tmp_path.iterdir())
