"""Videos as cameras write them: what is decoded, when it is shown, and what is said of damage."""

import av
import cv2
import numpy as np
import pytest

from bffr.errors import InputError
from bffr.images.image_io import one_channel
from bffr.video import VideoReader, is_video
from tests.drawn_videos import numbered, texture, write_video

INTERLACED = dict(flags='+ildct+ilme', crf='4')


def images(path, **options):
    return [
        one_channel(path, frame.image) if options else frame.image
        for frame in VideoReader(path, **options)
    ]


def difference(images, others):
    pairs = zip(images, others, strict=True)
    return max(np.abs(image.astype(float) - other).mean() for image, other in pairs)


def woven(shift, frames=10):
    """Frames of two fields, the lower of which is half a frame later, and what the upper shows."""
    upper = [texture(2 * shift * index) for index in range(frames)]
    for index in range(frames):
        both = upper[index].copy()
        both[1::2] = texture((2 * index + 1) * shift)[1::2]
        yield both, upper[index]


class TestPixels:
    def test_of_8_bit_are_as_opencv_has_them(self, tmp_path):
        frames = [np.dstack([texture(x), texture(2 * x), texture(3 * x)]) for x in range(6)]
        path = write_video(tmp_path / 'a.mp4', frames, 'libx264')
        capture = cv2.VideoCapture(str(path))
        for image in images(path):
            np.testing.assert_array_equal(image, capture.read()[1])
        for image, colour in zip(images(path, infrared=True), images(path), strict=True):
            np.testing.assert_array_equal(image, cv2.cvtColor(colour, cv2.COLOR_BGR2GRAY))

    @pytest.mark.parametrize(
        ('name', 'codec', 'pixels', 'bits'),
        [
            ('a.mkv', 'ffv1', 'gray16le', 16),
            ('a.mkv', 'ffv1', 'gray12le', 12),
            ('a.mkv', 'ffv1', 'gray10le', 10),
            ('a.mov', 'png', 'gray16be', 16),
            ('a.nut', 'rawvideo', 'gray16le', 16),
        ],
    )
    def test_of_more_than_8_bit_are_raw(self, tmp_path, name, codec, pixels, bits):
        frames = [(30 * texture(x).astype(np.uint16) + 2000) >> (16 - bits) for x in range(3)]
        path = write_video(tmp_path / name, frames, codec, pixels)
        for image, wanted in zip(images(path, infrared=True), frames, strict=True):
            assert image.dtype == np.uint16
            np.testing.assert_array_equal(image, wanted)

    @pytest.mark.parametrize('pixels', ['yuv420p10le', 'yuv422p12le'])
    def test_of_luma_beside_colours_are_raw(self, tmp_path, pixels):
        frame = av.VideoFrame.from_ndarray(texture().astype(np.uint16) << 8, format='gray16le')
        path = tmp_path / 'a.mkv'
        with av.open(str(path), 'w') as container:
            stream = container.add_stream('ffv1', 25)
            (stream.height, stream.width), stream.pix_fmt = texture().shape, pixels
            stored = frame.reformat(format=pixels)
            stored.pts = 0
            container.mux([*stream.encode(stored), *stream.encode(None)])
        luma = np.frombuffer(stored.planes[0], np.uint16).reshape(48, -1)[:, :64]
        (image,) = images(path, infrared=True)
        np.testing.assert_array_equal(image, luma)

    @pytest.mark.parametrize('degrees', [90, 180, -90])
    def test_are_upright(self, tmp_path, degrees):
        frames = [np.dstack([texture()] * 3)] * 3
        path = write_video(tmp_path / 'a.mp4', frames, 'libx264', rotation=degrees)
        reader = VideoReader(path)
        wanted = np.rot90(frames[0], degrees // 90)
        assert reader.size == wanted.shape[1::-1]
        assert difference([next(iter(reader)).image], [wanted]) < 3


class TestInterlaced:
    @pytest.mark.parametrize(
        ('name', 'codec', 'options'),
        [('a.mkv', 'libx264', INTERLACED), ('a.ts', 'mpeg2video', {**INTERLACED, 'b': '9000000'})],
    )
    def test_shows_one_moment(self, tmp_path, caplog, name, codec, options):
        frames, upper = zip(*woven(3), strict=True)
        path = write_video(tmp_path / name, frames, codec, options=options)
        with caplog.at_level('INFO'):
            got = images(path, infrared=True)
        assert difference(got, upper) < 5 < 2 * 5 < difference(frames, upper)
        assert caplog.text.count(f'{path}: is interlaced;') == 1

    def test_that_does_not_move_is_left_sharp(self, tmp_path):
        """As progressive cameras are written by interlaced recorders."""
        frames = [texture(3 * index) for index in range(8)]
        path = write_video(tmp_path / 'a.mkv', frames, 'libx264', options=INTERLACED)
        assert difference(images(path, infrared=True), frames) < 2

    @pytest.mark.parametrize('pixels', ['gray16le', 'gray10le'])
    def test_keeps_raw_values(self, tmp_path, pixels):
        if int(av.__version__.split('.')[0]) < 18:
            pytest.skip('this PyAV does not tell the field order of a stream')
        unit = 200 if pixels == 'gray16le' else 4
        frames, upper = (
            [unit * x.astype(np.uint16) for x in of] for of in zip(*woven(3), strict=True)
        )
        path = write_video(
            tmp_path / 'a.mkv', frames, 'ffv1', pixels, options={'field_order': 'tt'}
        )
        got = images(path, infrared=True)
        assert difference(got, upper) < 4 * unit
        assert 2 * difference(got, upper) < difference(frames, upper)


class TestTime:
    def test_is_that_of_the_file_after_its_first_frame(self, tmp_path):
        times = [500, 520, 540, 900, 1000]
        reader = VideoReader(write_video(tmp_path / 'a.mkv', numbered(5), times=times))
        assert reader.start == pytest.approx(0.5)
        assert [frame.time for frame in reader] == pytest.approx([0, 0.02, 0.04, 0.4, 0.5])

    def test_of_a_stream_without_any(self, tmp_path):
        path = write_video(tmp_path / 'a.h264', numbered(5), 'libx264', options={'bf': '0'})
        times = [frame.time for frame in VideoReader(path)]
        assert np.diff(times) == pytest.approx([0.04] * 4)

    def test_edit_list_hides_frames(self, tmp_path):
        source = write_video(
            tmp_path / 'a.mp4', numbered(16), 'libx264', rate=25, options={'bf': '0', 'g': '16'}
        )
        path = tmp_path / 'cut.mp4'
        with av.open(str(source)) as old, av.open(str(path), 'w') as new:
            stream = new.add_stream_from_template(old.streams.video[0])
            for packet in old.demux(video=0):
                if packet.size:
                    moved = round(0.2 / packet.time_base)  # five frames are before the start
                    packet.pts, packet.dts = packet.pts - moved, packet.dts - moved
                    packet.stream = stream
                    new.mux(packet)
        levels = [image.mean() for image in images(path)]
        assert levels == pytest.approx([10 * index for index in range(5, 16)], abs=4.5)


class TestDamage:
    def spoil(self, path, share=0.5):
        content = bytearray(path.read_bytes())
        middle = int(share * len(content))
        content[middle : middle + 1500] = np.random.default_rng(0).bytes(1500)
        path.write_bytes(content)

    @pytest.mark.parametrize(
        ('name', 'codec', 'pixels'),
        [('a.mkv', 'libx264', None), ('a.avi', 'mpeg4', None), ('a.mkv', 'ffv1', 'gray16le')],
    )
    def test_is_told_with_the_frame(self, tmp_path, caplog, name, codec, pixels):
        rng = np.random.default_rng(0)
        kind = np.uint16 if pixels else np.uint8
        frames = [rng.integers(0, 250, (48, 64)).astype(kind) for _ in range(20)]
        path = write_video(tmp_path / name, frames, codec, pixels, options={'bf': '0'})
        good = images(path)
        self.spoil(path)
        spoilt = images(path)
        first = next(n for n in range(20) if (good[n] != spoilt[n]).any()) + 1
        assert f'{path}: frame {first} is damaged' in caplog.text
        assert caplog.text.count('as are perhaps those after it') == 1

    def test_file_that_breaks_off(self, tmp_path, caplog):
        path = write_video(tmp_path / 'a.mkv', [texture(x) for x in range(12)], pixels='gray')
        content = path.read_bytes()
        path.write_bytes(content[: len(content) // 2])
        count = len(images(path))
        assert 2 < count < 12
        assert f'{path}: breaks off after frame {count} (File ended prematurely).' in caplog.text

    def test_none_is_said_of_a_good_file(self, tmp_path, caplog):
        assert len(images(write_video(tmp_path / 'a.mp4', numbered(9), 'libx264'))) == 9
        assert not caplog.text

    @pytest.mark.parametrize('content', [b'', b'hello', bytes(1000)])
    def test_no_video(self, tmp_path, content):
        (tmp_path / 'a.mp4').write_bytes(content)
        with pytest.raises(InputError, match=r'a\.mp4: is empty, damaged or in a format that FFm'):
            VideoReader(tmp_path / 'a.mp4')

    def test_codec_that_is_not_known(self, tmp_path):
        path = write_video(tmp_path / 'a.avi', [texture()] * 3, 'mjpeg', 'yuvj420p')
        path.write_bytes(path.read_bytes().replace(b'MJPG', b'Zz 9'))
        with pytest.raises(
            InputError, match=r'a\.avi: is empty, damaged .* \(no codec that is kno'
        ):
            VideoReader(path)

    def test_header_without_end(self, tmp_path):
        path = write_video(tmp_path / 'a.mp4', numbered(9), 'libx264')
        path.write_bytes(path.read_bytes()[:-300])
        with pytest.raises(InputError, match=r'a\.mp4: is empty, damaged'):
            VideoReader(path)


class TestKind:
    @pytest.mark.parametrize(
        ('name', 'codec'),
        [('a.ts', 'libx264'), ('a.webm', 'libvpx'), ('a.mkv', 'ffv1'), ('a.mov', 'mjpeg')],
    )
    def test_of_videos_of_any_name(self, tmp_path, name, codec):
        pixels = 'yuvj420p' if codec == 'mjpeg' else None
        path = write_video(tmp_path / name, numbered(25), codec, pixels)
        assert is_video(path)
        assert is_video(path.rename(tmp_path / 'a'))

    @pytest.mark.parametrize('suffix', ['png', 'jpg', 'tiff', 'bmp', 'pgm', 'webp', 'jp2', 'exr'])
    def test_of_images(self, tmp_path, suffix):
        image = texture().astype(np.float32) if suffix == 'exr' else texture()
        content = texture().tobytes()
        if suffix != 'exr':
            content = cv2.imencode(f'.{suffix}', image)[1].tobytes()
        for name in (f'a.{suffix}', 'a'):
            (tmp_path / name).write_bytes(content)
            assert not is_video(tmp_path / name)

    def test_of_text_and_nothing(self, tmp_path):
        (tmp_path / 'a.txt').write_text('hello\n' * 100)
        assert not is_video(tmp_path / 'a.txt')
        assert not is_video(tmp_path / 'none.png')
        assert is_video(tmp_path / 'none.mp4')
        (tmp_path / 'folder.mp4').mkdir()
        assert not is_video(tmp_path / 'folder.mp4')
