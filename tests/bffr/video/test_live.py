"""Live sources: which frames make a pair, what is dropped, and how a run of them ends."""

import os
import queue
import re
import signal
import threading
import time
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from bffr.errors import InputError
from bffr.fusing.fuse_files import fuse_files
from bffr.fusing.fuse_options import FuseOptions
from bffr.video import LivePair, is_live, live, open_source
from tests.fake_models import fake_model, visible_model

WIDTH, HEIGHT, FRAMES = 48, 32, 60


def image(level, size=(WIDTH, HEIGHT)):
    return np.full((*size[::-1], 3), level, np.uint8)


def slow_model(wait=0.0):
    """Gives back the visible image, after `wait` seconds."""

    def fuse(visible, infrared):
        time.sleep(wait)
        return visible / np.float32(255)

    return fake_model(fuse)


def spoilt(visible, infrared):
    raise InputError('spoilt.')


def levels(path):
    """The grey level of each frame of a video."""
    capture, frames = cv2.VideoCapture(str(path)), []
    while (frame := capture.read()[1]) is not None:
        frames.append(round(frame.mean()))
    return frames


class Camera:
    """A source whose frames, levels with time stamps, are sent by the test."""

    def __init__(self, name='0', size=(WIDTH, HEIGHT), rate=10.0):
        self.name, self.size, self.rate, self.sent = name, size, rate, queue.Queue()
        self.asked = threading.Semaphore(0)

    def read(self):
        self.asked.release()
        frame = self.sent.get()
        return frame and (image(frame[0], self.size), frame[1])

    def close(self):
        self.closed = True


def send(camera, *frames):
    """Send frames, and wait until the source asks for the next one."""
    for frame in frames:
        camera.sent.put(frame)
        assert camera.asked.acquire(timeout=10)


@pytest.fixture
def cameras(monkeypatch):
    """Cameras 0 and 1, each with a first frame of level 0 at 0 s; their clocks are ours."""
    cameras = [Camera(), Camera('1', rate=15.0)]
    monkeypatch.setattr(live._Frame, 'time', property(lambda frame: frame.stamp))
    for camera in cameras:
        camera.sent.put((0, 0.0))
    return cameras


@contextmanager
def opened(cameras):
    with LivePair(*cameras) as pair:
        try:
            for camera in cameras:
                assert camera.asked.acquire(timeout=10)
                assert camera.asked.acquire(timeout=10)
            yield pair
        finally:
            for camera in cameras:
                camera.sent.put(None)
    assert '_follow' not in str(threading.enumerate())


def taken(item):
    (visible, infrared), _, frames = item
    assert visible.shape == (HEIGHT, WIDTH, 3)
    assert infrared.shape == (HEIGHT, WIDTH)
    return int(visible[0, 0, 0]), int(infrared[0, 0]), frames


class TestPairs:
    def test_are_the_newest_and_nearest_and_the_rest_is_dropped(self, cameras):
        with opened(cameras) as pair:
            assert (pair.size, pair.rate, pair.count) == ((WIDTH, HEIGHT), 10.0, 0)
            pairs = iter(pair)
            assert taken(next(pairs)) == (0, 0, 1)
            send(cameras[0], (1, 0.1), (2, 0.2), (3, 0.3), (4, 0.4))
            send(cameras[1], (1, 0.11), (2, 0.22))
            # Infrared is behind, at 0.22 s; two more frames at 10 a second have passed.
            assert taken(next(pairs)) == (2, 2, 2)
            assert pair.dropped == (3, 1)
            send(cameras[1], (3, 0.44), (4, 0.9))
            assert taken(next(pairs)) == (4, 3, 2)
            send(cameras[0], (5, 1.0))
            assert taken(next(pairs)) == (5, 4, 6)
            assert pair.dropped == (2, 1)

    def test_a_frame_that_is_the_nearest_twice_counts_once(self, cameras):
        with opened(cameras) as pair:
            pairs = iter(pair)
            next(pairs)
            send(cameras[0], (1, 0.1))
            send(cameras[1], (1, 0.12))
            assert taken(next(pairs)) == (1, 1, 1)
            send(cameras[0], (2, 0.13))
            send(cameras[1], (2, 0.3))
            assert taken(next(pairs)) == (2, 1, 1)  # at least once in the video
            assert pair.dropped == (0, 1)

    @pytest.mark.parametrize('seed', range(3))
    def test_of_any_stamps(self, cameras, seed):
        """Against the plain definition over all frames sent."""
        rng = np.random.default_rng(seed)
        sent, used = ([(0, 0.0)], [(0, 0.0)]), [{0}, {0}]
        with opened(cameras) as pair:
            pairs = iter(pair)
            next(pairs)
            for _ in range(12):
                for camera, frames in zip(cameras, sent, strict=True):
                    for _ in range(rng.integers(1, 4)):
                        frames.append((len(frames), frames[-1][1] + rng.uniform(0.01, 0.2)))
                        send(camera, frames[-1])
                behind = int(sent[1][-1][1] < sent[0][-1][1])
                level, when = sent[behind][-1]
                if level in used[behind]:
                    continue
                nearest = min(sent[1 - behind], key=lambda frame: abs(frame[1] - when))[0]
                expected = (level, nearest) if behind == 0 else (nearest, level)
                assert taken(next(pairs))[:2] == expected
                for levels, chosen in zip(used, expected, strict=True):
                    levels.add(chosen)
            assert pair.dropped == tuple(len(sent[i]) - len(used[i]) for i in (0, 1))

    def test_differ_in_size(self, cameras):
        cameras[1].size = (64, 32)
        with pytest.raises(
            InputError, match='0, 1: have frames of 48x32 and 64x32 pixels; make a rig'
        ):
            LivePair(*cameras)


