"""Videos that are written: codecs, time stamps, sound, odd sizes, and a disk that fills up."""

import os
import subprocess
import sys

import av
import numpy as np
import pytest

from bffr.errors import InputError, UsageError
from bffr.video import CODECS, SUFFIXES, VideoReader, VideoWriter
from tests.drawn_videos import SIZE, numbered, texture, write_video


def scene(index, size=SIZE):
    return np.dstack([texture(index, size), texture(2 * index, size), texture(9, size)])


def write(path, count=8, size=SIZE, times=None, **options):
    with VideoWriter(path, size, 25, **options) as writer:
        for index in range(count):
            writer.write(scene(index, size), times and times[index])
    return [frame.image for frame in VideoReader(path)]


@pytest.mark.parametrize(
    ('suffix', 'codec'),
    [
        *((suffix, None) for suffix in SUFFIXES),
        *((suffix, codec) for suffix in ('.mkv', '.avi') for codec in CODECS),
    ],
)
def test_codecs(tmp_path, suffix, codec):
    got = write(tmp_path / f'a{suffix}', codec=codec)
    loss = max(np.abs(image.astype(int) - scene(index)).mean() for index, image in enumerate(got))
    assert len(got) == 8
    assert loss == 0 if codec == 'ffv1' else loss < 5


def test_codec_that_does_not_go_into_a_file(tmp_path):
    with pytest.raises(InputError, match=r"a\.mov: .*'ffv1' codec; take another --codec or suffix"):
        write(tmp_path / 'a.mov', codec='ffv1')
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize('codec', [None, 'mpeg4', 'mjpeg', 'ffv1'])
def test_odd_sizes(tmp_path, capsys, codec):
    got = write(tmp_path / 'a.mkv', size=(47, 33), codec=codec)
    assert got[0].shape[:2] == ((33, 47) if codec == 'ffv1' else (34, 48))
    said = 'a.mkv: is 48x34, as its codec needs even sides.\n'
    assert capsys.readouterr().out.endswith(said) == (codec != 'ffv1')
    assert np.abs(got[3][:33, :47].astype(int) - scene(3, (47, 33))).mean() < 5


def test_crf(tmp_path):
    for crf in (5, 40):
        write(tmp_path / f'{crf}.mp4', crf=crf)
    sizes = [(tmp_path / f'{crf}.mp4').stat().st_size for crf in (5, 40)]
    assert sizes[0] > 2 * sizes[1]
    with pytest.raises(UsageError, match='--crf is for H'):
        write(tmp_path / 'a.avi', crf=5)
    with pytest.raises(InputError, match='from 0 to 51'):
        write(tmp_path / 'a.mp4', crf=52)


@pytest.mark.parametrize('suffix', SUFFIXES)
def test_times(tmp_path, capsys, suffix):
    times = [0, 0.02, 0.04, 0.5, 0.52, 0.9]
    path = tmp_path / f'a{suffix}'
    write(path, 6, times=times)
    got = [frame.time for frame in VideoReader(path)]
    if suffix == '.avi':
        assert got == pytest.approx([index / 25 for index in range(6)])
        assert 'has one rate; frames moved by up to 0.70 s.' in capsys.readouterr().out
    else:
        assert got == pytest.approx(times, abs=1e-3)


@pytest.mark.parametrize('suffix', ['.mp4', '.mkv', '.ts', '.avi'])
def test_sound_is_copied(tmp_path, suffix):
    source = write_video(tmp_path / 'v.mkv', numbered(25), 'libx264', sound=3)
    path = tmp_path / f'a{suffix}'
    with VideoWriter(path, SIZE, 25) as writer:
        writer.take_sound(source, 0.2)
        for image in numbered(20):
            writer.write(image)
    assert len([*VideoReader(path)]) == 20
    with av.open(str(path)) as container:
        frames = list(container.decode(audio=0))
    assert sum(frame.samples / frame.sample_rate for frame in frames) == pytest.approx(0.8, abs=0.2)
    assert np.abs(frames[3].to_ndarray()).max() > 0.5


def test_sound_that_does_not_fit_is_told(tmp_path, capsys, monkeypatch):
    source = write_video(tmp_path / 'v.mkv', numbered(5), sound=1)

    def refuse(*_, **__):
        raise ValueError('no')

    class Container:
        add_stream_from_template = refuse

    writer = VideoWriter(tmp_path / 'a.mp4', SIZE, 25)
    writer._container = Container()
    writer.take_sound(source, 0)
    said = capsys.readouterr().out
    assert said == f'{writer.path}: does not take the sound of {source} (aac), which is left out.\n'


FILLED = """
import resource, sys
import numpy as np
from bffr.errors import InputError
from bffr.video import VideoWriter
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
writer = VideoWriter(sys.argv[1], (64, 48), 25)
noise = np.random.default_rng(0)
try:
    with writer:
        for _ in range(2000):
            writer.write(noise.integers(0, 255, (48, 64, 3), dtype=np.uint8))
except InputError as error:
    print(writer.frames, error)
"""


@pytest.mark.parametrize('suffix', SUFFIXES)
def test_full_disk_ends_it_at_once(root, tmp_path, suffix):
    pytest.importorskip('resource')
    words = [sys.executable, '-c', FILLED, str(tmp_path / f'a{suffix}')]
    env = {**os.environ, 'PYTHONPATH': str(root)}
    said = subprocess.check_output(words, text=True, cwd=root, env=env)
    frames, _, sentence = said.partition(' ')
    assert int(frames) < 200
    assert sentence == f'{tmp_path}/a{suffix}: cannot be written (File too large).\n'
    assert not list(tmp_path.iterdir())
