"""Transforms that no two cameras have."""

import contextlib

import cv2
import numpy as np
import pytest

from bffr.errors import InputError
from bffr.rigs.points import fit_points
from bffr.rigs.possible import require_possible, same_view

SIZES = (96, 72), (48, 36)
CORNERS = np.array([[4.0, 4], [90, 4], [4, 66], [90, 66]])


@pytest.mark.parametrize(
    ('order', 'reason'),
    [((1, 0, 2, 3), 'folds'), ((0, 2, 1, 3), 'mirrors'), ((0, 1, 2, 3), None)],
)
def test_points_that_were_exchanged(order, reason):
    fit = fit_points(np.hstack([CORNERS, CORNERS[[*order]] / 2]), 'homography', 96)
    assert fit.residual < 1e-3  # which tells nothing
    if reason:
        with pytest.raises(InputError, match=f'the transform {reason} the infrared image'):
            require_possible(fit.matrix, *SIZES)
    else:
        require_possible(fit.matrix, *SIZES)


def test_folds_are_those_of_points_on_a_grid():
    """Small triangles of the infrared image are all turned alike, or some are turned over."""
    grid = np.stack(np.meshgrid(np.linspace(0, 47, 60), np.linspace(0, 35, 60)), 2)
    rng = np.random.default_rng(0)
    verdicts = []
    for _ in range(300):
        matrix = same_view(*SIZES) + np.array([[2], [2], [0.01]]) * rng.normal(size=(3, 3))
        x, y = np.moveaxis(cv2.perspectiveTransform(grid.reshape(1, -1, 2), matrix), 2, 0)
        x, y = x.reshape(60, 60), y.reshape(60, 60)
        right, down = (np.array([np.diff(a, axis=axis) for a in (x, y)]) for axis in (1, 0))
        turns = right[0, :-1] * down[1, :, :-1] - right[1, :-1] * down[0, :, :-1]
        try:
            require_possible(matrix, *SIZES)
            verdict = 'kept'
        except InputError as error:
            verdict = str(error).split()[2]
        if verdict == 'kept':
            assert (turns > 0).all()
        if verdict == 'mirrors':
            assert (turns < 0).all()
        verdicts.append(verdict)
    assert {'kept', 'folds', 'mirrors'} <= {*verdicts}


@pytest.mark.parametrize('axes', [(1, 1), (1, 0), (0, 1)])
@pytest.mark.parametrize('zoom', [1 / 40, 1 / 20, 20, 40, 1e6])
def test_sizes_that_change_too_much(zoom, axes):
    matrix = same_view(*SIZES) @ np.diag([zoom ** axes[0], zoom ** axes[1], 1])
    if 1 / 32 < zoom < 32:
        require_possible(matrix, *SIZES)
    else:
        with pytest.raises(InputError, match='changes the size of the infrared image 32 times'):
            require_possible(matrix, *SIZES)


@pytest.mark.parametrize('factor', [-3.0, 1e-9, 1e9])
def test_homogeneous_matrices_are_judged_alike(factor):
    require_possible(factor * same_view(*SIZES), *SIZES)
    with pytest.raises(InputError, match='mirrors'):
        require_possible(factor * np.diag([-2.0, 2, 1]), *SIZES)


def test_any_numbers_end_in_a_sentence():
    rng = np.random.default_rng(0)
    for _ in range(300):
        exponents = rng.integers(-300, 300, (3, 3)) * (rng.random((3, 3)) < 0.5)
        with contextlib.suppress(InputError):
            require_possible(rng.choice([-1, 0, 1], (3, 3)) * 10.0**exponents, *SIZES)
