"""Boxes enclose what they should, wherever it lies."""

import numpy as np
import pytest

from bffr.errors import InputError
from bffr.figures.folders import class_boxes
from mmseg_bffr.datasets.mfnet import MFNetDataset


def boxed(labels, *names):
    return class_boxes(labels, names, MFNetDataset.METAINFO)


def inside(box, shape):
    """Which pixels of an image a box holds."""
    rows, columns = (np.arange(size) + 0.5 for size in shape)
    left, top, width, height = box.region
    return ((rows >= top) & (rows <= top + height))[:, None] & (
        (columns >= left) & (columns <= left + width)
    )


def test_each_large_region_has_a_box_of_its_own(labels):
    boxes = boxed(labels, 'person', 'car')
    assert [box.name for box in boxes] == ['person', 'person', 'car']
    for box in boxes:
        number = {'car': 1, 'person': 2}[box.name]
        found = labels[inside(box, labels.shape)]
        assert (found == number).mean() > 0.5
        left, top, width, height = box.region
        assert left >= 0
        assert top >= 0
        assert left + width <= labels.shape[1]
        assert top + height <= labels.shape[0]
    covered = sum(inside(box, labels.shape).astype(int) for box in boxes)
    labels[38, 2] = 0
    assert (covered[labels > 0] == 1).all()


def test_small_regions_are_left_out():
    labels = np.zeros((100, 100), np.uint8)
    labels[50:52, 50:52] = 2  # 4 of 10,000 pixels
    assert boxed(labels, 'person') == []
    labels[50:52, 50:53] = 2
    assert len(boxed(labels, 'person')) == 1


def test_boxes_grow_with_the_labels(labels):
    (large,) = boxed(labels.repeat(10, 0).repeat(10, 1), 'car')
    (small,) = boxed(labels, 'car')
    np.testing.assert_allclose(large.region, 10 * np.array(small.region), atol=12)


def test_mirrored_labels_have_mirrored_boxes(labels):
    (box,), (mirrored,) = (boxed(image, 'car') for image in (labels, labels[:, ::-1]))
    left, *others = box.region
    assert mirrored.region == (labels.shape[1] - left - others[1], *others)


@pytest.mark.parametrize('name', ['tree', 'unlabeled'])
def test_unknown_classes(labels, name):
    with pytest.raises(InputError, match=f'{name}: .* choose from car, person'):
        boxed(labels, 'car', name)


def test_classes_of_another_data_set(labels):
    metainfo = dict(classes=['road', 'tree', 'rail'], palette=[[0, 0, 0], [0, 100, 50], [1, 2, 3]])
    road, tree = class_boxes(labels, ['road', 'tree'], metainfo)
    assert (road.colour, road.region[2:]) == ((0, 0, 0), labels.shape[::-1])
    assert tree == ('tree', (0, 1, 0.5), boxed(labels, 'car')[0].region)
    with pytest.raises(InputError, match='car: .* choose from road, tree, rail'):
        class_boxes(labels, ['car'], metainfo)
