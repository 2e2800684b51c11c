"""Infrared whose gain jumps: what becomes steady, and what stays as it is."""

import numpy as np
import pytest

from bffr.fusing.fuse_files import fuse_files
from bffr.fusing.fuse_options import FuseOptions
from bffr.images.gain import FolderGain, SequenceGain
from bffr.images.image_io import read_image, write_png
from tests.drawn_videos import write_video
from tests.fake_models import mean_model

GAINS = [1, 0.7, 0.7, 1.4, 0.85, 1.7, 1.7, 1.05, 1.75, 1.75]
BLOCK = np.s_[60:90, 10:60]


def frames(gains, person=True):
    """A scene that stands still, with a person who walks, by a camera of these gains."""
    y, x = np.mgrid[:96, :128]
    scene = 40 + 14 * np.sin(x / 9) * np.cos(y / 7)
    for index, gain in enumerate(gains):
        image = scene.copy()
        if person:
            image[20:50, 6 * index : 6 * index + 12] = 125
        yield np.round((image * gain).clip(0, 255)).astype(np.uint8)


def steps(images):
    return np.abs(np.diff([image[BLOCK].mean() for image in images]))


@pytest.mark.parametrize('make', [lambda _: SequenceGain(), FolderGain])
def test_still_block_does_not_jump(make):
    seen = list(frames(GAINS))
    gain = make(seen)
    steady = [gain(image) for image in seen]
    assert steps(seen).max() > 25
    assert steps(steady).max() < 3
    for index, image in enumerate(steady):  # the person stays visible
        assert image[20:50, 6 * index : 6 * index + 12].mean() > image[BLOCK].mean() + 40


def test_steady_frames_are_kept_whatever_moves():
    gain = SequenceGain()
    for image in frames([1] * 10):
        np.testing.assert_array_equal(gain(image), image)
    crowd = image.copy()
    crowd[:30] = 220
    np.testing.assert_array_equal(gain(crowd), crowd)


def test_lasting_change_comes_through():
    gain = SequenceGain()
    means = [gain(image).mean() for image in frames([1] * 5 + [1.7] * 300, person=False)]
    assert abs(means[5] - means[4]) < 2
    assert np.abs(np.diff(means)).max() < 2
    assert means[-1] - means[0] > 25


def test_covered_lens_changes_nothing_after_it():
    gain = SequenceGain()
    covered = np.full((96, 128), 17, np.uint8)
    seen = [*frames([1] * 4)] + [covered] * 3 + [*frames([1] * 4)]
    for image in seen:
        np.testing.assert_array_equal(gain(image), image)


@pytest.mark.parametrize('video', [True, False])
@pytest.mark.parametrize('scope', ['sequence', 'pair'])
def test_of_fused_images(tmp_path, video, scope):
    visible = np.full((96, 128, 3), 90, np.uint8)
    visible[::8] = 160
    seen = list(frames(GAINS))
    options = FuseOptions(stretch='sequence', ir_scope=scope, codec='ffv1' if video else None)
    if video:
        files = [tmp_path / name for name in ('vis.mkv', 'ir.mkv', 'out.mkv')]
        write_video(files[0], [visible] * len(seen), 'ffv1', 'bgr0')
        write_video(files[1], seen, 'ffv1', 'gray')
    else:
        files = [tmp_path / name for name in ('vis', 'ir', 'out')]
        for index, image in enumerate(seen):
            write_png(files[0] / f'{index}.png', visible)
            write_png(files[1] / f'{index}.png', image)
    fuse_files(mean_model(), *files, options)
    if video:
        from bffr.video import VideoReader

        fused = [frame.image for frame in VideoReader(files[2])]
    else:
        fused = [read_image(files[2] / f'{index}.png') for index in range(len(seen))]
    assert (steps(fused).max() < 4) == (scope == 'sequence')
