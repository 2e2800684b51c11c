"""A rig that drifts is followed where edges tell, and left where it is elsewhere."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from bffr.images.pair import read_pair
from bffr.rigs.rig import Rig
from bffr.rigs.tracking import RigTracker
from tests.bffr.rigs.test_automatic import SIZE, discs, distance, pair, warp


def frames(moves, seed=0, other=0):
    """Pairs of one scene, or of two, the infrared images moved by matrices."""
    visible, infrared = discs(seed)[0], discs(seed + other)[1]
    for matrix in moves:
        shift = np.array([[1, 0, 40], [0, 1, 40], [0, 0, 1]])
        moved = cv2.warpPerspective(infrared, matrix @ np.linalg.inv(shift), SIZE)
        images = (visible[40:-40, 40:-40], moved)
        grey, infrared_image = (image.clip(0, 255).astype(np.uint8) for image in images)
        yield cv2.merge([grey] * 3), infrared_image


@pytest.fixture
def rig():
    return Rig.of_matrix(np.eye(3), SIZE, SIZE, 0.0)


def test_a_drift_is_followed(rig):
    moves = [warp((0.3 * n, -0.15 * n), 0.02 * n, 1 + 0.0005 * n) for n in range(36)]
    tracker = RigTracker(rig)
    for images in frames(moves):
        found = tracker(*images)
    wanted = np.linalg.inv(moves[-1])
    assert distance(np.eye(3), wanted) > 10
    assert distance(np.array(found.drift), wanted) < 2.5  # which it lags behind
    assert 7 < tracker.farthest < 14
    assert (tracker.frames, tracker.followed) == (36, 29)
    assert found.overlap == rig.overlap


@pytest.mark.parametrize(
    ('moves', 'other'),
    [
        ([np.eye(3)] * 16, 0),
        ([warp((1, -1), 0, 1)] * 16, 0),  # as depth does
        ([warp((60, 0), 0, 1)] * 16, 0),  # farther than any drift
        ([warp((9, 0), 0, 1), warp((-9, 4), 0, 1)] * 8, 0),  # every other frame elsewhere
        ([np.eye(3)] * 16, 5),  # another scene
    ],
    ids=['none', 'small', 'far', 'shaking', 'other'],
)
def test_it_stays_where_it_is(rig, moves, other):
    tracker = RigTracker(rig)
    assert all(tracker(*images) is rig for images in frames(moves, other=other))
    assert tracker.farthest == 0


def test_it_stays_where_it_went(rig):
    tracker = RigTracker(rig)
    for images in frames([warp((8, 0), 0, 1)] * 24):
        there = tracker(*images)
    assert distance(np.array(there.drift), warp((-8, 0), 0, 1)) < 0.5
    flat = [np.full((*SIZE[::-1], 3), 90, np.uint8), np.full(SIZE[::-1], 90, np.uint8)]
    for _ in range(30):
        assert distance(np.array(tracker(*flat).drift), np.array(there.drift)) < 0.5


def test_a_drifted_rig_brings_infrared_where_it_is(rig):
    visible, infrared = pair(0, np.eye(3))
    drifted = replace(rig, drift=((1, 0, -8), (0, 1, 5), (0, 0, 1)))
    seen = read_pair(cv2.merge([visible] * 3), infrared, align=drifted)
    np.testing.assert_array_equal(seen.infrared[5:, :-8], infrared[:-5, 8:])
    assert seen.nothing[:5].all()
    assert seen.nothing[:, -8:].all()
    assert not seen.nothing[5:, :-8].any()
    fused = seen.complete(np.zeros((*SIZE[::-1], 3), np.uint8), drifted)
    np.testing.assert_array_equal(fused[:5], seen.visible[:5])
