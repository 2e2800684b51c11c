"""Rigs from edges: found where that is certain, refused elsewhere."""

import cv2
import numpy as np
import pytest

from bffr.images.matching import match_stems
from bffr.images.pair import read_pair
from bffr.rigs.automatic import UncertainError, find_alignment
from bffr.rigs.possible import same_view

SIZE = WIDTH, HEIGHT = 320, 240


def discs(seed, margin=40):
    """Overlapping discs of random grey, and the same with signs that differ from place to place."""
    rng = np.random.default_rng(seed)
    size = HEIGHT + 2 * margin, WIDTH + 2 * margin
    visible = np.full(size, 128.0)
    for _ in range(120):
        centre = rng.integers(0, size[1]), rng.integers(0, size[0])
        cv2.circle(visible, centre, int(rng.integers(5, 40)), float(rng.uniform(40, 215)), -1)
    sign = np.where(cv2.resize(rng.normal(size=(4, 5)), size[::-1]) > 0, 1, -1)
    infrared = 128 + sign * (visible - 128) * 0.7
    return [image + rng.normal(0, 5, size) for image in (visible, infrared)]


def pair(seed, matrix, infrared_size=SIZE, margin=40):
    """A scene seen by two cameras between which `matrix` goes, from infrared to visible points."""
    visible, infrared = discs(seed, margin)
    shift = np.array([[1, 0, margin], [0, 1, margin], [0, 0, 1]])
    seen = cv2.warpPerspective(infrared, np.linalg.inv(shift @ matrix), infrared_size)
    inner = visible[margin:-margin, margin:-margin]
    return tuple(image.clip(0, 255).astype(np.uint8) for image in (inner, seen))


def warp(shift, degrees, scale):
    matrix = cv2.getRotationMatrix2D(((WIDTH - 1) / 2, (HEIGHT - 1) / 2), degrees, scale)
    matrix[:, 2] += shift
    return np.vstack([matrix, [0, 0, 1]])


def distance(first, second, size=SIZE):
    axes = (np.linspace(0, side - 1, 9) for side in size)
    grid = np.stack(np.meshgrid(*axes), 2).reshape(1, -1, 2)
    places = [cv2.perspectiveTransform(grid, matrix) for matrix in (first, second)]
    return np.linalg.norm(np.subtract(*places), axis=2).mean()


WARPS = [((10, -4), 3, 1.05), ((-8, 6), -3, 0.95), ((3, 9), 1, 1.0)]


@pytest.mark.parametrize('count', [1, 3])
@pytest.mark.parametrize('parts', WARPS)
def test_is_found(parts, count):
    matrix = warp(*parts)
    pairs = [pair(seed, matrix) for seed in range(count)]
    found, residual, held_out = find_alignment(pairs, 'similarity')
    assert distance(found, matrix) < 1
    assert residual < 1
    assert np.median(held_out) < 1
    assert np.sqrt((held_out**2).mean()) > 0.9 * residual  # which is of what was fitted


