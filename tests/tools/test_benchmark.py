"""tools/analysis_tools/benchmark.py: every mode runs, and says what it should."""

import json
import shutil
import subprocess
import sys

import numpy as np
import pytest
import torch

import bffr
from bffr.errors import InputError
from tests.fake_models import mean_model


@pytest.fixture
def describe(root, monkeypatch):
    monkeypatch.syspath_prepend(root / 'tools/analysis_tools')
    from benchmark_case import describe

    def described(config, mode='fuse', batch=2, shape=(64, 96), cfg_options=()):
        case = dict(config=config, mode=mode, batch=batch, shape=shape, cfg_options=cfg_options)
        function, about = describe({**case, 'device': 'cpu', 'checkpoint': None, 'gemm': 100})
        function()
        return about

    threads = torch.get_num_threads()
    yield described
    torch.set_num_threads(threads)


def test_fusing_counts_what_is_computed(describe, root):
    about = describe(root / 'configs/fuser/transfuser6_avg.py', batch=1, shape=(96, 128))
    assert about['gflop'] * 25 == pytest.approx(250, rel=0.02)  # of 480 x 640
    assert '; 3.91 M parameters; ' in about['machine']
    assert about['gemm_gflop'] == 0.002
    if sys.platform == 'linux':
        assert about['peak_gb'] > 0.1


def test_cost_grows_with_size_and_batch(describe, tiny_configs):
    sizes = [((32, 48), 1), ((64, 96), 1), ((32, 48), 2), ((64, 96), 2)]
    gflops = [describe(tiny_configs[0], batch=n, shape=shape)['gflop'] for shape, n in sizes]
    np.testing.assert_allclose(np.divide(gflops, gflops[0]), [1, 4, 2, 8], rtol=0.02)


def test_training_costs_about_three_forward_passes(describe, tiny_configs):
    forward, step = (describe(tiny_configs[0], mode)['gflop'] for mode in ('fuse', 'train'))
    assert 2.5 < step / forward < 3.1


def test_segmenting_counts_the_windows(describe, tiny_configs):
    options = ['model.test_cfg.crop_size=(32,48)', 'model.test_cfg.stride=(16,24)']
    window = describe(tiny_configs[1], 'segment', shape=(32, 48), cfg_options=options)['gflop']
    nine = describe(tiny_configs[1], 'segment', cfg_options=options)['gflop']
    assert nine == pytest.approx(9 * window, rel=0.01)
    with pytest.raises(InputError, match='joint'):
        describe(tiny_configs[0], 'segment')


def test_loading(describe, tiny_configs):
    about = describe(tiny_configs[1], 'data')
    assert about['pairs'] == 32
    assert about['gflop'] is None


@pytest.mark.slow
def test_another_checkout_in_turns(root, tiny_configs, tmp_path):
    shutil.copytree(root / 'mmseg_bffr', tmp_path / 'mmseg_bffr')
    with open(tmp_path / 'mmseg_bffr/apis/__init__.py', 'a') as file:
        file.write('\ndef fuse(model, vis, ir): pass\n')
    run = subprocess.run(
        [
            *(sys.executable, root / 'tools/analysis_tools/benchmark.py', tiny_configs[0]),
            *('--shape', '32', '48', '--rounds', '3', '--gemm', '64', '--device', 'cpu'),
            *('--against', tmp_path, '--json', tmp_path / 'rows.json'),
        ],
        capture_output=True,
        text=True,
    )
    here, there = json.loads((tmp_path / 'rows.json').read_text())
    assert here['gflop'] > 0 == there['gflop']
    assert [row['checkout'] for row in (here, there)] == [None, str(tmp_path)]
    assert len(here['all_seconds']) == len(there['all_seconds']) == 3
    assert here['speed'] == pytest.approx(there['seconds'] / here['seconds'])
    assert there['speed'] == 1
    assert 'freed memory kept: ' in run.stdout
    assert '| fuse | 32 x 48 | 1 | ' in run.stdout


def test_a_killed_process_is_told_of(root, monkeypatch):
    monkeypatch.syspath_prepend(root / 'tools/analysis_tools')
    import benchmark

    checkout = benchmark.Checkout.__new__(benchmark.Checkout)
    pipe = subprocess.PIPE
    checkout.process = subprocess.Popen(['cat'], stdin=pipe, stdout=pipe, text=True, bufsize=1)
    checkout.process.kill()
    for _ in range(2):
        with pytest.raises(InputError, match=r'killed by signal 9, .*; measure fewer or smaller'):
            checkout.ask('run')


def test_exported_models_beside_torch(root, monkeypatch):
    monkeypatch.syspath_prepend(root / 'tools')
    monkeypatch.syspath_prepend(root / 'tools/analysis_tools')
    import benchmark

    class Checkout:
        def __init__(self, folder, case):
            self.seconds = {None: 6, 'a': 3, 'b': 2}[case['exported']]
            self.times, self.row = [], {**case, 'pairs': 1, 'gemm_gflop': 1, 'gflop': None}

        def ask(self, what):
            return self.seconds

        def end(self):
            pass

    monkeypatch.setattr(benchmark, 'Checkout', Checkout)
    case = dict(exported=None, engine=None, device='cuda')
    rows = benchmark.measure(
        case, rounds=2, against=None, exported=[('a', 'onnxruntime'), ('b', 'openvino')]
    )
    assert [row['exported'] for row in rows] == [None, 'a', 'b']
    assert [row['device'] for row in rows] == ['cuda', 'cpu', 'cpu']
    assert [row['speed'] for row in rows] == [1, 2, 3]


def test_exported_model_is_what_runs(root, monkeypatch, tiny_configs):
    monkeypatch.syspath_prepend(root / 'tools')
    monkeypatch.syspath_prepend(root / 'tools/analysis_tools')
    from benchmark_case import describe

    calls = []
    models = {('exported', 'openvino'): mean_model(calls)}
    monkeypatch.setattr(bffr, 'load', lambda folder, engine: models[folder, engine])
    case = dict(config=tiny_configs[0], mode='fuse', batch=1, shape=(32, 48), cfg_options=())
    function, about = describe(
        {
            **dict(case, device='cpu', checkpoint=None, gemm=100),
            **dict(exported='exported', engine='openvino'),
        }
    )
    function()
    assert calls == [1, 1]
    assert about['gflop'] is None


@pytest.mark.parametrize(
    'arguments',
    [
        *(['--shape', '480'], ['--batch', '0'], ['--rounds', '0']),
        ['--exported', 'exported', '--batch', '2', '--rounds', '0'],
    ],
)
def test_wrong_numbers(root, arguments):
    command = [sys.executable, root / 'tools/analysis_tools/benchmark.py', 'config.py', *arguments]
    process = subprocess.run(command, capture_output=True, text=True)
    assert process.returncode == 2
    assert 'at least 1' in process.stderr
