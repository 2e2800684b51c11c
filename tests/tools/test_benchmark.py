"""tools/analysis_tools/benchmark.py: every mode runs, and says what it should."""

import json
import os
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

    def described(config, mode='fuse', batch=2, shape=(64, 96), cfg_options=(), ways=None):
        case = dict(config=config, mode=mode, batch=batch, shape=shape, cfg_options=cfg_options)
        case.update(ways=ways)
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


@pytest.mark.parametrize('ways', ['fp32', 'bf16', 'fp32+channels-last', 'bf16+channels-last'])
def test_ways_of_fusing(describe, tiny_configs, ways):
    plain, other = (describe(tiny_configs[0], ways=each) for each in (None, ways))
    assert other['gflop'] == plain['gflop']
    read_and_written = 2 * (4 + 3) * 64 * 96 * (2 if 'bf16' in ways else 4) / 1e9
    assert other['moved_gb'] > read_and_written
    if 'bf16' not in ways:
        assert other['moved_gb'] == pytest.approx(plain['moved_gb'], rel=0.2)


def test_bytes_of_operations_but_views(describe):
    from benchmark_case import BytesMoved

    a = torch.rand(10, 5)
    with BytesMoved() as moved:
        a.T.reshape(5, 10).add_(1) @ a
    assert moved.total == 4 * (50 + 50 + 50 + 50 + 25)


def test_boxes_and_a_graph_without_a_card(describe, tiny_detector, tiny_configs):
    assert describe(tiny_detector, 'detect')['gflop'] > 0
    with pytest.raises(InputError, match='graph: is of CUDA'):
        describe(tiny_configs[0], ways='fp16+graph')


@pytest.mark.skipif(not torch.cuda.is_available(), reason='there is no CUDA device')
@pytest.mark.parametrize('ways', ['fp16', 'fp16+compile', 'fp16+graph', 'bf16+channels-last'])
def test_ways_on_a_card(root, tiny_configs, tmp_path, ways):
    words = [tiny_configs[0], '--device', 'cuda', '--ways', ways, '--shape', '32', '48']
    words += ['--gemm', '256', '--rounds', '2', '--json', tmp_path / 'rows.json']
    command = [sys.executable, root / 'tools/analysis_tools/benchmark.py', *words]
    subprocess.run(command, check=True)
    (row,) = json.loads((tmp_path / 'rows.json').read_text())
    assert row['ways'] == ways
    assert row['copy_gbs'] > 0


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


def test_exported_models_beside_torch(root, monkeypatch, capsys):
    monkeypatch.syspath_prepend(root / 'tools')
    monkeypatch.syspath_prepend(root / 'tools/analysis_tools')
    import benchmark

    class Checkout:
        def __init__(self, folder, case):
            self.seconds = {None: 6, 'a': 3, 'b': 2}[case['exported']]
            none = dict.fromkeys(('gflop', 'moved_gb'))
            self.times = []
            self.row = {**case, **none, 'pairs': 1, 'gemm_gflop': 1, 'copied_gb': 1}

        def ask(self, what):
            return self.seconds

        def end(self):
            pass

    monkeypatch.setattr(benchmark, 'Checkout', Checkout)
    monkeypatch.setattr(benchmark, 'busy_cores', lambda: 0.7)
    case = dict(exported=None, engine=None, device='cuda')
    rows = benchmark.measure(
        case,
        rounds=2,
        against=None,
        exported=[('a', 'onnxruntime', 'cpu'), ('b', 'openvino', 'gpu')],
    )
    assert [row['exported'] for row in rows] == [None, 'a', 'b']
    assert [row['device'] for row in rows] == ['cuda', 'cpu', 'gpu']
    assert [row['speed'] for row in rows] == [1, 2, 3]
    assert 'not idle: others keep 0.7 of' in capsys.readouterr().out
    monkeypatch.setattr(benchmark, 'busy_cores', lambda: None)
    benchmark.measure(case, rounds=1, against=None, exported=[])
    assert capsys.readouterr().out == ''


