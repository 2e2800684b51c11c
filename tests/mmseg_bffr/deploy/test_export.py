"""What is exported, compared and refused; no exporter runs, but where a test says so."""

import hashlib
import json
import re
import signal
import sys

import numpy as np
import pytest
import torch

import bffr
from bffr.errors import InputError, UsageError
from bffr.images.image_io import read_infrared, read_visible
from bffr.images.pair import Pair
from bffr.models.exported import FIELDS
from mmseg_bffr.apis import export, init_model
from mmseg_bffr.apis.config import load_config
from mmseg_bffr.apis.torch_engine import as_model
from mmseg_bffr.deploy import PairToImage, structured_pair
from tests.fake_models import FakeEngine

SIZES = [(32, 32), (33, 47), (75, 101)]


def whole(config, checkpoint):
    """The tiny joint model, which has windows, without them."""
    network = init_model(config, checkpoint, 'cpu')
    network.test_cfg.mode = 'whole'
    return network


@torch.no_grad()
def run(module, visible, infrared):
    """Call a `PairToImage` with a batch."""
    return [output.numpy() for output in module(*map(torch.from_numpy, (visible, infrared)))]


class TestPairToImage:
    @pytest.mark.parametrize('size', SIZES)
    def test_is_what_torch_runs(self, tiny_configs, checkpoints, size):
        network, (visible, infrared) = (
            whole(tiny_configs[1], checkpoints[1]),
            structured_pair(*size),
        )
        batch = np.stack([visible, visible[::-1]]), np.stack([infrared, infrared[::-1]])
        fused, labels = run(PairToImage(network, True), *batch)
        expected = as_model(network).engine.run(*batch, True)
        np.testing.assert_allclose(fused, expected[0], atol=1e-6)
        np.testing.assert_array_equal(labels, expected[1])
        (fused,) = run(PairToImage(network, False), *batch)
        np.testing.assert_allclose(fused, expected[0], atol=1e-6)

    def test_one_class_is_a_threshold(self, tiny_configs, checkpoints):
        cfg = load_config(tiny_configs[1])
        cfg.model.decode_head.update(num_classes=2, out_channels=1, threshold=0.4)
        cfg.model.decode_head.loss_decode.use_sigmoid = True
        cfg.model.test_cfg = dict(mode='whole')
        network = init_model(cfg, device='cpu')
        batch = [image[None] for image in structured_pair(48, 64)]
        _, labels = run(PairToImage(network, True), *batch)
        np.testing.assert_array_equal(labels, as_model(network).engine.run(*batch, True)[1])


def test_structured_pairs_differ_where_the_other_sees_nothing():
    visible, infrared = structured_pair(75, 101)
    assert (visible.shape, infrared.shape) == ((75, 101, 3), (75, 101))
    assert infrared[30, 30] - infrared[30, 80] > 100
    assert np.ptp(visible[70, 40:60, 1]) > 60


@pytest.fixture
def engine(monkeypatch):
    """Instead of a file, a module is kept; `spoil` changes what it returns."""

    class Engine:
        spoil = staticmethod(lambda outputs: outputs)

        def write(self, module, file):
            file.touch()
            self.module = module

        def quantise(self, file, pairs):
            self.calibration = pairs

        def load(self, folder, engine):
            metadata = json.loads((folder / 'model.json').read_text())
            outputs = lambda *batch: self.spoil(run(self.module, *batch))  # noqa: E731
            return bffr.Model(
                FakeEngine(lambda *batch: outputs(*batch)[0], lambda *batch: outputs(*batch)[1]),
                metadata,
            )

    engine = Engine()
    for name, replaced in (
        ('write_onnx', engine.write),
        ('quantise', engine.quantise),
        ('load_exported', engine.load),
    ):
        monkeypatch.setattr(sys.modules['mmseg_bffr.apis.export'], name, replaced)
    return engine