def press_ctrl_c():
    """What Python does of SIGINT, without the signal, which may end a worker of the tests."""
    signal.getsignal(signal.SIGINT)(signal.SIGINT, None)


class TestEnd:
    def test_of_a_source(self, cameras):
        with opened(cameras) as pair:
            pairs = iter(pair)
            next(pairs)
            cameras[1].sent.put(None)
            assert list(pairs) == []
            assert pair.ended == '1: has ended; what came before is fused.'
        assert cameras[1].closed

    def test_by_a_source_that_stalls(self, cameras, monkeypatch):
        with opened(cameras) as pair:
            pairs = iter(pair)
            next(pairs)
            monkeypatch.setattr(live, 'PATIENCE', 0.1)
            assert list(pairs) == []
            assert pair.ended.startswith('0: sent no frame for 0.1 s;')

    @pytest.fixture
    def interruptible(self):
        """Ctrl-C raises KeyboardInterrupt, as in a shell's foreground."""
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        yield
        signal.signal(signal.SIGINT, before)

    def test_by_ctrl_c(self, cameras, interruptible):
        with opened(cameras) as pair:
            pairs = iter(pair)
            next(pairs)
            press_ctrl_c()
            assert list(pairs) == []
            assert pair.ended is None
            with pytest.raises(KeyboardInterrupt):
                press_ctrl_c()
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


class TestTime:
    @pytest.fixture
    def times(self, monkeypatch):
        """When frames were taken as far as is known after the last: of stamps and arrivals."""

        def times(stamps, arrivals, rate=10.0):
            told, now = iter(stamps), iter(arrivals)
            capture = SimpleNamespace(
                read=lambda: (True, image(0)),
                get=lambda what: rate if what == cv2.CAP_PROP_FPS else 1000 * next(told),
            )
            monkeypatch.setattr(cv2, 'VideoCapture', lambda number: capture)
            monkeypatch.setattr(live, 'time', SimpleNamespace(monotonic=lambda: next(now)))
            source = live._Followed(open_source('0'), threading.Condition())
            for _ in stamps[1:]:
                source._read()
            return [frame.time for frame in source.recent]

        return times

    def test_stamps_hold_where_frames_come_late(self, times):
        stamps, delays = [7.01, 7.11, 7.21, 7.31, 7.41], [0.5, 0.02, 0.3, 0.02, 0.1]
        got = times(stamps, [1000 + x + y for x, y in zip(stamps, delays, strict=True)])
        assert got == pytest.approx([1007.03, 1007.13, 1007.23, 1007.33, 1007.43])

    def test_a_clock_that_is_slow_is_followed(self, times):
        got = times([5 + 0.09 * x for x in range(1000)], [0.1 * x for x in range(1000)])
        assert 0 < 0.1 * 999 - got[-1] < 0.01 * 64
        assert np.diff(got) == pytest.approx(0.09)

    @pytest.mark.parametrize('stamp', [lambda index: index / 25, lambda index: -1.0])
    def test_stamps_that_tell_nothing(self, times, stamp):
        arrivals = [3 + index / 7 for index in range(12)]
        assert times([stamp(x) for x in range(12)], arrivals, 25.0) == pytest.approx(arrivals)


@pytest.mark.parametrize(
    ('source', 'expected'),
    [('0', True), ('/dev/video1', True), ('rtsp://a:8554/b', True), ('http://a/b.mjpg', True)]
    + [('./0', False), ('a.mp4', False), ('/tmp/dev', False), ('C:/a', False)]
    + [('/dev/shm/a', False)],
)
def test_what_is_live(source, expected):
    assert is_live(source) == expected


class TestRefused:
    @pytest.mark.parametrize(
        ('sources', 'options', 'sentence'),
        [
            (('0', 'a.mp4'), {}, r'a\.mp4: cannot be read \(No such file'),
            (('0', __file__), {}, r'0 \(live source\), .* \(image\): give two sources of one'),
            (('0', '0'), {}, '0: is given as visible and as infrared'),
            (
                ('0', '1'),
                dict(ir_scope='sequence'),
                'no percentiles of all its frames; give --ir-range',
            ),
            (('0', '1'), dict(sheet=True), 'sheets are drawn of images only'),
            (('0', '1'), dict(show=True), '--show: there is no display, or'),
            (('a.png', 'b.png'), dict(show=True), 'a.png, b.png: images are not shown in a'),
        ],
    )
    def test_options(self, tmp_path, monkeypatch, sources, options, sentence):
        monkeypatch.setenv('DISPLAY', ':77')
        with pytest.raises(InputError, match=sentence):
            fuse_files(visible_model(), *sources, tmp_path / 'out.avi', FuseOptions(**options))
        assert not list(tmp_path.iterdir())

    def test_no_source(self, tmp_path):
        url = 'http://127.0.0.1:9/none'
        with pytest.raises(InputError, match=f'{url}: gives no frame .*; check that it is there'):
            fuse_files(visible_model(), url, '0', tmp_path / 'out.avi', FuseOptions())


