"""Boxes enclose what they should, wherever it lies."""

import numpy as np
import pytest

from mmseg_bffr.errors import InputError
from mmseg_bffr.visualization.class_boxes import class_boxes


def inside(box, shape):
    """Which pixels of an image a box holds."""
    rows, columns = (np.arange(size) + 0.5 for size in shape)
    rows, columns = rows / shape[0], columns / shape[1]
    return ((rows >= box.top) & (rows <= box.top + box.height))[:, None] & (
        (columns >= box.left) & (columns <= box.left + box.width)
    )


def test_each_large_region_has_a_box_of_its_own(labels):
    boxes = class_boxes(labels, ['person', 'car'])
    assert [box.name for box in boxes] == ['person', 'person', 'car']
    for box in boxes:
        number = {'car': 1, 'person': 2}[box.name]
        found = labels[inside(box, labels.shape)]
        assert (found == number).mean() > 0.5
        assert box.left >= 0
        assert box.left + box.width <= 1
    covered = sum(inside(box, labels.shape).astype(int) for box in boxes)
    labels[38, 2] = 0
    assert (covered[labels > 0] == 1).all()


def test_small_regions_are_left_out():
    labels = np.zeros((100, 100), np.uint8)
    labels[50:52, 50:52] = 2  # 4 of 10,000 pixels
    assert class_boxes(labels, ['person']) == []
    labels[50:52, 50:53] = 2
    assert len(class_boxes(labels, ['person'])) == 1


def test_boxes_do_not_depend_on_the_size(labels):
    large = class_boxes(labels.repeat(10, 0).repeat(10, 1), ['car'])
    np.testing.assert_allclose(large[0][2:], class_boxes(labels, ['car'])[0][2:], atol=0.03)


def test_mirrored_labels_have_mirrored_boxes(labels):
    (box,), (mirrored,) = (class_boxes(image, ['car']) for image in (labels, labels[:, ::-1]))
    assert mirrored.left == pytest.approx(1 - box.left - box.width)
    assert mirrored[3:] == pytest.approx(box[3:])


@pytest.mark.parametrize('name', ['tree', 'unlabeled'])
def test_unknown_classes(labels, name):
    with pytest.raises(InputError, match=f'{name}: .* choose from car, person'):
        class_boxes(labels, ['car', name])
