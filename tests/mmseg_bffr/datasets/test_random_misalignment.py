"""Infrared moves by what was asked for, nothing else does."""

import cv2
import numpy as np
import pytest
from mmseg.registry import TRANSFORMS

from mmseg_bffr.datasets.transforms import RandomMisalignment

SIZE = HEIGHT, WIDTH = 81, 121


def dotted():
    """Black, with a bright dot in the infrared channel: (x, y) of its middle is (90, 20)."""
    image = np.zeros((*SIZE, 4), np.uint8)
    image[..., :3] = np.random.default_rng(0).integers(0, 256, (*SIZE, 3))
    infrared = np.zeros(SIZE, np.uint8)
    cv2.circle(infrared, (90, 20), 3, 255, -1)
    image[..., 3] = infrared
    return image


def where(image):
    moments = cv2.moments(image[..., 3])
    return np.array([moments['m10'], moments['m01']]) / moments['m00']


def moves(count=200, **arguments):
    """How far the dot moved, (N, 2), in `count` samples."""
    transform = TRANSFORMS.build(dict(type='RandomMisalignment', **arguments))
    found = []
    for _ in range(count):
        original = dotted()
        image = transform({'img': original})['img']
        np.testing.assert_array_equal(original, dotted())  # it may be kept by the loader
        np.testing.assert_array_equal(image[..., :3], original[..., :3])
        found.append(where(image) - (90, 20))
    return np.array(found)


@pytest.fixture(autouse=True)
def seed():
    np.random.seed(0)


def test_shifts_are_even_in_both_directions():
    found = moves(shift=4, prob=1)
    assert np.abs(found).max() <= 4.1
    assert (np.abs(found).max(0) > 3.5).all()
    assert (np.abs(found.mean(0)) < 0.6).all()
    assert abs(np.corrcoef(found.T)[0, 1]) < 0.25


def test_turns_are_about_the_middle():
    found = moves(shift=0, degrees=5, prob=1)
    radius = np.hypot(90 - 60, 20 - 40)
    assert np.linalg.norm(found, axis=1).max() == pytest.approx(np.radians(5) * radius, rel=0.1)


def test_some_samples_stay():
    still = (np.abs(moves(shift=4, prob=0.3)) < 1e-6).all(1)
    assert 0.55 < still.mean() < 0.85


def test_the_border_is_repeated():
    np.random.seed(0)
    image = np.full((*SIZE, 4), 77, np.uint8)
    assert (RandomMisalignment(8, 3, 1)({'img': image})['img'] == 77).all()