class Stream(BaseHTTPRequestHandler):
    """Motion JPEG over HTTP, as cameras send it: 60 frames, brighter and brighter."""

    def do_GET(self):
        self.send_response(200)
        self.send_header('Content-Type', 'multipart/x-mixed-replace; boundary=next')
        self.end_headers()
        with suppress(OSError, threading.BrokenBarrierError):  # the client has gone
            for index in range(FRAMES):
                jpeg = cv2.imencode('.jpg', image(20 + 3 * index))[1].tobytes()
                head = f'--next\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n'
                self.wfile.write(head.encode() + jpeg + b'\r\n')
                time.sleep(0.01)
            self.server.both.wait(60)
            self.server.goes_on.wait(60)

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    with ThreadingHTTPServer(('127.0.0.1', 0), Stream) as server:
        server.both, server.goes_on = threading.Barrier(2), threading.Event()
        server.goes_on.set()
        server.url = f'http://127.0.0.1:{server.server_port}/stream.mjpg'
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.goes_on.set()
        server.both.abort()
        server.shutdown()
        thread.join()


@pytest.mark.slow
class TestStream:
    def run(self, server, out, model, **options):
        options = FuseOptions(stretch='none', **options)
        fuse_files(model, server.url, f'{server.url}?infrared', out, options)

    def test_frames_arrive_in_order_until_it_ends(self, server, tmp_path, capsys):
        with pytest.raises(
            InputError, match=f'^{server.url}.*: has ended; what came before is fused'
        ):
            self.run(server, tmp_path / 'out.avi', visible_model())
        seen = levels(tmp_path / 'out.avi')
        assert seen == sorted(seen)
        assert 19 <= seen[0] < seen[-1] < 200  # two JPEGs make 19 of the first frame's 20
        said = capsys.readouterr().out
        assert re.search(r'frames/s; latency \d+ ms \(p50\), \d+ ms \(p95\); dropped \d+ vis', said)
        assert [path.name for path in tmp_path.iterdir()] == ['out.avi']

    def test_a_slow_model_drops_frames(self, server, tmp_path, capsys):
        with pytest.raises(InputError, match='has ended'):
            self.run(server, tmp_path / 'out.avi', slow_model(0.1))
        said = capsys.readouterr().out
        fused, *dropped = map(int, re.findall(r'(\d+) (?:frame\(|visible|infrared)', said))
        seen = levels(tmp_path / 'out.avi')
        assert 1 < len(set(seen)) <= fused < FRAMES
        assert FRAMES - 5 <= len(set(seen)) + dropped[0] <= FRAMES
        assert len(seen) > fused  # repeated, so that the timing stays

    def test_a_stall_is_told(self, server, tmp_path, monkeypatch):
        monkeypatch.setattr(live, 'PATIENCE', 0.5)
        server.goes_on.clear()
        with pytest.raises(
            InputError, match=f'^{server.url}.*: sent no frame for 0.5 s; what came'
        ):
            self.run(server, tmp_path / 'out.avi', visible_model())
        assert levels(tmp_path / 'out.avi')[-1] > 180

    def test_ctrl_c_keeps_what_was_fused(self, server, tmp_path, capsys):
        calls = []

        def interrupted(visible, infrared):
            calls.append(1)
            if len(calls) == 3:
                os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.05)
            return visible / np.float32(255)

        self.run(server, tmp_path / 'out.avi', fake_model(interrupted))
        assert f'{len(calls)} frame(s) in ' in capsys.readouterr().out
        assert len(set(levels(tmp_path / 'out.avi'))) == len(calls)

    def test_an_error_leaves_nothing(self, server, tmp_path):
        before = set(threading.enumerate())
        with pytest.raises(InputError, match=r'frame 1: spoilt\.'):
            self.run(server, tmp_path / 'out.avi', fake_model(spoilt))
        assert not list(tmp_path.iterdir())
        left = set(threading.enumerate()) - before
        assert not re.search('ThreadPoolExecutor|_follow', str(left))

    def test_a_window(self, server, tmp_path, monkeypatch):
        shown = []
        monkeypatch.setattr('bffr.fusing.fuse_video._open_window', lambda: None)
        monkeypatch.setattr(cv2, 'waitKey', lambda _: -1)
        monkeypatch.setattr(cv2, 'imshow', lambda _, frame: shown.append(frame))
        with pytest.raises(InputError, match='has ended'):
            self.run(server, tmp_path / 'out.avi', visible_model(), show=True)
        assert len(shown) > 1
        assert shown[0].shape == (HEIGHT, WIDTH, 3)
