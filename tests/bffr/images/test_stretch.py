"""Ranges of fused images, and how steady they keep a sequence."""

import cv2
import numpy as np
import pytest
import torch

import bffr
from bffr.images.matching import match_stems
from bffr.images.pair import read_pair
from bffr.images.stretch import (
    PERCENTILES,
    FolderRange,
    SequenceRange,
    own_range,
    shared_range,
    thinned,
    to_8_bit,
    whole_range,
)
from mmseg_bffr.models.saved_image import to_saved_image


def camera_that_flickers(frames=16, size=(80, 120)):
    """A flat scene in a quarter of the range; every third frame is brighter; a spot moves."""
    y, x = np.mgrid[: size[0], : size[1]]
    scene = 0.2 + 0.1 * np.sin(x / 5) * np.cos(y / 7)
    images = []
    for index in range(frames):
        image = scene + (0.02 if index % 3 == 1 else 0)
        image[50:60, 5 * index : 5 * index + 8] = 0.9
        images.append(np.repeat(image[..., None], 3, axis=2).astype(np.float32))
    return images


def luma(images):
    return np.stack([cv2.cvtColor(image, cv2.COLOR_BGR2GRAY) for image in images]).astype(float)


def largest_step(lumas, block):
    y, x = block
    return np.abs(np.diff(lumas[:, y : y + 40, x : x + 40].mean((1, 2)))).max()


def deviation(lumas):
    return lumas.std((1, 2)).mean()


def folder_range(images):
    samples = [thinned(image).clip(0, 1) for image in images]
    return FolderRange(*shared_range(samples, (PERCENTILES[0], 50, PERCENTILES[1])))


def stretched(images, range_of=None):
    range_of = range_of or SequenceRange()
    return luma([to_8_bit(image, *range_of(image)) for image in images])


@pytest.mark.parametrize('stretch', [True, False])
@pytest.mark.parametrize('values', [(-0.5, 1.7), (0.2, 0.6), (-0.1, 0.4), (0.3, 0.34)])
def test_as_the_network_saves_images(stretch, values):
    image = np.random.default_rng(0).uniform(*values, (20, 30, 3)).astype(np.float32)
    wanted = to_saved_image(torch.from_numpy(image), stretch).numpy()
    got = to_8_bit(image, *(own_range if stretch else whole_range)(image))
    np.testing.assert_array_equal(got, wanted)


@pytest.mark.parametrize('width', [0, 0.01, 0.03])
@pytest.mark.parametrize('level', [0, 0.4, 0.99])
def test_image_without_content_is_not_blown_up(level, width):
    image = np.random.default_rng(0).uniform(level, level + width, (20, 30, 3)).astype(np.float32)
    got = to_8_bit(image, *own_range(image)).astype(int)
    assert np.ptp(got) <= 255 * 8 * width + 1
    assert abs(got.mean() - 255 * level) < 130


def test_no_stretch_keeps_8_bit_images():
    image = np.arange(256, dtype=np.uint8).reshape(16, 16)
    np.testing.assert_array_equal(to_8_bit(image / np.float32(255), 0, 1), image)


def test_range_of_several_images():
    images = [np.full((10, 10), 0.25), np.full((10, 10), 0.75)]
    assert shared_range(images, (1, 99)) == (0.25, 0.75)
    assert shared_range([], (1, 99)) is None


@pytest.mark.parametrize('whole_folder', [True, False])
def test_drawn_sequence_is_steady_and_has_contrast(whole_folder):
    images = camera_that_flickers()
    plain = luma([to_8_bit(image, 0, 1) for image in images])
    lumas = stretched(images, folder_range(images) if whole_folder else None)
    assert largest_step(lumas, (0, 0)) < 0.7 * largest_step(plain, (0, 0)) * (
        deviation(lumas) / deviation(plain)
    )
    assert deviation(lumas) > 1.2 * deviation(plain)
    if not whole_folder:  # the first frame's range has hardly any weight at the end
        assert abs(lumas[-1].mean() - stretched(images, folder_range(images))[-1].mean()) < 8


def test_lasting_change_of_brightness_comes_through():
    scene = camera_that_flickers(1)[0]
    means = stretched([scene] * 64 + [scene + np.float32(0.1)] * 16).mean((1, 2))
    assert means[64] - means[63] < 14
    assert means[-1] - means[63] > 20


def test_folder_has_one_width_and_each_image_a_level_of_its_own():
    images = camera_that_flickers()
    range_of = folder_range(images)
    ranges = [range_of(image) for image in images]
    assert ranges == [range_of(image) for image in reversed(images)][::-1]
    assert np.ptp([high - low for low, high in ranges]) < 1e-6
    low, middle, high = 0.2, 0.5, 0.6
    flat = np.full((8, 8, 3), 0.75, np.float32)
    assert FolderRange(low, middle, high)(flat) == pytest.approx((0.35, 0.75))
    assert FolderRange(middle, middle, middle)(flat) == pytest.approx((0.5875, 0.7125))


def test_dark_start_is_neither_blown_up_nor_kept():
    scene = camera_that_flickers(1)[0]
    lumas = stretched([np.zeros_like(scene)] * 5 + [scene] * 100)
    assert not lumas[:5].any()
    assert deviation(lumas[-1:]) == pytest.approx(deviation(stretched([scene])), rel=0.15)


@pytest.mark.slow
@pytest.mark.parametrize('whole_folder', [True, False])
def test_goal_on_frames_of_a_camera(shared, whole_folder):
    """The block is the one whose pixels change least; the step is that of its mean luma."""
    folder = shared / 'data/sequence'
    if not folder.is_dir():
        pytest.skip('../shared/data/sequence is missing')
    files = [job[1:] for job in match_stems(folder / 'vis', folder / 'ir')]
    inputs = [luma([cv2.imread(str(pair[which])) for pair in files]) for which in (0, 1)]
    change = sum(np.abs(np.diff(lumas, axis=0)).mean(0) for lumas in inputs)
    height, width = change.shape
    block = min(
        ((y, x) for y in range(0, height - 39, 10) for x in range(0, width - 39, 10)),
        key=lambda at: change[at[0] : at[0] + 40, at[1] : at[1] + 40].mean(),
    )
    model = bffr.load(engine='torch')
    images = [model.run(read_pair(*pair))[0] for pair in files]
    lumas = stretched(images, folder_range(images) if whole_folder else None)
    print(largest_step(lumas, block), deviation(lumas))
    assert largest_step(lumas, block) <= 1.2 * max(largest_step(i, block) for i in inputs)
    assert deviation(lumas) >= 0.9 * max(map(deviation, inputs))
