"""Misalignment is noticed, alignment is not mistaken for it."""

import cv2
import numpy as np
import pytest

import bffr
from bffr.fusing.fuse_files import fuse_files
from bffr.images import pair as pairs_of_images
from bffr.images.matching import match_stems
from bffr.images.pair import read_pair
from bffr.rigs.edge_agreement import RADIUS, AgreementCheck, edge_correlation, misplaced

SIZE = HEIGHT, WIDTH = 240, 320


def scene(seed, size=SIZE):
    """Overlapping discs of random grey, (H, W) in 40..215."""
    rng = np.random.default_rng(seed)
    image = np.full(size, 128.0)
    for _ in range(60):
        centre = rng.integers(0, size[1]), rng.integers(0, size[0])
        cv2.circle(image, centre, int(rng.integers(5, 40)), float(rng.uniform(40, 215)), -1)
    return image


def pair(seed, shift=(0, 0), size=SIZE):
    """Two images of one scene whose contrasts have different signs from place to place."""
    rng = np.random.default_rng(seed + 100)
    visible = scene(seed, size)
    sign = np.where(cv2.resize(rng.normal(size=(4, 5)), size[::-1]) > 0, 1, -1)
    infrared = 128 + sign * (visible - 128) * 0.7
    infrared = np.roll(infrared, shift[::-1], (0, 1))
    noisy = [image + rng.normal(0, 6, size) for image in (visible, infrared)]
    visible, infrared = (image.clip(0, 255).astype(np.uint8) for image in noisy)
    return np.dstack([visible] * 3), infrared


@pytest.mark.parametrize('shift', [(0, 0), (12, -7), (-20, 3), (RADIUS, -RADIUS)])
@pytest.mark.parametrize('factor', [1, 2])
def test_correlation_is_largest_at_the_shift(shift, factor):
    moved = shift[0] * factor, shift[1] * factor
    visible, infrared = pair(0, moved, (HEIGHT * factor, WIDTH * factor))
    correlation, step = edge_correlation(visible[..., 0], infrared)
    y, x = np.unravel_index(correlation.argmax(), correlation.shape)
    assert step == factor
    assert np.hypot(x - RADIUS - shift[0], y - RADIUS - shift[1]) < 1.5


def test_panoramas():
    visible, infrared = pair(0, (80, 0), (128, 1280))
    correlation, step = edge_correlation(visible[..., 0], infrared)
    y, x = np.unravel_index(correlation.argmax(), correlation.shape)
    assert correlation.shape == (2 * RADIUS + 1, 2 * RADIUS + 1)
    assert step == 4
    assert np.hypot(x - RADIUS - 20, y - RADIUS) < 1.5


def test_what_is_brighter_in_one_may_be_darker_in_the_other():
    visible = pair(0)[0][..., 0]
    correlation, _ = edge_correlation(visible, 255 - np.roll(visible, (5, -9), (0, 1)))
    assert np.unravel_index(correlation.argmax(), correlation.shape) == (RADIUS + 5, RADIUS - 9)


@pytest.fixture
def warnings(caplog):
    def warnings(check, pairs):
        caplog.clear()
        for number, (visible, infrared) in enumerate(pairs):
            check(visible, infrared, f'pair {number}')
        return caplog.messages

    return warnings


def test_a_shift_is_told_once(warnings):
    found = warnings(AgreementCheck(), [pair(seed, (8, -6)) for seed in range(10)])
    assert len(found) == 1
    assert found[0].startswith('pair 0: the edges of the two images agree best 10 pixels apart; if')
    assert found[0].endswith('make a rig file with `bffr align` and give it with --align.')


def test_aligned_pairs_and_pairs_without_anything_in_common_are_silent(warnings):
    noise = np.random.default_rng(0).integers(0, 256, (8, *SIZE, 4), np.uint8)
    for pairs in (
        [pair(seed) for seed in range(8)],
        [(pair(seed)[0], pair(seed + 50)[1]) for seed in range(8)],
        [(image[..., :3], image[..., 3]) for image in noise],
        [(np.zeros((*SIZE, 3), np.uint8), pair(0)[1])] * 9,
        [pair(seed, (8, -6), (100, 120)) for seed in range(3)],
    ):
        assert warnings(AgreementCheck(), pairs) == []


def test_pairs_that_tell_too_little_alone_do_together(warnings):
    def poor(seed):
        visible, infrared = pair(seed, (14, 0))
        noise = np.random.default_rng(seed).normal(0, 60, SIZE)
        return visible, (0.12 * infrared + 110 + noise).clip(0, 255).astype(np.uint8)

    alone = [
        misplaced(edge_correlation(poor(seed)[0][..., 0], poor(seed)[1])[0]) for seed in range(8)
    ]
    assert alone.count(None) > 3
    assert len(warnings(AgreementCheck(), [poor(seed) for seed in range(8)])) == 1


def test_only_the_first_pairs_are_looked_at(warnings):
    pairs = [pair(0)] * 3 + [pair(seed, (8, -6)) for seed in range(20)]
    assert warnings(AgreementCheck(3), pairs) == []
    assert warnings(AgreementCheck(4), pairs) == []


def test_whatever_loads_pairs_warns(monkeypatch, caplog, tmp_path):
    monkeypatch.setattr(pairs_of_images, '_check_agreement', AgreementCheck())
    visible, infrared = pair(0, (20, 0))
    cv2.imwrite(str(tmp_path / 'v.png'), visible)
    cv2.imwrite(str(tmp_path / 'i.png'), infrared)
    files = [tmp_path / f'{name}.png' for name in 'vif']
    fuse_files(bffr.load('max'), *files)
    read_pair(visible, infrared)
    (message,) = [text for text in caplog.messages if 'agree best' in text]
    assert 'v.png, ' in message


@pytest.mark.parametrize(('name', 'step'), [('msrs', 7), ('roadscene', 1), ('tno', 1)])
def test_real_pairs(warnings, shared, name, step):
    """At most 2 % false alarms, at least 80 % of shifts of 20 pixels noticed, by runs of eight."""
    files = match_stems(shared / f'data/{name}/vis', shared / f'data/{name}/ir')[::step]
    pairs = [read_pair(*paths)[:2] for _, *paths in files]
    runs = [pairs[start : start + 8] for start in range(0, 9, 2)]
    assert [warnings(AgreementCheck(), run) for run in runs] == [[]] * 5
    found = [
        warnings(
            AgreementCheck(),
            [(v[16:, 12:], np.ascontiguousarray(i[:-16, :-12])) for v, i in run],
        )
        for run in runs
    ]
    assert [len(messages) for messages in found].count(1) >= 4
