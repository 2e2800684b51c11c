"""Which frames of two videos are chosen to align their cameras by."""

import cv2
import numpy as np
import pytest

from bffr.video import telling_frames


def scene(seed, blur=0):
    """Visible (48, 64, 3) and infrared (36, 48), 16 bit, of blocks of their own."""
    rng = np.random.default_rng(seed)
    images = []
    for shape, size in (((6, 8, 3), (64, 48)), ((6, 8), (48, 36))):
        blocks = rng.integers(0, 256, shape, np.uint8)
        image = cv2.resize(blocks, size, interpolation=cv2.INTER_NEAREST)
        images.append(cv2.GaussianBlur(image, (0, 0), blur) if blur else image)
    return images[0], 7000 + np.uint16(images[1])


def noisy(pair, seed):
    rng = np.random.default_rng(seed)
    visible = (pair[0] + rng.normal(0, 4, pair[0].shape)).clip(0, 255).astype(np.uint8)
    return visible, (pair[1] + rng.normal(0, 4, pair[1].shape)).astype(np.uint16)


def places(chosen, frames):
    return [next(place for place, frame in enumerate(frames) if frame is one) for one in chosen]


@pytest.mark.parametrize('count', [40, 41, 100])
def test_they_are_sharp_and_spread(count):
    frames = [scene(number, blur=0 if number % 5 == 3 else 4) for number in range(count)]
    found = places(telling_frames(iter(frames), most=8), frames)
    assert found == sorted(found)
    assert 4 <= len(found) <= 8
    assert sum(place % 5 == 3 for place in found) >= len(found) - 1  # the last piece may be short
    assert max(np.diff(found)) < count / 2
    assert found[0] < count / 3
    assert found[-1] > count * 2 / 3


def test_they_are_unlike_one_another():
    scenes = [scene(0), scene(1)]
    frames = [noisy(scenes[number >= 12], number) for number in range(30)]
    found = places(telling_frames(frames), frames)
    assert len(found) == 2
    assert found[0] < 12 <= found[1]


def test_one_that_changes_in_infrared_alone_counts():
    visible = scene(0)[0]
    frames = [(visible, scene(number)[1]) for number in range(4)]
    assert places(telling_frames(frames), frames) == [0, 1, 2, 3]


def test_edges_must_be_in_both():
    """The one that is by far the sharpest shows nothing in infrared."""
    strong = np.uint8(255) * (np.indices((48, 64)).sum(0) // 4 % 2).astype(np.uint8)
    blind = np.dstack([strong] * 3), np.full((36, 48), 7000, np.uint16)
    frames = [scene(0, blur=4), blind]
    assert places(telling_frames(frames), frames) == [0]
    assert places(telling_frames(frames, most=1), frames) == [0]


def test_there_may_be_one_or_none():
    dark = np.zeros((48, 64, 3), np.uint8), np.zeros((36, 48), np.uint8)
    assert len(telling_frames([dark])) == 1
    assert telling_frames([]) == []
