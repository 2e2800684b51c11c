"""Fusing two videos: what comes out, and what is refused before anything is written."""

import shutil
import threading
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

import bffr
from bffr.errors import InputError
from bffr.fusing.fuse_files import fuse_files
from bffr.fusing.fuse_options import FuseOptions
from bffr.fusing.fuse_pair import fuse_pair
from bffr.images.image_io import read_image, write_png
from bffr.video import VideoPair, VideoWriter, pair
from mmseg_bffr.apis import init_model
from mmseg_bffr.apis.torch_engine import as_model
from mmseg_bffr.datasets import MFNetDataset
from tests.fake_models import fake_model

SIZE, RATE, FRAMES = (48, 32), 12.5, 6


AVERAGE = bffr.load('average')


@pytest.fixture(scope='module')
def joint(tiny_configs):
    torch.manual_seed(0)
    return as_model(init_model(tiny_configs[1]))


def average(visible, infrared):
    return (visible + infrared[..., None].astype(np.float32)) / 510


def frame(index, size=SIZE):
    """A scene that gets brighter; the infrared one has a bar that moves."""
    scene = np.full((*size[::-1], 3), 60 + 20 * index, np.uint8)
    scene[:, 8 * index : 8 * index + 8] = 250
    return scene


def write(path, frames=FRAMES, size=SIZE, rate=RATE, codec='MJPG'):
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*codec), rate, size)
    for index in range(frames):
        writer.write(frame(index, size))
    writer.release()
    return path


def read(path):
    capture = cv2.VideoCapture(str(path))
    frames = []
    while True:
        found, image = capture.read()
        if not found:
            return capture.get(cv2.CAP_PROP_FPS), frames
        frames.append(image)


@pytest.fixture
def videos(tmp_path):
    return write(tmp_path / 'vis.avi'), write(tmp_path / 'ir.mp4', codec='mp4v')


@pytest.fixture
def spoilt(monkeypatch):
    """Make the frames of some numbers, from 1, fail."""

    def spoilt(*numbers):
        seen = iter(range(1, 100))

        def fails_at(*args, **kwargs):
            if next(seen) in numbers:
                raise InputError('spoilt.')
            return original(*args, **kwargs)

        monkeypatch.setattr('bffr.fusing.fuse_video.fuse_pair', fails_at)

    original = fuse_pair
    return spoilt


def leftovers(folder):
    return sorted(path.name for path in folder.iterdir() if path.name not in ('vis.avi', 'ir.mp4'))


