"""The drawn data set: reproducible, well formed, and each modality blind where it should be."""

import cv2
import numpy as np
import pytest

from bffr.errors import InputError
from bffr.evaluation.box_hits import read_boxes
from bffr.images.image_io import read_image
from bffr.images.splits import read_split
from demo.synthetic.canvas import BIKE, CAR, COLOR_CONE, PERSON
from demo.synthetic.dataset import boxes_of, render_scene, write_synthetic_dataset

SIZE = (96, 128)


def scenes(night, count=10):
    return [render_scene(np.random.default_rng([7, k]), SIZE, night)[:3] for k in range(count)]


@pytest.fixture(scope='module')
def day():
    return scenes(night=False)


@pytest.fixture(scope='module')
def night():
    return scenes(night=True)


def contrast(image, labels, label):
    """Largest difference, over the channels, of the medians of a class and the ring around it."""
    inside = labels == label
    ring = cv2.dilate(inside.astype(np.uint8), np.ones((9, 9), np.uint8)).astype(bool)
    ring &= labels == 0
    return np.abs(np.median(image[inside], axis=0) - np.median(image[ring], axis=0)).max()


def contrasts(pairs, label):
    """Mean visible and infrared contrast of a class, over the scenes that have it."""
    shown = [pair for pair in pairs if (pair[2] == label).sum() > 60]
    assert len(shown) >= 3
    return (
        np.mean([contrast(visible, labels, label) for visible, _, labels in shown]),
        np.mean([contrast(infrared, labels, label) for _, infrared, labels in shown]),
    )


def test_shapes_types_and_labels(day, night):
    for visible, infrared, labels in day + night:
        assert visible.shape == (*SIZE, 3)
        assert infrared.shape == labels.shape == SIZE
        assert visible.dtype == infrared.dtype == labels.dtype == np.uint8
        assert labels.max() <= 8


def test_another_size():
    visible, *others = render_scene(np.random.default_rng(0), (60, 101), night=True)
    assert visible.shape == (60, 101, 3)
    assert all(image.shape == (60, 101) for image in others)


def test_every_class_has_enough_pixels(day, night):
    counts = sum(np.bincount(labels.ravel(), minlength=9) for _, _, labels in day + night)
    shares = counts / counts.sum()
    assert shares[0] < 0.8
    assert (shares[1:] > 0.005).all()


def test_only_infrared_shows_persons_by_night(night):
    visible, infrared = contrasts(night, PERSON)
    assert visible < 6
    assert infrared > 60


def test_only_visible_shows_cones_by_day(day):
    visible, infrared = contrasts(day, COLOR_CONE)
    assert visible > 30
    assert infrared < 6


def test_data_set_on_disk_is_complete_and_reproducible(tmp_path):
    first = write_synthetic_dataset(tmp_path / 'a', pairs=8, size=(48, 64), seed=3)
    second = write_synthetic_dataset(tmp_path / 'b', pairs=6, size=(48, 64), seed=3)
    assert {split: len(names) for split, names in second.items()} == {
        'train': 2, 'val': 2, 'test': 2, 'visual': 2,
    }  # fmt: skip
    assert second['visual'] == ['00002D', '00003N']
    for split, names in first.items():
        assert read_split(tmp_path / f'a/{split}.txt') == names
    for folder, shape in (('vis', (48, 64, 3)), ('ir', (48, 64)), ('labels', (48, 64))):
        assert len(list((tmp_path / 'a' / folder).iterdir())) == 8
        for file in (tmp_path / 'b' / folder).iterdir():
            image = read_image(file)
            assert image.shape == shape
            np.testing.assert_array_equal(image, read_image(tmp_path / 'a' / folder / file.name))


def test_another_seed_draws_other_scenes():
    one, other = (render_scene(np.random.default_rng([s, 0]), SIZE, False) for s in (0, 1))
    assert (one[2] != other[2]).any()


def test_too_small_requests_are_refused(tmp_path):
    with pytest.raises(InputError, match='at least 6'):
        write_synthetic_dataset(tmp_path, pairs=2)
    with pytest.raises(InputError, match='at least 48x48'):
        write_synthetic_dataset(tmp_path, size=(8, 128))


def test_boxes_are_around_what_has_the_label(tmp_path):
    write_synthetic_dataset(tmp_path, pairs=6, size=(96, 128))
    labels = {'car': CAR, 'person': PERSON, 'bike': BIKE}
    for name, of_class in read_boxes(tmp_path / 'boxes.csv').items():
        drawn = read_image(tmp_path / f'labels/{name}.png')
        for key, boxes in of_class.items():
            covered = np.zeros(drawn.shape, bool)
            for x1, y1, x2, y2 in boxes.astype(int):
                inside = drawn[y1 : y2 + 1, x1 : x2 + 1] == labels[key]
                assert all(inside[edge].any() for edge in (0, -1, np.s_[:, 0], np.s_[:, -1]))
                covered[y1 : y2 + 1, x1 : x2 + 1] = True
            assert (covered[drawn == labels[key]]).mean() > 0.97


def test_each_of_two_overlapping_objects_has_its_box():
    labels, objects = np.zeros((2, 20, 20), np.uint8)
    labels[2:12, 2:8] = labels[2:12, 5:12] = PERSON
    objects[2:12, 2:8], objects[2:12, 5:12] = 3, 7
    objects[15, 15] = 9  # too little
    assert boxes_of(labels, objects) == [('person', 2, 2, 4, 11), ('person', 5, 2, 11, 11)]
