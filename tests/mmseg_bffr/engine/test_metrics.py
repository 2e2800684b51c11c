import cv2
import numpy as np
import pytest
import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from mmseg.registry import METRICS

from bffr.errors import InputError
from bffr.evaluation import evaluate_images
from mmseg_bffr.engine import ClassIoUMetric

NAMES = ['EN', 'MSE', 'Qabf']


@pytest.fixture
def scene():
    """A visible image (3, 48, 64) in colour and an infrared one (48, 64)."""
    noise = np.random.default_rng(0).integers(0, 256, (4, 48, 64), np.uint8)
    return noise[:3], noise[3]


def images(scene, index):
    """Fused, visible and infrared."""
    visible, infrared = (np.roll(x, index, axis=-1) for x in scene)
    return np.maximum(visible, infrared), visible, infrared


def sample(scene, index):
    """One batch of one image: what the network saw and what it saved."""
    fused, visible, infrared = images(scene, index)
    inputs = torch.from_numpy(np.concatenate([visible, infrared[None]]))
    return {'inputs': [inputs]}, [
        {'fused': {'data': torch.from_numpy(fused)}, 'img_path': f'vis/{index}.png'}
    ]


def luma(image):
    return cv2.cvtColor(np.dstack(image), cv2.COLOR_BGR2GRAY)


def expected(scene, count):
    values = []
    for index in range(count):
        fused, visible, infrared = images(scene, index)
        values.append(evaluate_images(luma(fused), luma(visible), infrared, NAMES))
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
    samples[0]['fused']['data'] = torch.zeros(scene[0].shape, dtype=torch.uint8)
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


def class_metrics(labels, predicted, names, **options):
    """What `ClassIoUMetric` makes of two rows of labels."""
    metric = ClassIoUMetric(**options)
    metric.dataset_meta = {'classes': names}
    sample = {
        'pred_sem_seg': {'data': torch.tensor([predicted])},
        'gt_sem_seg': {'data': torch.tensor([labels])},
    }
    metric.process({}, [sample])
    return metric.evaluate(1)


@pytest.mark.parametrize('beta', [1, 2])
def test_a_class_that_is_never_hit_counts_in_the_f_score(beta):
    labels, predicted = [0, 0, 0, 1, 1, 2, 255], [0, 0, 1, 1, 0, 0, 3]
    options = dict(iou_metrics=['mFscore', 'mDice'], beta=beta)
    found = class_metrics(labels, predicted, 'abcd', **options)
    hits = np.array([2, 1, 0])
    missed, wrong = np.array([1, 1, 1]), np.array([2, 1, 0])
    scores = 100 * (1 + beta**2) * hits / ((1 + beta**2) * hits + beta**2 * missed + wrong)
    assert [found[f'Fscore.{name}'] for name in 'abc'] == pytest.approx(scores, abs=0.01)
    assert found['mFscore'] == pytest.approx(scores.mean(), abs=0.01)
    assert np.isnan(found['Fscore.d'])
    assert np.isnan(found['Precision.c'])
    if beta == 1:
        assert found['mFscore'] == found['mDice']


def test_only_formatted_there_are_no_numbers(tmp_path):
    options = dict(format_only=True, output_dir=str(tmp_path))
    metric = ClassIoUMetric(**options)
    metric.dataset_meta = {'classes': 'ab'}
    metric.process({}, [dict(pred_sem_seg={'data': torch.tensor([[[0, 1]]])}, img_path='a.png')])
    assert metric.evaluate(1) == {}
    assert (tmp_path / 'a.png').exists()


def test_mirrored_sources_are_compared_with_the_image_that_is_mirrored_back(scene):
    plain, mirrored = build(), build()
    sources, [fused] = sample(scene, 0)
    plain.process(sources, [fused])
    sources = {'inputs': [image.flip(-1) for image in sources['inputs']]}
    mirrored.process(sources, [dict(fused, flip=True, flip_direction='horizontal')])
    assert mirrored.evaluate(1) == plain.evaluate(1)


def test_labels_of_one_class_have_no_mean(logged):
    found = class_metrics([0, 0, 255, 255], [0, 0, 0, 1], ('background', 'target'))
    assert found['IoU.background'] == 100
    assert np.isnan([found[name] for name in ('mIoU', 'mAcc', 'aAcc')]).all()
    assert any('hold only background of the classes background, target' in line for line in logged)
    assert class_metrics([0, 1], [0, 0], 'ab')['mIoU'] == 25
    assert class_metrics([0, 0], [0, 0], 'a')['mIoU'] == 100