class TestResult:
    @pytest.mark.parametrize('name', ['new/out.mp4', 'out.avi', 'OUT.MP4'])
    def test_keeps_rate_size_order_and_length(self, joint, videos, tmp_path, capsys, name):
        fuse_files(joint, *videos, tmp_path / name, FuseOptions(stretch='none'))
        rate, frames = read(tmp_path / name)
        assert rate == RATE
        expected = [joint.fuse(*images, stretch='none') for images, _ in VideoPair(*videos)]
        assert len(frames) == len(expected) == FRAMES
        for got, wanted in zip(frames, expected, strict=True):
            assert np.abs(got.astype(int) - wanted).mean() < 6  # the codec's loss
        said = capsys.readouterr()
        assert '6/6' in said.err
        assert '6 frame(s) in ' in said.out
        assert ' frames/s; latency ' in said.out
        assert 'dropped 0 visible, 0 infrared\n' in said.out
        assert [
            path.name for path in (tmp_path / name).parent.iterdir() if '.partial' in path.name
        ] == []

    def test_labels(self, joint, videos, tmp_path):
        fuse_files(joint, *videos, tmp_path / 'out.avi', FuseOptions(seg=True))
        assert leftovers(tmp_path) == ['out.avi', 'out_labels.avi']
        rate, frames = read(tmp_path / 'out_labels.avi')
        assert (rate, len(frames)) == (RATE, FRAMES)
        colours = np.array(MFNetDataset.METAINFO['palette'])[:, ::-1]
        for got, (images, _) in zip(frames, VideoPair(*videos), strict=True):
            wanted = colours[joint.segment(*images)]
            assert wanted.any()
            assert np.abs(got - wanted).mean() < 12  # the codec's loss

    def test_names_that_look_like_addresses(self, videos, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        for kind, path in zip('vi', videos, strict=True):
            shutil.copy(path, f'12:30{kind}{Path(path).suffix}')
        names = sorted(map(str, Path().glob('12:30*')), reverse=True)
        fuse_files(AVERAGE, *names, '12:30.avi')
        assert Path('12:30.avi').is_file()

    def test_classical_method(self, videos, tmp_path):
        fuse_files(AVERAGE, *videos, tmp_path / 'out.avi', FuseOptions(stretch='none'))
        (visible, infrared), _ = next(iter(VideoPair(*videos)))
        first = read(tmp_path / 'out.avi')[1][0]
        assert abs(first.mean() - (visible.mean() + infrared.mean()) / 2) < 5

    def test_brightness_follows_the_inputs_without_a_stretch(self, videos, tmp_path):
        fuse_files(fake_model(average), *videos, tmp_path / 'out.avi', FuseOptions(stretch='none'))
        means = [image.mean() for image in read(tmp_path / 'out.avi')[1]]
        assert 10 < np.diff(means).min() <= np.diff(means).max() < 30

    @pytest.mark.parametrize('videos_too', [True, False])
    def test_flat_frames_gain_contrast_and_keep_their_brightness(self, tmp_path, videos_too):
        flat = [80 + cv2.resize(frame(1), SIZE) // 8 + 4 * (index == 2) for index in range(4)]
        sources = [tmp_path / 'vis', tmp_path / 'ir']
        if videos_too:
            sources = [path.with_suffix('.avi') for path in sources]
            for path in sources:
                with VideoWriter(path, SIZE, RATE) as writer:
                    for image in flat:
                        writer.write(image)
        else:
            for path in sources:
                for index, image in enumerate(flat):
                    write_png(path / f'{index}.png', image)
        out = tmp_path / ('out.avi' if videos_too else 'out')
        fuse_files(fake_model(average), *sources, out, FuseOptions(stretch='sequence'))
        got = read(out)[1] if videos_too else [read_image(out / f'{i}.png') for i in range(4)]
        gain = np.mean([image.std() for image in got]) / flat[0].std()
        assert 3 < gain < 9
        assert np.abs(np.diff([np.median(image) for image in got])).max() < 0.7 * 4 * gain

    def test_unknown_stretch(self, videos, tmp_path):
        with pytest.raises(InputError, match='wide: no such stretch; choose from none, image'):
            fuse_files(bffr.load('max'), *videos, tmp_path / 'out.avi', FuseOptions(stretch='wide'))

    def test_reading_and_writing_overlap_with_fusing(self, videos, tmp_path, monkeypatch):
        reached = {what: threading.Event() for what in ('third read', 'third fused')}

        class Read(VideoPair):
            def __iter__(self):
                for number, frames in enumerate(super().__iter__(), 1):
                    if number == 3:
                        reached['third read'].set()
                    yield frames

        calls = []

        def slow(visible, infrared):
            calls.append(1)
            assert reached['third read'].wait(10)
            assert threading.current_thread() is threading.main_thread()  # see apis.cpu
            if len(calls) == 3:
                reached['third fused'].set()
            return average(visible, infrared)

        class Written(VideoWriter):
            def write(self, image, time):
                assert reached['third fused'].wait(10)
                super().write(image, time)

        monkeypatch.setattr('bffr.fusing.fuse_video.VideoPair', Read)
        monkeypatch.setattr('bffr.fusing.fuse_video.VideoWriter', Written)
        fuse_files(fake_model(slow), *videos, tmp_path / 'out.avi', FuseOptions(stretch='none'))
        means = [image.mean() for image in read(tmp_path / 'out.avi')[1]]
        assert len(means) == FRAMES
        assert means == sorted(means)


class TestFramesThatFail:
    def test_end_the_run(self, joint, videos, spoilt, tmp_path):
        spoilt(3)
        with pytest.raises(InputError, match=r'vis\.avi, .*ir\.mp4, frame 3: spoilt\.'):
            fuse_files(joint, *videos, tmp_path / 'out.mp4')
        assert leftovers(tmp_path) == []

    def test_are_replaced_by_the_nearest_good_one(self, videos, spoilt, tmp_path, capsys):
        spoilt(1, 2, 5)
        options = FuseOptions(keep_going=True, stretch='none')
        with pytest.raises(InputError, match=r'^3 of 6 frame\(s\) failed'):
            fuse_files(AVERAGE, *videos, tmp_path / 'out.avi', options)
        means = [image.mean() for image in read(tmp_path / 'out.avi')[1]]
        assert len(means) == FRAMES
        assert np.abs(np.diff(means))[[0, 1, 3]].max() < 1
        assert np.abs(np.diff(means))[[2, 4]].min() > 10
        assert 'skipped: ' in capsys.readouterr().err

    def test_all(self, videos, spoilt, tmp_path):
        spoilt(*range(1, 7))
        with pytest.raises(InputError, match='no frame could be fused'):
            fuse_files(AVERAGE, *videos, tmp_path / 'out.avi', FuseOptions(keep_going=True))
        assert leftovers(tmp_path) == []


class TestErrorsOfThreads:
    @pytest.fixture(autouse=True)
    def nothing_is_left(self, tmp_path):
        before = set(threading.enumerate())
        yield
        assert leftovers(tmp_path) == []
        assert set(threading.enumerate()) <= before

    def test_reader(self, videos, tmp_path, monkeypatch):
        def spoilt(*_):
            raise InputError('spoilt.')

        monkeypatch.setattr(pair, 'one_channel', spoilt)
        with pytest.raises(InputError, match=r'^spoilt\.$'):
            fuse_files(AVERAGE, *videos, tmp_path / 'out.avi')

    def test_fuser(self, videos, spoilt, tmp_path):
        spoilt(3)
        with pytest.raises(InputError, match=r'frame 3: spoilt\.$'):
            fuse_files(AVERAGE, *videos, tmp_path / 'out.avi')

    @pytest.mark.parametrize('number', [1, FRAMES])
    def test_writer(self, videos, tmp_path, monkeypatch, number):
        class Full(VideoWriter):
            def write(self, image, time):
                if self.frames == number - 1:
                    raise InputError('full.')
                super().write(image, time)

        monkeypatch.setattr('bffr.fusing.fuse_video.VideoWriter', Full)
        with pytest.raises(InputError, match=r'^full\.$'):
            fuse_files(AVERAGE, *videos, tmp_path / 'out.avi')


class TestRefused:
    def test_sizes_that_differ(self, videos, tmp_path):
        write(videos[1], codec='mp4v', size=(64, 32))
        with pytest.raises(InputError, match='have frames of 48x32 and 64x32 pixels'):
            fuse_files(AVERAGE, *videos, tmp_path / 'out.mp4')
        assert leftovers(tmp_path) == []

    def test_unreadable(self, videos, tmp_path):
        with pytest.raises(InputError, match=r'none\.mp4: there is no such video'):
            fuse_files(AVERAGE, videos[0], tmp_path / 'none.mp4', tmp_path / 'out.mp4')
        videos[1].write_bytes(b'hello')
        with pytest.raises(InputError, match=r'ir\.mp4: is empty, damaged or in a format'):
            fuse_files(AVERAGE, *videos, tmp_path / 'out.mp4')

    def test_output(self, videos, tmp_path):
        before = [video.read_bytes() for video in videos]
        with pytest.raises(InputError, match=r'out\.webm: videos are written as \.mp4, \.m4v,'):
            fuse_files(AVERAGE, *videos, tmp_path / 'out.webm')
        for video in videos:
            with pytest.raises(InputError, match='is an input video'):
                fuse_files(AVERAGE, *videos, video)
        with pytest.raises(InputError, match='/proc/no/out.mp4: cannot be written'):
            fuse_files(AVERAGE, *videos, '/proc/no/out.mp4')
        (tmp_path / 'folder.mp4').mkdir()
        with pytest.raises(InputError, match=r'folder\.mp4: cannot be written'):
            fuse_files(AVERAGE, *videos, tmp_path / 'folder.mp4')
        assert before == [video.read_bytes() for video in videos]
        assert leftovers(tmp_path) == ['folder.mp4']

    def test_frame_of_another_size(self, tmp_path):
        video = VideoWriter(tmp_path / 'out.mp4', SIZE, RATE)
        with video:
            video.write(frame(0))
            with pytest.raises(InputError, match='frame 2 has 64x32 pixels'):
                video.write(frame(0, (64, 32)))
        assert len(read(tmp_path / 'out.mp4')[1]) == 1

    def test_other_kinds(self, videos, tmp_path):
        with pytest.raises(InputError, match=r'\(video\), .* \(folder\): give two sources of'):
            fuse_files(AVERAGE, videos[0], tmp_path, tmp_path / 'out.mp4')
        with pytest.raises(InputError, match=r'\(video\), .* \(image\): give two sources of'):
            fuse_files(AVERAGE, videos[0], __file__, tmp_path / 'out.mp4')
        with pytest.raises(InputError, match=r'^a\.png: cannot be read'):
            fuse_files(AVERAGE, videos[0], 'a.png', tmp_path / 'out.mp4')
        with pytest.raises(InputError, match='leave out --sheet'):
            fuse_files(AVERAGE, *videos, tmp_path / 'out.mp4', FuseOptions(sheet=True))
        with pytest.raises(InputError, match='This model only fuses; to segment'):
            fuse_files(AVERAGE, *videos, tmp_path / 'out.mp4', FuseOptions(seg=True))


@pytest.mark.parametrize('rate', [1000 / 15, 1000 / 12, 1000 / 7, 30000 / 1001, 1.1, 1000])
def test_rates_of_cameras(tmp_path, rate):
    with VideoWriter(tmp_path / 'out.mp4', SIZE, rate) as writer:
        for index in range(3):
            writer.write(frame(index))
    assert read(tmp_path / 'out.mp4')[0] == pytest.approx(rate, rel=1e-3)