def darker(outputs):
    return [outputs[0] - np.float32(9 / 255), *outputs[1:]]


def other_labels(outputs):
    return [outputs[0], outputs[1] ^ 1]


class TestExport:
    @pytest.mark.slow
    def test_appears_with_metadata(self, engine, tiny_configs, checkpoints, tmp_path, capsys):
        out = tmp_path / 'new/model'
        export(tiny_configs[1], checkpoints[1], out, what='fuse+segment', whole=True)
        assert [path.name for path in out.parent.iterdir()] == ['model']
        assert sorted(path.name for path in out.iterdir()) == ['model.json', 'model.onnx']
        said = capsys.readouterr().out
        assert re.search(r'largest difference from torch: [01] grey level', said)
        # A pixel whose best two classes are equal up to rounding may differ.
        assert re.search(r'same labels (100\.000|99\.99\d)%', said)
        metadata = json.loads((out / 'model.json').read_text())
        assert metadata.keys() == FIELDS.keys() | {'boxes'}
        assert metadata['classes'][2] == 'person'
        assert metadata['palette'][2] == [64, 64, 0]
        assert metadata['channel_order'] == 'BGR'
        assert metadata['min_size'] == 32
        digest = hashlib.sha256(checkpoints[1].read_bytes()).hexdigest()
        assert metadata['checkpoint_sha256'] == digest

    def test_a_fuser_lists_no_classes_and_a_config_s_range_travels(
        self, engine, tiny_configs, checkpoints, tmp_path
    ):
        config = tmp_path / 'ranged.py'
        steps = (
            "[dict(type='LoadPair', infrared=dict(range=(7000, 9000))), dict(type='PackSegInputs')]"
        )
        config.write_text(
            f'_base_ = {str(tiny_configs[0])!r}\n'
            f'test_dataloader = dict(dataset=dict(pipeline={steps}))\n'
        )
        export(config, checkpoints[0], tmp_path / 'out')
        metadata = json.loads((tmp_path / 'out/model.json').read_text())
        assert (metadata['classes'], metadata['palette']) == ([], [])
        assert metadata['infrared'] == {'range': [7000, 9000]}
        assert metadata['min_size'] == 16

    @pytest.mark.slow
    @pytest.mark.parametrize('spoil', [darker, other_labels])
    def test_differences(self, engine, tiny_configs, checkpoints, tmp_path, spoil):
        engine.spoil = spoil
        with pytest.raises(InputError, match='differs from the original .* is not written'):
            export(
                *(tiny_configs[1], checkpoints[1], tmp_path / 'out'),
                **dict(what='fuse+segment', whole=True),
            )
        assert not list(tmp_path.iterdir())

    def test_half_precision(self, engine, tiny_configs, checkpoints, tmp_path, capsys):
        export(tiny_configs[0], checkpoints[0], tmp_path / 'out', precision='fp16')
        assert {p.dtype for p in engine.module.parameters()} == {torch.float16}
        assert 'labels' not in capsys.readouterr().out
        engine.spoil = darker
        with pytest.raises(InputError, match='differs from the original'):
            export(tiny_configs[0], checkpoints[0], tmp_path / 'spoilt', precision='fp16')
        assert [path.name for path in tmp_path.iterdir()] == ['out']

    @pytest.mark.slow
    @pytest.mark.parametrize('precision', ['fp32', 'fp16'])
    def test_by_the_real_exporter_and_engine(self, tiny_configs, checkpoints, tmp_path, precision):
        out = tmp_path / 'out'
        export(tiny_configs[0], checkpoints[0], out, precision=precision)
        exported, original = bffr.load(out), as_model(init_model(tiny_configs[0], checkpoints[0]))
        pair = Pair(*structured_pair(50, 61))
        difference = exported.run(pair)[0] - original.run(pair)[0]
        assert abs(difference).max() < 0.02
        assert (abs(difference).max() < 2e-4) == (precision == 'fp32')  # of rounded constants

    @pytest.mark.slow
    @pytest.mark.parametrize('name', ['content-t', 'content-xt'])
    def test_models_of_the_zoo_can_be_exported_again(self, tmp_path, name):
        export(None, None, tmp_path / 'out', model=name)
        exported, original = bffr.load(tmp_path / 'out'), as_model(init_model(model=name))
        pair = Pair(*structured_pair(50, 61))
        assert abs(exported.run(pair)[0] - original.run(pair)[0]).max() < 1e-3

    def test_nothing_stays_of_one_that_is_stopped(
        self, run_tool, tiny_configs, checkpoints, tmp_path, monkeypatch
    ):
        def stop(*_):
            assert len([*tmp_path.iterdir()]) == 1  # hidden, beside the place of the result
            signal.getsignal(signal.SIGTERM)(signal.SIGTERM, None)

        monkeypatch.setattr(sys.modules['mmseg_bffr.apis.export'], 'write_onnx', stop)
        before = signal.getsignal(signal.SIGTERM)
        try:
            words = tiny_configs[0], checkpoints[0], '--out', tmp_path / 'out'
            assert run_tool('export', *words) == 143
        finally:
            signal.signal(signal.SIGTERM, before)
        assert [*tmp_path.iterdir()] == []

    def test_calibration_pairs(self, engine, tiny_configs, checkpoints, tmp_path, synthetic):
        folders = synthetic / 'vis', synthetic / 'ir'
        names = (synthetic / 'val.txt').read_text().split()
        export(
            *(tiny_configs[0], checkpoints[0], tmp_path / 'out'),
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
        with pytest.raises(InputError, match='--vis and --ir are for --precision int8'):
            export(tiny_configs[0], checkpoints[0], tmp_path / 'out', **what)

    def test_refusals(self, engine, tiny_configs, checkpoints, tmp_path):
        fuser, joint = (tiny_configs[0], checkpoints[0]), (tiny_configs[1], checkpoints[1])
        (tmp_path / 'full').mkdir()
        (tmp_path / 'full/file').touch()
        with pytest.raises(InputError, match='full: is there already; remove it'):
            export(*fuser, tmp_path / 'full')
        with pytest.raises(InputError, match='bf16: only OpenVINO computes in it; add --engine'):
            export(*fuser, tmp_path / 'out', precision='bf16')
        with pytest.raises(UsageError, match='--whole is for label maps'):
            export(*joint, tmp_path / 'out', whole=True)
        with pytest.raises(InputError, match='This model only fuses; to segment, use one that'):
            export(*fuser, tmp_path / 'out', what='fuse+segment')
        with pytest.raises(InputError, match=r'tiny_joint\.py: segments windows .* --whole'):
            export(*joint, tmp_path / 'out', what='fuse+segment')
        assert [path.name for path in tmp_path.iterdir()] == ['full']

    def test_resized_images(self, engine, tiny_configs, checkpoints, tmp_path):
        cfg = load_config(tiny_configs[1])
        cfg.model.test_cfg = dict(mode='whole')
        resize = dict(type='Resize', scale=(64, 48))
        cfg.test_dataloader.dataset.pipeline.insert(1, resize)
        with pytest.raises(InputError, match='segments windows or resized images'):
            export(cfg, checkpoints[1], tmp_path / 'out', what='fuse+segment')

    @pytest.mark.parametrize('absent', ['onnx', 'onnxscript'])
    def test_without_the_extra(self, tiny_configs, checkpoints, tmp_path, monkeypatch, absent):
        monkeypatch.setattr('bffr.errors.find_spec', lambda name: name != absent or None)
        with pytest.raises(InputError, match=rf'{absent} is not installed; .*bffr\[mmseg'):
            export(tiny_configs[0], checkpoints[0], tmp_path / 'out')
        assert not list(tmp_path.iterdir())
