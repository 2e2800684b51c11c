"""Lenses and the relation of two cameras, from drawn and from real boards."""

import cv2
import numpy as np
import pytest
import yaml

from bffr.errors import InputError
from bffr.rigs.calibration import Stereo, board_corners, calibrate_lens, straight_points
from bffr.rigs.checkerboard import checkerboard_points
from bffr.rigs.lens import Lens
from bffr.rigs.points import distances_from

SIZE = 640, 480
PLACES = board_corners((9, 6), 1.0)
VISIBLE = Lens('pinhole', (500, 505), (330, 250), (-0.35, 0.15, 0.001, -0.001, 0))
INFRARED = Lens('fisheye', (450, 455), (315, 235), (-0.03, 0.01, 0, 0))
TURN = cv2.Rodrigues(np.array([0.02, -0.03, 0.04]))[0]
SHIFT = np.array([-0.8, 0.3, 0.1])


def seen(lens, points):
    """Where points in space, (N, 3), seen from a camera, are in its image."""
    return lens.bent(points[:, :2] / points[:, 2:] * lens.focal + lens.centre)


def boards(count, tilt=0.5, noise=0.1, seed=0):
    """Corners of boards before both cameras, (count, 54, 4)."""
    rng = np.random.default_rng(seed)
    found = []
    while len(found) < count:
        turn, _ = cv2.Rodrigues(rng.uniform(-tilt, tilt, 3))
        place = rng.uniform(-4, 4), rng.uniform(-3, 3), rng.uniform(10, 20)
        corners = (PLACES - PLACES.mean(0)) @ turn.T + place
        board = np.hstack([seen(VISIBLE, corners), seen(INFRARED, corners @ TURN.T + SHIFT)])
        if (board > 0).all() and (board < np.tile(SIZE, 2)).all():
            found.append(board + rng.normal(0, noise, board.shape))
    return np.array(found)


@pytest.mark.parametrize(('lens', 'columns'), [(VISIBLE, [0, 1]), (INFRARED, [2, 3])])
def test_a_lens_is_found(lens, columns):
    shown = boards(20)[..., columns]
    found, error = calibrate_lens(shown, PLACES, SIZE, lens.model)
    assert 0.1 < error < 0.2  # the noise of x and y
    np.testing.assert_allclose(found.focal, lens.focal, rtol=0.005)
    points = shown.reshape(-1, 2)
    directions = [(one.straight(points) - one.centre) / one.focal for one in (found, lens)]
    assert np.abs(np.subtract(*directions)).max() < 0.002


def test_boards_that_do_not_tell_a_lens():
    with pytest.raises(InputError, match='that both cameras see at different places, not 5'):
        calibrate_lens(boards(5)[..., :2], PLACES, SIZE, 'pinhole')
    with pytest.raises(InputError, match='the focal length only to .*%; tilt them'):
        calibrate_lens(boards(8, tilt=0.02)[..., :2], PLACES, SIZE, 'pinhole')
    flat = boards(6, tilt=0, noise=1)[..., 2:]
    with pytest.raises(InputError, match='the boards do not determine the focal length; tilt'):
        calibrate_lens(flat, PLACES, SIZE, 'fisheye')
    still = np.repeat(boards(3)[..., :2], 3, 0)
    still += np.random.default_rng(0).normal(0, 0.1, still.shape)
    with pytest.raises(InputError, match='at different places, not 3'):
        calibrate_lens(still, PLACES, SIZE, 'pinhole')


def test_the_matrix_of_a_distance():
    """What lies in a plane before the visible camera is brought where that sees it."""
    stereo = Stereo(boards(8, noise=0), PLACES, (VISIBLE, INFRARED))
    assert stereo.error < 0.01
    rng = np.random.default_rng(1)
    for distance in (12, 1e9):
        points = rng.uniform(-0.3, 0.3, (20, 3)) * distance
        points[:, 2] = distance
        pairs = np.hstack([seen(VISIBLE, points), seen(INFRARED, points @ TURN.T + SHIFT)])
        straight = straight_points(pairs, VISIBLE, INFRARED)
        assert distances_from(stereo.matrix(distance), straight).max() < 0.1
        assert distances_from(stereo.matrix(30), straight).min() > 5
    np.testing.assert_allclose(stereo.matrix(1e12), stereo.matrix(np.inf), atol=1e-6)


def test_distances_of_other_boards_are_the_noise():
    shown = boards(16)
    stereo = Stereo(shown[:8], PLACES, (VISIBLE, INFRARED))
    assert np.median(stereo.distances_from(shown[8:])) < 0.3
    shown[..., 2] += 4
    assert np.median(stereo.distances_from(shown[8:])) > 3


def test_a_real_board(shared):
    """Dark on bright in colour, inverted in infrared, whose lens bends much."""
    folder = shared / 'data/rig_checkerboard'
    pair = [cv2.imread(str(folder / f'{name}0000.jpg'), 0) for name in ('rgb', 'thermal')]
    lenses = []
    for name in ('rgb', 'thermal'):
        said = yaml.safe_load((folder / f'{name}_intrinsic.txt').read_text())
        intrinsic = said[f'{name}_intrinsic']
        distortion = said.get(f'{name}_distortion', [0] * 4)
        lenses.append(Lens('pinhole', intrinsic[:2], intrinsic[2:], distortion))
    shown = checkerboard_points([pair], (6, 5))
    assert shown.shape == (1, 30, 4)
    assert Stereo(shown, board_corners((6, 5), 1), lenses).error < 1