def test_what_fails_leaves_the_rest(root, monkeypatch, capsys, tmp_path):
    monkeypatch.syspath_prepend(root / 'tools/analysis_tools')
    import benchmark

    running = []

    class Checkout:
        def __init__(self, folder, case):
            if case['exported'] == 'a' or case['shape'] == (2, 2):
                raise InputError('it is of no use.')
            self.fails = case['shape'] == (3, 3) and case['exported']
            none = dict.fromkeys(('gflop', 'moved_gb', 'peak_gb'))
            about = dict(none, machine='M', pairs=1, gemm_gflop=1, copied_gb=1)
            self.times, self.row = [], {**case, **about}
            running.append(self)

        def ask(self, what):
            if self.fails:
                raise InputError('it broke down.')
            return 2

        def end(self):
            running.remove(self)

    monkeypatch.setattr(benchmark, 'Checkout', Checkout)
    monkeypatch.setattr(benchmark, 'busy_cores', lambda: None)
    words = ['--shape', *'11223344', '--exported', 'a', 'b', '--json', str(tmp_path / 'rows.json')]
    monkeypatch.setattr(sys, 'argv', ['benchmark.py', 'config.py', *words])
    with pytest.raises(InputError, match=r'^8 measurement\(s\) failed'):
        benchmark.main()
    rows = json.loads((tmp_path / 'rows.json').read_text())
    assert [(row['shape'], row['exported']) for row in rows] == [
        ([side, side], exported) for side in (1, 4) for exported in (None, 'b')
    ]
    assert not running
    said = capsys.readouterr().out
    assert said.count('failed: a, onnxruntime on cpu: it is of no use.') == 3
    assert 'failed: fuse, 1 of 2 x 2: it is of no use.' in said
    assert 'failed: fuse, 1 of 3 x 3: it broke down.' in said
    assert '| fuse | 4 x 4 | 1 | ' in said


@pytest.mark.parametrize('device', ['cpu', 'tensorrt', 'dml', 'gpu:1'])
def test_exported_model_is_what_runs(root, monkeypatch, tiny_configs, device):
    monkeypatch.syspath_prepend(root / 'tools')
    monkeypatch.syspath_prepend(root / 'tools/analysis_tools')
    from benchmark_case import describe

    calls = []
    models = {('exported', 'openvino', device): mean_model(calls)}
    monkeypatch.setattr(bffr, 'load', lambda folder, engine, device: models[folder, engine, device])
    case = dict(config=tiny_configs[0], mode='fuse', batch=1, shape=(32, 48), cfg_options=())
    function, about = describe(
        {
            **dict(case, device=device, checkpoint=None, gemm=100),
            **dict(exported='exported', engine='openvino'),
        }
    )
    function()
    assert calls == [1, 1]
    assert about['gflop'] is None


@pytest.mark.parametrize(
    ('exported', 'device', 'expected'),
    [
        *((None, 'cpu', 'cpu'), (None, None, 'cuda'), (None, 'cuda:1', 'cuda:1')),
        *(('a', 'tensorrt', 'cuda'), ('a', 'tensorrt:1', 'cuda:1'), ('a', 'cuda:1', 'cuda:1')),
        *(('a', 'cpu', 'cpu'), ('a', 'dml', 'cpu'), ('a', 'gpu:1', 'cpu')),
    ],
)
def test_torch_beside_an_exported_model(root, monkeypatch, exported, device, expected):
    monkeypatch.syspath_prepend(root / 'tools/analysis_tools')
    from benchmark_case import torch_device

    monkeypatch.setattr(torch.cuda, 'is_available', lambda: True)
    assert str(torch_device(dict(exported=exported, device=device))) == expected
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: False)
    without = device if device and not exported else 'cpu'
    assert str(torch_device(dict(exported=exported, device=device))) == without


def test_work_of_all_cores(root, monkeypatch):
    monkeypatch.syspath_prepend(root / 'tools/analysis_tools')
    import benchmark

    first = 'cpu  300 20 50 9000 700 6 4 20 5 5'  # user nice system idle iowait irq softirq steal
    ticks = os.sysconf('SC_CLK_TCK')
    assert benchmark.cpu_seconds(f'{first}\ncpu0 1 2 3 4 5 6 7 8') == 400 / ticks
    texts = [f'{first}\n', first.replace('300', str(300 + 3 * ticks))]
    monkeypatch.setattr(benchmark.Path, 'exists', lambda path: str(path) == '/proc/stat')
    monkeypatch.setattr(benchmark.Path, 'read_text', lambda path: texts.pop(0))
    monkeypatch.setattr(benchmark.time, 'sleep', lambda seconds: None)
    assert benchmark.busy_cores(2) == 1.5


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
