import cv2
import numpy as np
import pytest
import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from mmseg.registry import METRICS

import mmseg_bffr  # noqa: F401
from bffr.errors import InputError
from bffr.evaluation import evaluate_images

NAMES = ['EN', 'MSE', 'Qabf']


@pytest.fixture
def scene():
    """A visible and an infrared image (48, 50) with edges."""
    rng = np.random.default_rng(7)
    return [cv2.GaussianBlur(rng.integers(0, 256, (48, 50), np.uint8), (0, 0), 2) for _ in range(2)]


def sample(scene, index):
    """One batch of one image: what the network saw and what it saved."""
    visible, infrared = (np.roll(x, index, axis=0) for x in scene)
    colour = np.stack([visible, visible, visible])
    fused = np.maximum(colour, infrared)
    inputs = torch.from_numpy(np.concatenate([colour, infrared[None]]))
    return {'inputs': [inputs]}, [
        {'fused': {'data': torch.from_numpy(fused)}, 'img_path': f'vis/{index}.png'}
    ]


def expected(scene, count):
    values = []
    for index in range(count):
        visible, infrared = (np.roll(x, index, axis=0) for x in scene)
        values.append(evaluate_images(np.maximum(visible, infrared), visible, infrared, NAMES))
    return {name: np.mean([v[name] for v in values]) for name in NAMES}


def build(**options):
    return METRICS.build({'type': 'FusionMetric', 'metrics': NAMES, **options})


def test_mean_over_the_data_set(scene, tmp_path):
    metric = build(out=str(tmp_path / 'r.csv'), method='mine')
    for index in range(3):
        metric.process(*sample(scene, index))
    assert metric.evaluate(3) == pytest.approx(expected(scene, 3))
    lines = (tmp_path / 'r.csv').read_text().splitlines()
    assert lines[0] == 'method,image,EN,MSE,Qabf'
    assert lines[3].startswith('mine,2,')


def test_undefined_metric_is_left_out(scene):
    metric = build(metrics=['EN', 'CC'])
    batch, samples = sample(scene, 0)
    samples[0]['fused']['data'] = torch.zeros(3, *scene[0].shape, dtype=torch.uint8)
    metric.process(batch, samples)
    assert metric.evaluate(1) == {'EN': 0}


def test_mistakes(scene):
    with pytest.raises(InputError, match='XX'):
        build(metrics=['XX'])
    with pytest.raises(InputError, match=r'r\.xls'):
        build(out='r.xls')
    batch, samples = sample(scene, 0)
    samples[0]['fused']['data'] = samples[0]['fused']['data'][:, 1:]
    with pytest.raises(InputError, match=r'vis/0\.png'):
        build().process(batch, samples)


def evaluate_on_rank(rank, scene, folder):
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    dist.init_process_group('gloo', init_method=f'file://{folder}/sync', rank=rank, world_size=2)
    metric = build()
    for index in (rank, min(rank + 2, 2)):  # the sampler pads: image 2 is seen by both ranks
        metric.process(*sample(scene, index))
    result = metric.evaluate(3)
    if rank == 0:
        torch.save(result, f'{folder}/result.pt')
    dist.destroy_process_group()


def test_two_processes_give_the_same_mean(scene, tmp_path):
    mp.start_processes(evaluate_on_rank, (scene, tmp_path), nprocs=2, start_method='forkserver')
    assert torch.load(tmp_path / 'result.pt') == pytest.approx(expected(scene, 3))
