"""Rigs from points that a user found."""

import cv2
import numpy as np
import pytest

from bffr.errors import InputError
from bffr.rigs.points import fit_points, held_out_distances, read_points

SIZE = WIDTH, HEIGHT = 640, 480
GRID = np.stack(np.meshgrid(np.arange(0, WIDTH, 40.0), np.arange(0, HEIGHT, 40.0)), 2)


def warp(shift, degrees, scale):
    matrix = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), degrees, scale)
    matrix[:, 2] += shift
    return np.vstack([matrix, [0, 0, 1]])


def brought(points, matrix):
    return cv2.perspectiveTransform(points.reshape(1, -1, 2), matrix)[0]


def point_pairs(matrix, infrared, noise=0.0, seed=0):
    rng = np.random.default_rng(seed)
    return np.hstack([brought(infrared, matrix), infrared]) + noise * rng.normal(
        size=(len(infrared), 4)
    ) * [0, 0, 1, 1]


def error(fit, matrix):
    """Mean distance over the image."""
    return np.linalg.norm(brought(GRID, fit.matrix) - brought(GRID, matrix), axis=1).mean()


CORNERS = np.array([[160.0, 120], [480, 120], [160, 360], [480, 360]])


def test_four_points_with_a_pixel_of_noise_undo_20_pixels_3_degrees_5_per_cent():
    errors = []
    for seed in range(100):
        angle = seed * np.pi / 50
        matrix = warp((20 * np.cos(angle), 20 * np.sin(angle)), (-3, 3)[seed % 2], 1.05)
        fit = fit_points(point_pairs(matrix, CORNERS, 1.0, seed), 'similarity', WIDTH)
        errors.append(error(fit, matrix))
    assert np.quantile(errors, 0.95) <= 2


@pytest.mark.parametrize(('model', 'count'), [('similarity', 2), ('affine', 3), ('homography', 4)])
def test_fewest_points_are_met_exactly_and_fewer_refused(model, count):
    matrix = warp((9, -5), 2, 1.1)
    fit = fit_points(point_pairs(matrix, CORNERS[:count]), model, WIDTH)
    assert error(fit, matrix) < 1e-3
    assert fit.residual < 1e-3
    with pytest.raises(InputError, match=f'needs at least {count} point pairs, not {count - 1}'):
        fit_points(point_pairs(matrix, CORNERS[: count - 1]), model, WIDTH)


def test_models_are_as_free_as_their_names_say():
    matrix = warp((9, -5), 2, 1.1)
    sheared = matrix @ np.array([[1, 0.1, 0], [0, 1, 0], [0, 0, 1]])
    tilted = sheared @ np.array([[1, 0, 0], [0, 1, 0], [0, 2e-4, 1]])
    points = np.random.default_rng(0).uniform((100, 100), (540, 380), (12, 2))
    fits = {
        model: [error(fit_points(point_pairs(m, points), model, WIDTH), m) < 0.1
                for m in (matrix, sheared, tilted)]
        for model in ('similarity', 'affine', 'homography')
    }  # fmt: skip
    assert fits == {
        'similarity': [True, False, False],
        'affine': [True, True, False],
        'homography': [True, True, True],
    }


@pytest.mark.parametrize('model', ['similarity', 'affine', 'homography'])
def test_points_that_contradict_most_do_not_count(model):
    matrix = warp((9, -5), 2, 1.1)
    points = np.random.default_rng(0).uniform((50, 50), (590, 430), (10, 2))
    pairs = point_pairs(matrix, points, 0.3)
    pairs[[2, 7], 0] += (60, -40)
    fit = fit_points(pairs, model, WIDTH)
    assert np.flatnonzero(~fit.used).tolist() == [2, 7]
    assert fit.distances[2] == pytest.approx(60, abs=3)
    assert fit.residual == pytest.approx(np.sqrt((fit.distances[fit.used] ** 2).mean()))
    assert error(fit, matrix) < 2


def test_what_points_say_of_a_fit_to_the_others():
    """It is as far off as new points are; what is fitted to a point is nearer to it."""
    matrix = warp((9, -5), 2, 1.1)
    residuals, held_out, wanted = [], [], []
    for seed in range(50):
        points = np.random.default_rng(seed).uniform((50, 50), (590, 430), (6, 2))
        pairs = point_pairs(matrix, points, 1.0, seed)
        distances = held_out_distances(pairs, np.arange(6), 'affine', WIDTH)
        for number in range(6):
            others = fit_points(np.delete(pairs, number, 0), 'affine', WIDTH).matrix
            place = brought(pairs[number, 2:], others)[0]
            assert distances[number] == pytest.approx(np.linalg.norm(place - pairs[number, :2]))
        residuals.append(fit_points(pairs, 'affine', WIDTH).residual)
        held_out += [*distances]
        wanted += [*np.linalg.norm(brought(CORNERS, fit_points(pairs, 'affine', WIDTH).matrix)
                                   - brought(CORNERS, matrix), axis=1)]  # fmt: skip
    assert np.median(residuals) < np.median(wanted) < np.median(held_out)


def test_points_of_which_none_can_be_spared():
    pairs = point_pairs(warp((9, -5), 2, 1.1), CORNERS)
    assert held_out_distances(pairs, np.arange(4), 'homography', WIDTH) is None
    assert held_out_distances(pairs, np.arange(4), 'affine', WIDTH).max() < 1e-3


def test_points_that_determine_nothing():
    matrix = warp((9, -5), 2, 1.1)
    line = np.array([[100.0, 100], [200, 100], [300, 100], [400, 100], [500, 100]])
    for model, points in [('affine', line), ('similarity', line[:1].repeat(3, 0))]:
        with pytest.raises(InputError, match=f'determine no {model}|agree on one {model}'):
            fit_points(point_pairs(matrix, points), model, WIDTH)
    contradicting = np.random.default_rng(0).uniform(0, 480, (3, 4))
    with pytest.raises(InputError, match='no 3 of the point pairs agree on one similarity to 6.0'):
        fit_points(contradicting, 'similarity', WIDTH)


@pytest.mark.parametrize(
    'text',
    ['', 'vis_x,vis_y,ir_x\n1,2,3\n', 'vis_x,vis_y,ir_x,ir_y\n1,2,3\n', 'vis_x,vis_y,ir_x,ir_y\n',
     'vis_x,vis_y,ir_x,ir_y\n1,2,3,a\n', 'vis_x,vis_y,ir_x,ir_y\n1,2,3,nan\n', '\0'],
)  # fmt: skip
def test_files_that_hold_no_points(tmp_path, text):
    (tmp_path / 'p.csv').write_text(text)
    with pytest.raises(InputError, match=r'p\.csv: holds no point pairs; give .* vis_x,vis_y,ir_x'):
        read_points(tmp_path / 'p.csv')


def test_columns_may_stand_in_any_order_beside_others(tmp_path):
    (tmp_path / 'p.csv').write_text('name, ir_y,ir_x, vis_y,vis_x\nroof,4,3,2,1\n')
    np.testing.assert_array_equal(read_points(tmp_path / 'p.csv'), [[1, 2, 3, 4]])