def test_is_found_between_two_sizes():
    half = np.array([[2, 0, 0.5], [0, 2, 0.5], [0, 0, 1]])
    matrix = warp(*WARPS[0]) @ half
    pairs = [pair(seed, matrix, (WIDTH // 2, HEIGHT // 2)) for seed in range(3)]
    np.testing.assert_allclose(same_view(SIZE, pairs[0][1].shape[::-1]), half)
    assert distance(find_alignment(pairs, 'similarity')[0], matrix, (160, 120)) < 1


@pytest.mark.parametrize('zoom', [0.3, 0.45, 0.75, 1.5, 2.2])
def test_is_found_where_one_camera_sees_less(zoom):
    """From the infrared camera that sees 3 times less to the visible one that does."""
    matrix = warp((14, -9), 3, zoom)
    pairs = [pair(seed, matrix, margin=240) for seed in range(3)]
    assert distance(find_alignment(pairs, 'similarity')[0], matrix) < max(zoom, 1)


def test_one_pair_does_not_tell_a_large_zoom():
    single = [pair(0, warp((14, -9), 3, 0.4), margin=240)]
    with pytest.raises(UncertainError, match='at another place or scale'):
        find_alignment(single, 'similarity')


def test_one_pair_tells_where_little_is_seen():
    """It is turned and 1.7 times narrower, which its parts tell once the whole is refined."""
    rng = np.random.default_rng(0)
    matrix = warp((14, -9), 3, 0.6)
    noisy = [
        (image + rng.normal(0, 40, image.shape)).clip(0, 255).astype(np.uint8)
        for image in pair(0, matrix, margin=120)
    ]
    assert distance(find_alignment([noisy], 'similarity')[0], matrix) < 1.5


def test_a_scene_that_repeats_itself_is_refused():
    """What is seen at the left is seen once more at the right."""
    visible, infrared = pair(0, np.eye(3))
    visible[:, WIDTH // 2 :] = visible[:, : WIDTH // 2]
    narrow = cv2.resize(infrared[40:200, 10:150], (WIDTH, HEIGHT))
    with pytest.raises(UncertainError, match='at another place'):
        find_alignment([(visible, narrow)], 'similarity')


def test_a_fence_is_refused():
    """It looks the same 16 pixels farther, which is too near to be another place."""
    greys = np.random.default_rng(0).uniform(0, 255, (12, 2))
    fence = np.tile(greys.repeat(28, 0).repeat(8, 1), WIDTH // 16 + 5).astype(np.uint8)
    visible, infrared = (
        fence[40:][:HEIGHT, 40:][:, :WIDTH],
        255 - fence[49:][:HEIGHT, 26:][:, :WIDTH],
    )
    with pytest.raises(UncertainError, match='at another place'):
        find_alignment([(visible, infrared)], 'similarity')


def matches(matrix, count, wrong, seed=0):
    """Point pairs of a transform, as many wrong ones, in any order, (N, 4)."""
    rng = np.random.default_rng(seed)
    infrared = rng.uniform(0, SIZE, (count + wrong, 2))
    visible = cv2.perspectiveTransform(infrared[None], matrix)[0] + rng.normal(0, 1, infrared.shape)
    visible[:wrong] = rng.uniform(0, SIZE, (wrong, 2))
    return rng.permutation(np.hstack([visible, infrared]))


def test_is_found_by_matches_of_another_tool():
    """Turned far more than edges search for, and by mostly wrong matches."""
    matrix = warp((14, -9), 70, 0.8)
    pairs = [pair(seed, matrix, margin=120) for seed in range(2)]
    found, _, held_out = find_alignment(pairs, 'similarity', matches=[matches(matrix, 60, 240)])
    assert distance(found, matrix) < 1
    assert np.median(held_out) < 1


@pytest.mark.parametrize(
    ('counts', 'moved', 'reason'),
    [
        (
            (0, 90),
            0,
            'of 90 matches agree|the matches do not determine a transform|too few|too small|differ',
        ),
        ((60, 20), 60, 'too few parts|differ by'),  # matches of other images
        (
            (1, 0),
            0,
            'the matches do not determine a transform .a similarity needs at least 2 point pairs',
        ),
    ],
    ids=['wrong', 'elsewhere', 'one'],
)
def test_matches_that_do_not_tell(counts, moved, reason):
    matrix = warp((14, -9), 3, 0.8)
    pairs = [pair(seed, matrix, margin=120) for seed in range(2)]
    found = matches(warp((moved, 0), 3, 0.8), *counts)
    with pytest.raises(UncertainError, match=reason):
        find_alignment(pairs, 'similarity', matches=[found])


def test_two_sizes_of_one_view_need_a_rig_file():
    half = np.array([[2, 0, 0.5], [0, 2, 0.5], [0, 0, 1]])
    found, *_ = find_alignment([pair(0, half, (WIDTH // 2, HEIGHT // 2))], 'similarity')
    assert distance(found, half, (160, 120)) < 1


def test_is_found_in_large_images_as_in_small_ones():
    matrix = warp(*WARPS[1])
    large = np.diag([3.0, 3, 1])
    large[:2, 2] = 1
    pairs = [
        tuple(cv2.resize(image, None, fx=3, fy=3) for image in pair(seed, matrix))
        for seed in (0, 1)
    ]
    found, *_ = find_alignment(pairs, 'similarity')
    size = WIDTH * 3, HEIGHT * 3
    assert distance(found, large @ matrix @ np.linalg.inv(large), size) < 2


def test_affine():
    matrix = warp((8, -5), 2, 1) @ np.array([[1, 0.04, -5], [0, 1, 0], [0, 0, 1]])
    pairs = [pair(seed, matrix) for seed in range(3)]
    assert distance(find_alignment(pairs, 'affine')[0], matrix) < 1
    assert distance(find_alignment(pairs, 'similarity')[0], matrix) > 1.5


@pytest.mark.parametrize(
    ('pairs', 'reason'),
    [
        ([pair(0, np.eye(3))], 'already aligned to 6 pixels'),
        ([pair(0, warp((1, 1), 0, 1)), pair(1, warp((1, 1), 0, 1))], 'already aligned to'),
        ([pair(0, warp((12, 0), 0, 1)), pair(1, warp((-9, 8), 0, 1))], 'differ by|too few'),
        (
            [(pair(0, np.eye(3))[0], pair(9, np.eye(3))[1])],
            'too few parts|differ by|at another place|one pair is not enough',
        ),
        (
            [
                (pair(seed, np.eye(3))[0], cv2.resize(pair(seed + 9, np.eye(3))[1], (160, 120)))
                for seed in (0, 1)
            ],
            'too few parts|too small|differ by|hardly better',
        ),
        (
            [pair(0, warp((0, 0), 90, 1))],
            'too few parts|differ by|at another place|one pair is not enough',
        ),
        (
            [(np.zeros(SIZE[::-1], np.uint8), pair(0, np.eye(3))[1])],
            'too few parts|too small|at another place|one pair is not enough',
        ),
        ([tuple(image[:40, :60] for image in pair(0, np.eye(3)))], 'are too small'),
    ],
    ids=[
        'aligned',
        'nearly',
        'two rigs',
        'two scenes',
        'two scenes and sizes',
        'turned',
        'dark',
        'small',
    ],
)
def test_is_refused(pairs, reason):
    with pytest.raises(UncertainError, match=reason):
        find_alignment(pairs, 'similarity')


def cut(files, size):
    """The middle of each pair: visible grey and infrared."""
    pairs = []
    for _, *paths in files:
        visible, infrared, *_ = read_pair(*paths)
        y, x = (infrared.shape[0] - size[1]) // 2, (infrared.shape[1] - size[0]) // 2
        if min(x, y) >= 0:
            middle = np.s_[y : y + size[1], x : x + size[0]]
            grey = cv2.cvtColor(visible, cv2.COLOR_BGR2GRAY)
            pairs.append((grey[middle], infrared[middle]))
    return pairs


@pytest.mark.slow
def test_ten_real_pairs_of_one_rig(shared):
    """Median error of at most 3 pixels; what is aligned is left alone."""
    size = 480, 250
    folders = (shared / f'data/roadscene_train/{name}' for name in ('vis', 'ir'))
    pairs = cut(match_stems(*folders)[::9], size)[:10]
    with pytest.raises(UncertainError, match='aligned to'):
        find_alignment(pairs, 'similarity')
    errors = []
    for shift, degrees, scale in WARPS:
        matrix = cv2.getRotationMatrix2D((240, 125), degrees, scale)
        matrix = np.vstack([matrix + [[0, 0, shift[0]], [0, 0, shift[1]]], [0, 0, 1]])
        moved = [(v, cv2.warpPerspective(i, np.linalg.inv(matrix), size)) for v, i in pairs]
        errors.append(distance(find_alignment(moved, 'similarity')[0], matrix, size))
    assert np.median(errors) <= 3
