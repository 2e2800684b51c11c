"""Average precision, by a plain computation of its own, and what it is reported of."""

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure

from mmseg_bffr.engine import BoxMetric

CLASSES = ('person', 'car')


def iou(one, other):
    low, high = np.maximum(one[:2], other[:2]), np.minimum(one[2:], other[2:])
    both = np.prod(np.clip(high - low, 0, None))
    return both / (np.prod(one[2:] - one[:2]) + np.prod(other[2:] - other[:2]) - both)


def average_precision(images, label, threshold):
    """Take what is free and overlaps most, find by find, from the surest on."""
    drawn = [
        (i, box) for i, (boxes, labels, *_) in enumerate(images) for box in boxes[labels == label]
    ]
    finds = [
        (score, i, box)
        for i, (_, _, boxes, labels, scores) in enumerate(images)
        for box, score in zip(boxes[labels == label], scores[labels == label], strict=True)
    ]
    free, hits = dict(enumerate(drawn)), []
    for _, image, box in sorted(finds, key=lambda find: -find[0]):
        overlaps = {n: iou(box, truth) for n, (i, truth) in free.items() if i == image}
        best = max(overlaps, key=overlaps.get, default=None)
        hit = best is not None and overlaps[best] >= threshold
        hits.append(hit)
        if hit:
            del free[best]
    found = np.cumsum(hits)
    recall, precision = found / len(drawn), found / np.arange(1, len(hits) + 1)
    return 100 * np.mean([precision[recall >= r].max(initial=0) for r in np.linspace(0, 1, 101)])


def draw(rng, count):
    corner = rng.uniform(0, 60, (count, 2))
    return np.hstack([corner, corner + rng.uniform(8, 40, (count, 2))]).astype(np.float32)


@pytest.fixture(scope='module')
def images():
    """Boxes and labels that are drawn; boxes, some near, labels and scores that are found."""
    rng = np.random.default_rng(0)
    images = []
    for _ in range(12):
        boxes, labels = draw(rng, 6), rng.integers(0, 2, 6)
        near = boxes + rng.normal(0, 1.5, boxes.shape).astype(np.float32)
        found = np.vstack([near[:4], draw(rng, 5)])
        found_labels = np.hstack([labels[:4], rng.integers(0, 2, 5)])
        images.append((boxes, labels, found, found_labels, rng.permutation(90)[:9] / 90))
    return images


def samples(images, names, scale=1):
    return [
        dict(
            img_path=f'vis/{name}.png',
            ori_shape=(100, 120),
            img_shape=(100 * scale, 120 * scale),
            gt_instances=dict(bboxes=torch.tensor(boxes) * scale, labels=torch.tensor(labels)),
            pred_instances=dict(
                bboxes=torch.tensor(found),
                labels=torch.tensor(found_labels),
                scores=torch.tensor(scores),
            ),
        )
        for name, (boxes, labels, found, found_labels, scores) in zip(names, images, strict=True)
    ]


def measure(given, **kwargs):
    metric = BoxMetric(**kwargs)
    metric.dataset_meta = dict(classes=CLASSES)
    metric.process({}, given)
    return metric.evaluate(len(given))


def test_is_the_mean_over_classes_and_thresholds(images):
    found = measure(samples(images, map(str, range(12))))
    expected = {
        name: [average_precision(images, label, t) for t in np.arange(0.5, 1, 0.05)]
        for label, name in enumerate(CLASSES)
    }
    for name, values in expected.items():
        assert found[f'{name}.AP50'] == pytest.approx(values[0], abs=0.01)
        assert found[f'{name}.AP75'] == pytest.approx(values[5], abs=0.01)
        assert found[f'{name}.AP'] == pytest.approx(np.mean(values), abs=0.01)
    assert found['AP'] == pytest.approx(np.mean(list(expected.values())), abs=0.01)
    assert 20 < found['AP50'] < 95
    assert found['boxes'] == 72
    assert found['person.boxes'] + found['car.boxes'] == 72


def test_boxes_are_compared_in_pixels_of_the_original(images):
    names = list(map(str, range(12)))
    larger = measure(samples(images, names, scale=2))
    assert larger == pytest.approx(measure(samples(images, names)), nan_ok=True)


def test_parts_by_day_and_night(images):
    names = [f'{i}{"DN"[i % 2]}' for i in range(12)]
    found = measure(samples(images, names))
    for part, start in (('day', 0), ('night', 1)):
        expected = average_precision(images[start::2], 0, 0.5)
        assert found[f'{part}.person.AP50'] == pytest.approx(expected, abs=0.01)
        alone = measure(samples(images[start::2], map(str, range(6))))
        assert found[f'{part}.AP'] == alone['AP']
    assert not any('day' in key for key in measure(samples(images, map(str, range(12)))))


def test_sizes(images):
    big = [(4 * drawn, labels, 4 * found, *rest) for drawn, labels, found, *rest in images]
    found = measure(samples(big, map(str, range(12))))
    assert np.isnan(found['AP_small'])
    assert found['AP_large'] > 0


def test_what_has_no_box_is_undefined_and_not_zero(images):
    nobody = [(boxes[:0], labels[:0], *rest) for boxes, labels, *rest in images]
    found = measure(samples(nobody, map(str, range(12))))
    assert found['boxes'] == 0
    assert all(np.isnan(value) for key, value in found.items() if 'boxes' not in key)


def test_nothing_found(images):
    blind = [(*truth, one[:0], two[:0], three[:0]) for *truth, one, two, three in images]
    found = measure(samples(blind, map(str, range(12))))
    assert found['AP'] == found['AP50'] == 0


def test_curves(images, figures, tmp_path):
    found = measure(samples(images, map(str, range(12))), curves=str(tmp_path / 'curves.png'))
    (figure,) = figures
    assert isinstance(figure, Figure)
    (panel,) = figure.axes
    for line, name in zip(panel.lines, CLASSES, strict=True):
        assert 100 * line.get_ydata().mean() == pytest.approx(found[f'{name}.AP50'], abs=0.01)
        assert line.get_label() == f'{name}, {found[f"{name}.AP50"]:.1f}'
    assert (tmp_path / 'curves.png').is_file()
