"""Two videos paired by time: which frames meet, what is left out, and what is said."""

import cv2
import numpy as np
import pytest

from bffr.errors import InputError
from bffr.images import said_once
from bffr.video import VideoPair
from tests.drawn_videos import texture, write_video


@pytest.fixture
def paired(tmp_path):
    """Numbers of the frames of each pair, and when, of videos with frames at times in ms."""

    def paired(visible, infrared, **options):
        for name, times in (('v.mkv', visible), ('i.mkv', infrared)):
            frames = [np.full((8, 8, 3), index, np.uint8) for index in range(len(times))]
            write_video(tmp_path / name, frames, 'ffv1', 'bgr0', times=list(times))
        pair = VideoPair(tmp_path / 'v.mkv', tmp_path / 'i.mkv', **options)
        found = [(int(v[0, 0, 0]), int(i[0, 0]), time) for (v, i), time in pair]
        return pair, found

    return paired


def every(rate, count, start=0):
    return [round(start + 1000 * index / rate) for index in range(count)]


def numbers(found):
    return [pair[:2] for pair in found]


def test_one_rate_pairs_one_by_one(paired, caplog):
    pair, found = paired(every(30, 40), every(29.98, 40, 700))
    assert numbers(found) == [(index, index) for index in range(40)]
    assert pair.distance < 2e-3
    assert not caplog.text


@pytest.mark.parametrize('rate', ['visible', 'infrared', 5.0])
@pytest.mark.parametrize('offset', [0.0, 0.3, -0.2])
def test_pairs_are_the_nearest(paired, rate, offset):
    """Against the plain definition over all frames."""
    rng = np.random.default_rng(0)
    visible, infrared = (np.cumsum(rng.integers(20, 90, 30)) for _ in range(2))
    visible, infrared = visible - visible[0], infrared - infrared[0]
    _, found = paired(visible.tolist(), infrared.tolist(), rate=rate, offset=offset)
    moved = infrared + 1000 * offset
    moments = {'visible': visible, 'infrared': moved}.get(rate)
    if moments is None:
        moments = max(0, moved[0]) + 200 * np.arange(100)
    start = max(0, moved[0]) - 20
    common = [moment for moment in moments if start <= moment <= min(visible[-1], moved[-1])]
    assert len(common) <= len(found) <= len(common) + 2  # the last frame is shown for a while
    for (v, i, time), moment in zip(found, common, strict=False):
        assert time == pytest.approx((moment - common[0]) / 1000)
        for times, number in ((visible, v), (moved, i)):
            assert abs(times[number] - moment) == pytest.approx(np.abs(times - moment).min())


def test_slow_infrared_beside_fast_visible(paired, caplog):
    pair, found = paired(every(30, 60), every(9, 18))
    assert [visible for visible, _, _ in found] == list(range(60))
    assert pair.distance == pytest.approx(1 / 18, abs=2e-3)
    assert not caplog.text


def test_what_is_far_apart_is_warned_of(paired, caplog):
    pair, _ = paired(every(25, 16), [*every(25, 6), *every(25, 6, 400)])
    assert pair.distance == pytest.approx(0.1, abs=0.02)
    assert caplog.text.count('ms apart, more than half a frame of the slower video') == 1


def test_what_is_left_out_is_told(paired, caplog):
    with caplog.at_level('INFO'):
        _, found = paired(every(25, 30), every(25, 10), offset=0.4)
    assert numbers(found) == [(index + 10, index) for index in range(10)]
    assert 'v.mkv: its first 0.40 s are left out.' in caplog.text
    assert 'v.mkv: what comes after 0.76 s is left out' in caplog.text
    assert 'i.mkv' not in caplog.text.replace('v.mkv, ', '')


def test_nothing_in_common(paired):
    with pytest.raises(InputError, match=r'v\.mkv, .*i\.mkv: share no time; correct --off'):
        paired(every(25, 5), every(25, 5), offset=3)


@pytest.mark.parametrize('count', [1, 32, 33, 200])
def test_samples_are_spread(paired, tmp_path, count):
    pair, _ = paired(every(25, 5), every(25, count))
    samples = [int(image[0, 0]) for image in pair.infrared_samples()]
    assert samples[0] == 0
    assert min(count, 16) <= len(samples) <= 32
    assert len({*np.diff(samples)}) <= 1
    assert samples[-1] >= count - count / len(samples) - 1


@pytest.mark.parametrize('palette', [None, 'jet'])
def test_colours_are_of_a_palette_or_warned_of(tmp_path, caplog, monkeypatch, palette):
    monkeypatch.setattr(said_once, '_said', set())
    grey = [texture(index) for index in range(4)]
    colour = [cv2.applyColorMap(image, cv2.COLORMAP_JET) for image in grey]
    vis = write_video(tmp_path / 'v.mkv', colour)
    ir = write_video(tmp_path / 'i.mkv', colour, pixels='bgr0')
    pair = VideoPair(vis, ir, palette=palette)
    expected = grey if palette else [cv2.cvtColor(x, cv2.COLOR_BGR2GRAY) for x in colour]
    for found in ([ir for (_, ir), _ in pair], pair.infrared_samples()):
        np.testing.assert_array_equal(found, expected)
    assert ('i.mkv: is coloured' in caplog.text) == (palette is None)
