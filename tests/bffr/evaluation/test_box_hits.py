"""Agreement with drawn boxes against pixels counted one by one, and as a metric of mmengine."""

import csv

import numpy as np
import pytest
import torch

from bffr.errors import InputError
from bffr.evaluation.box_hits import count_hits, read_boxes
from mmseg_bffr.engine import BoxHitMetric

HEADER = ('name', 'class', 'x1', 'y1', 'x2', 'y2')


def counted(mask, boxes):
    """Pixel by pixel; boxes are not so small that no pixel is in their middle."""
    hits, inside = 0, 0
    for x1, y1, x2, y2 in boxes:
        width, height = x2 - x1, y2 - y1
        middle = [
            mask[y, x]
            for y, x in np.ndindex(mask.shape)
            if abs(x - (x1 + x2) / 2) <= width / 4 and abs(y - (y1 + y2) / 2) <= height / 4
        ]
        hits += sum(middle) >= 0.25 * len(middle)
    for y, x in np.argwhere(mask):
        inside += any(x1 - 4 <= x <= x2 + 4 and y1 - 4 <= y <= y2 + 4 for x1, y1, x2, y2 in boxes)
    return [hits, len(boxes), inside, mask.sum()]


def write(path, rows, header=HEADER):
    with open(path, 'w', newline='') as file:
        csv.writer(file).writerows([header, *rows])
    return path


@pytest.mark.parametrize('seed', range(8))
def test_counts(seed):
    random = np.random.default_rng(seed)
    mask = random.random((30, 40)) < random.choice([0.05, 0.25, 0.5])
    low = random.uniform(0, (28, 18), (6, 2))
    boxes = np.concatenate([low, low + random.uniform(4, 11, (6, 2))], 1)
    assert count_hits(mask, boxes).tolist() == counted(mask, boxes)


def test_a_quarter_of_the_middle_is_a_hit_and_what_is_around_it_none():
    boxes, mask = np.array([[0, 0, 15, 15]]), np.ones((20, 20), bool)
    mask[4:12, 4:12] = False
    assert count_hits(mask, boxes)[0] == 0
    mask[4:6, 4:12] = True
    assert count_hits(mask, boxes)[0] == 1
    mask[4, 4] = False
    assert count_hits(mask, boxes)[0] == 0


@pytest.mark.parametrize('box', [(5.4, 5.4, 5.6, 5.6), (5.4, 2, 5.6, 8)])
def test_a_box_between_two_pixels_has_a_middle_too(box):
    assert count_hits(np.ones((10, 10), bool), np.array([box]))[0] == 1
    assert count_hits(np.zeros((10, 10), bool), np.array([box]))[0] == 0


def test_without_boxes_nothing_is_inside():
    assert count_hits(np.ones((3, 4), bool), np.empty((0, 4))).tolist() == [0, 0, 0, 12]


def test_boxes_are_read_by_name_and_class(tmp_path):
    rows = [('a', 'car', 1, 2, 3, 4), ('b', 'car', 5.5, 6, 7, 8), ('a', 'car', 0, 0, 1, 1)]
    boxes = read_boxes(write(tmp_path / 'boxes.csv', rows))
    assert boxes['a']['car'].tolist() == [[1, 2, 3, 4], [0, 0, 1, 1]]
    assert boxes['b']['car'].tolist() == [[5.5, 6, 7, 8]]


@pytest.mark.parametrize(
    ('row', 'header'),
    [
        (('a', 'car', 3, 0, 2, 1), HEADER),
        (('a', 'car', -1, 0, 2, 1), HEADER),
        (('a', 'car', 0, 0, 'nan', 1), HEADER),
        (('a', 'car', 0, 0, 'wide', 1), HEADER),
        (('a', 'car', 0, 0), HEADER),
        (('a', 'car', 0, 0, 1, 1), ('image', *HEADER[1:])),
    ],
)
def test_files_that_hold_no_boxes_are_refused(tmp_path, row, header):
    file = write(tmp_path / 'boxes.csv', [row], header)
    with pytest.raises(InputError, match='boxes.csv: must have the columns name,class'):
        read_boxes(file)
    with pytest.raises(InputError, match='none.csv: cannot be read'):
        read_boxes(tmp_path / 'none.csv')


class TestMetric:
    ROWS = (
        ('a', 'car', 0, 0, 4, 4),
        ('a', 'bicycle', 20, 20, 24, 24),
        ('b', 'car', 0, 0, 4, 4),
        ('other', 'car', 0, 0, 4, 4),
    )

    def metric(self, tmp_path, **kwargs):
        file = write(tmp_path / 'boxes.csv', self.ROWS)
        metric = BoxHitMetric(file, **kwargs)
        metric.dataset_meta = {'classes': ('background', 'bike', 'car')}
        return metric

    def test_two_names_of_one_class_count_together(self, tmp_path):
        metric = self.metric(tmp_path, names=dict(bicycle='car'))
        maps = torch.zeros(1, 1, 30, 30, dtype=torch.long)
        maps[0, 0, :5, :5] = maps[0, 0, 20:25, 20:25] = 2
        metric.process({}, [dict(img_path='a.png', pred_sem_seg=dict(data=maps[0]))])
        assert metric.evaluate(1) == {'Hit.car': 100, 'Inside.car': 100}

    def test_shares_are_of_all_images_together(self, tmp_path):
        metric = self.metric(tmp_path, names=dict(bicycle='bike'))
        maps = torch.zeros(3, 1, 30, 30, dtype=torch.long)
        maps[0, 0, :5, :5] = 2  # a: hit; 25 pixels inside
        maps[1, 0, 10:15, :5] = 2  # b: missed; nothing inside
        maps[2, 0, :5, :10] = 2  # c has no boxes; 50 pixels outside
        for name, labels in zip('abc', maps, strict=True):
            metric.process({}, [dict(pred_sem_seg=dict(data=labels), img_path=f'vis/{name}.png')])
        scores = metric.evaluate(3)
        assert (scores['Hit.car'], scores['Inside.car']) == (50, 25)
        assert scores['Hit.bike'] == 0
        assert np.isnan(scores['Inside.bike'])

    def test_a_class_that_the_data_set_lacks_is_named(self, tmp_path):
        metric = self.metric(tmp_path)
        sample = dict(pred_sem_seg=dict(data=torch.zeros(1, 3, 3)), img_path='a.png')
        with pytest.raises(InputError, match=r'boxes\.csv: has boxes of bicycle,.*`names`'):
            metric.process({}, [sample])
