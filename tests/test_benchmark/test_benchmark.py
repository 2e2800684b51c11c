"""tools/benchmark.py: every mode runs, and says what it should."""

import json
import random
import subprocess
import sys

import numpy as np
import pytest
import torch

from mmseg_bffr.benchmark import machine, run_benchmark
from mmseg_bffr.benchmark.cases import network_gflop
from mmseg_bffr.benchmark.opencv_pipeline import opencv_sample
from mmseg_bffr.errors import InputError
from mmseg_bffr.models import TransFuser


@pytest.fixture(autouse=True)
def small_yardstick(monkeypatch):
    threads = torch.get_num_threads()
    monkeypatch.setattr(machine, 'GEMM_SIZE', 64)
    yield
    torch.set_num_threads(threads)


@pytest.mark.parametrize(
    ('mode', 'cases'),
    [
        ('fuse', ['fuse']),
        ('segment', ['segment', 'network, 9 windows']),
        ('train', ['train']),
        ('data', ['data', 'plain OpenCV']),
    ],
)
def test_modes(tiny_configs, tmp_path, mode, cases, capsys):
    out = tmp_path / 'out' / 'result.json'
    run_benchmark(
        tiny_configs[1],
        mode=mode,
        shapes=[(64, 96)],
        batches=[2],
        rounds=2,
        device='cpu',
        cfg_options=['model.test_cfg.crop_size=(32,48)', 'model.test_cfg.stride=(16,24)'],
        json=out,
    )
    rows = json.loads(out.read_text())['rows']
    assert [row['case'] for row in rows] == cases
    assert all(row['seconds'] > 0 and len(row['all_seconds']) == 2 for row in rows)
    assert (rows[0]['effective'] is None) == (mode == 'data')
    if sys.platform == 'linux':
        assert all(row['peak_memory_gb'] > 0.1 for row in rows)
    assert f'| {cases[0]} | 64 x 96 |' in capsys.readouterr().out


def test_random_pairs_where_the_training_set_is_not_there(tiny_configs, tmp_path, capsys):
    nowhere = f'train_dataloader.dataset.data_root={tmp_path / "nowhere"}'
    result = run_benchmark(
        tiny_configs[1],
        mode='data',
        shapes=[(64, 96)],
        rounds=1,
        device='cpu',
        cfg_options=[nowhere],
    )
    assert [row['images'] for row in result['rows']] == [32, 32]
    assert 'nowhere: is not there; using random pairs of 64x96.' in capsys.readouterr().out


def test_plot_of_several_sizes_and_batches(tiny_configs, tmp_path):
    result = run_benchmark(
        tiny_configs[0],
        shapes=[(32, 48), (64, 96)],
        batches=[1, 2],
        rounds=1,
        device='cpu',
        plot=tmp_path / 'growth.png',
    )
    assert (tmp_path / 'growth.png').stat().st_size > 1000
    gflops = [row['gflop'] for row in result['rows'] if row['case'] == 'fuse']
    np.testing.assert_allclose(np.divide(gflops, gflops[0]), [1, 4, 2, 8], rtol=0.02)


def test_counts_what_is_computed():
    fuser = TransFuser()
    assert sum(parameter.numel() for parameter in fuser.parameters()) == pytest.approx(3.9e6, 0.01)
    assert network_gflop(fuser, 1, (480, 640)) == pytest.approx(250, abs=1)


def test_segmenting_needs_a_segmenter(tiny_configs):
    with pytest.raises(InputError, match='joint'):
        run_benchmark(tiny_configs[0], mode='segment', device='cpu')


def test_plain_opencv_sample(synthetic):
    name = (synthetic / 'train.txt').read_text().split()[0]
    folders = {'img_path': 'vis', 'ir_path': 'ir', 'seg_map_path': 'labels'}
    files = {key: str(synthetic / folder / f'{name}.png') for key, folder in folders.items()}
    random.seed(0)
    visible, infrared, labels = opencv_sample(files)
    assert visible.shape == infrared.shape == (3, 240, 320)
    assert 0 <= visible.min() < visible.max() <= 1
    assert labels.shape == (240, 320)
    assert set(np.unique(labels)) <= {*range(9), 255}


@pytest.mark.parametrize('arguments', [['--shape', '480'], ['--batch', '0'], ['--rounds', '0']])
def test_wrong_numbers(root, arguments):
    command = [sys.executable, root / 'tools/benchmark.py', 'config.py', *arguments]
    process = subprocess.run(command, capture_output=True, text=True)
    assert process.returncode == 2
    assert 'at least 1' in process.stderr
