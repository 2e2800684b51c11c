"""Images of every kind that users have."""

import struct
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image, ImageOps

from bffr.errors import InputError
from bffr.images import limit, said_once
from bffr.images.image_io import (
    read_image,
    read_infrared,
    read_labels,
    read_size,
    read_visible,
    write_png,
)
from bffr.images.thermal import InfraredScale

RNG = np.random.default_rng(0)
COLOUR = RNG.integers(0, 256, (6, 8, 3), np.uint8)
GREY = RNG.integers(0, 256, (6, 8), np.uint8)


def write(path, image, options=(cv2.IMWRITE_TIFF_COMPRESSION, 5)):
    path.write_bytes(cv2.imencode(path.suffix, image, options)[1].tobytes())
    return path


class TestSize:
    def test_is_that_of_the_header_alone(self, tmp_path):
        path = write(tmp_path / 'a.png', COLOUR)
        path.write_bytes(path.read_bytes()[:50])
        assert read_size(path) == (8, 6)

    def test_too_many_pixels_and_no_image_are_refused(self, tmp_path, monkeypatch):
        path = write(tmp_path / 'a.png', COLOUR)
        monkeypatch.setattr(limit, 'MAX_PIXELS', 20)
        for read in (read_size, read_visible, read_labels):
            with pytest.raises(InputError, match=r'a\.png: has more than 0 megapixels, or 0.0 GB'):
                read(path)
        path.write_bytes(b'no image')
        with pytest.raises(InputError, match=r'a\.png: is empty, damaged or not an image'):
            read_size(path)


class TestVisible:
    @pytest.mark.parametrize('suffix', ['.png', '.bmp', '.tif'])
    def test_colour_stays_bgr(self, tmp_path, suffix):
        np.testing.assert_array_equal(read_visible(write(tmp_path / f'a{suffix}', COLOUR)), COLOUR)

    def test_file_of_another_program_is_read_as_bgr(self, tmp_path):
        Image.fromarray(COLOUR[..., ::-1]).save(tmp_path / 'a.png')
        np.testing.assert_array_equal(read_visible(tmp_path / 'a.png'), COLOUR)

    def test_alpha_is_dropped(self, tmp_path):
        path = write(tmp_path / 'a.png', np.dstack([COLOUR, GREY]))
        np.testing.assert_array_equal(read_visible(path), COLOUR)

    def test_single_channel_is_repeated(self, tmp_path):
        image = read_visible(write(tmp_path / 'a.png', GREY))
        np.testing.assert_array_equal(image, np.dstack([GREY] * 3))

    def test_grey_with_alpha(self, tmp_path):
        image = Image.fromarray(COLOUR).convert('LA')
        image.save(tmp_path / 'a.png')
        expected = np.dstack([np.array(image)[..., 0]] * 3)
        np.testing.assert_array_equal(read_visible(tmp_path / 'a.png'), expected)

    def test_cmyk_jpeg_becomes_colour(self, tmp_path):
        image = Image.fromarray(RNG.integers(0, 256, (48, 64, 3), np.uint8))
        image.convert('CMYK').save(tmp_path / 'a.jpg')
        expected = np.array(Image.open(tmp_path / 'a.jpg').convert('RGB'))[..., ::-1]
        assert np.abs(read_visible(tmp_path / 'a.jpg').astype(int) - expected).mean() < 2

    @pytest.mark.parametrize('shape', [(6, 8), (6, 8, 3), (6, 8, 4)])
    def test_16_bit_becomes_8_bit(self, tmp_path, shape):
        eight = RNG.integers(0, 256, shape, np.uint8)
        image = read_visible(write(tmp_path / 'a.png', eight.astype(np.uint16) * 257))
        expected = np.dstack([eight] * 3) if len(shape) == 2 else eight[..., :3]
        np.testing.assert_array_equal(image, expected)

    def test_a_range_becomes_0_to_255(self, tmp_path):
        deep = RNG.integers(0, 4096, (6, 8), np.uint16)
        image = read_visible(write(tmp_path / 'a.png', deep), (100, 4095))
        assert np.abs(image[..., 0] - ((deep - 100.0) / 3995 * 255).clip(0, 255)).max() <= 0.51
        image = read_visible(write(tmp_path / 'a.tif', COLOUR.astype(np.float32)), (0, 255))
        np.testing.assert_array_equal(image, COLOUR)
        with pytest.raises(InputError, match='vis_range: 9 must be less than 9'):
            read_visible(tmp_path / 'a.png', (9, 9))

    @pytest.mark.parametrize(('most', 'warned'), [(4095, True), (4096, False), (65535, False)])
    def test_few_of_16_bits_are_warned_of(self, tmp_path, monkeypatch, caplog, most, warned):
        monkeypatch.setattr(said_once, '_said', set())
        image = np.full((6, 8), most, np.uint16)
        for _ in range(2):
            read_visible(write(tmp_path / 'a.png', image))
        assert len(caplog.messages) == warned
        assert 'a.png: no value reaches a sixteenth' in ''.join(caplog.messages) or not warned

    @pytest.mark.parametrize('colours', [1, 3])
    def test_the_white_that_a_pgm_or_ppm_declares(self, tmp_path, colours):
        deep = np.random.default_rng(0).integers(0, 4096, (6, 8, colours), np.uint16)
        head = f'P{5 if colours == 1 else 6}\n8 6\n4095\n'.encode()
        (tmp_path / 'a.pnm').write_bytes(head + deep.astype('>u2').tobytes())
        expected = np.broadcast_to(deep[..., ::-1] / 4095 * 255, (6, 8, 3))
        assert np.abs(read_visible(tmp_path / 'a.pnm') - expected).max() <= 0.51

    def test_palette_image_is_read_in_its_colours(self, tmp_path):
        image = Image.fromarray(RNG.integers(0, 4, (6, 8), np.uint8), mode='P')
        image.putpalette(list(range(0, 240, 20)))
        image.save(tmp_path / 'a.png')
        expected = np.asarray(image.convert('RGB'))[..., ::-1]
        np.testing.assert_array_equal(read_visible(tmp_path / 'a.png'), expected)

    def test_float_is_refused(self, tmp_path):
        path = write(tmp_path / 'a.tif', COLOUR.astype(np.float32))
        with pytest.raises(InputError, match=r'a\.tif: visible images hold .* not float32'):
            read_visible(path)


class TestInfrared:
    @pytest.fixture(autouse=True)
    def nothing_announced(self, monkeypatch):
        monkeypatch.setattr(said_once, '_said', set())

    def test_8_bit_is_not_scaled(self, tmp_path):
        dim = GREY // 4 + 10
        np.testing.assert_array_equal(read_infrared(write(tmp_path / 'a.png', dim)), dim)

    @pytest.mark.parametrize(
        ('limits', 'warned'), [((256, 999), True), ((-9, 0), True), ((100, 9000), False)]
    )
    def test_a_range_that_holds_no_value_is_warned_of(self, tmp_path, caplog, limits, warned):
        path = write(tmp_path / 'a.png', GREY // 4 + 64)
        read_infrared(path, InfraredScale(range=limits))
        assert ('a.png: its values' in ''.join(caplog.messages)) == warned

    def test_three_equal_channels_are_one(self, tmp_path):
        path = write(tmp_path / 'a.png', np.dstack([GREY] * 3))
        np.testing.assert_array_equal(read_infrared(path), GREY)

    def test_colour_becomes_luma(self, tmp_path):
        luma = COLOUR @ [0.114, 0.587, 0.299]
        image = read_infrared(write(tmp_path / 'a.png', COLOUR))
        assert np.abs(image - luma).max() <= 0.51

    def test_alpha_is_dropped(self, tmp_path):
        path = write(tmp_path / 'a.png', np.dstack([GREY] * 4))
        np.testing.assert_array_equal(read_infrared(path), GREY)

    @pytest.mark.parametrize('suffix', ['.png', '.tif'])
    def test_16_bit_is_scaled_by_its_own_percentiles(self, tmp_path, suffix):
        stored = RNG.integers(7000, 9000, (6, 8), np.uint16)
        image = read_infrared(write(tmp_path / f'a{suffix}', stored))
        low, high = np.percentile(stored, [1, 99])
        expected = ((stored - low) * 255 / (high - low)).clip(0, 255)
        assert image.dtype == np.uint8
        assert np.abs(image - expected).max() <= 0.51
        assert (image.min(), image.max()) == (0, 255)

    def test_float_tiff_is_scaled_by_its_own_percentiles(self, tmp_path):
        stored = np.linspace(-20, 35, 48, dtype=np.float32).reshape(6, 8)
        image = read_infrared(write(tmp_path / 'a.tif', stored))
        low, high = np.percentile(stored, [1, 99])
        expected = ((stored - low) * 255 / (high - low)).clip(0, 255)
        assert np.abs(image - expected).max() <= 0.51

    def test_constant_16_bit_image(self, tmp_path):
        path = write(tmp_path / 'a.png', np.full((6, 8), 4000, np.uint16))
        assert not read_infrared(path).any()

    @pytest.mark.parametrize(
        ('value', 'held'), [(np.nan, 'has no valid'), (np.inf, 'holds infinite')]
    )
    def test_without_finite_values_is_refused(self, tmp_path, value, held):
        stored = np.full((6, 8), value, np.float32)
        with pytest.raises(InputError, match=rf'a\.tif: {held}'):
            read_infrared(write(tmp_path / 'a.tif', stored))

    def test_scaling_is_said_once(self, tmp_path, caplog):
        caplog.set_level('INFO', 'bffr')
        for name in 'abc':
            read_infrared(write(tmp_path / f'{name}.png', GREY.astype(np.uint16) * 100))
        (message,) = caplog.messages
        assert 'a.png: is not 8 bit: its values ' in message


@pytest.mark.parametrize('suffix', ['.jpg', '.png', '.webp'])
def test_what_exif_says_is_turned(tmp_path, suffix):
    image = Image.fromarray(np.repeat(np.repeat(GREY[:2, :3], 16, 0), 16, 1))
    exif = Image.Exif()
    exif[0x0112] = 3
    more = dict(comment=b'x' * 3000) if suffix == '.jpg' else dict(lossless=True)
    image.convert('RGB').save(tmp_path / f'a{suffix}', exif=exif, **more)
    turned = read_image(tmp_path / f'a{suffix}')[..., 0].astype(int)
    assert np.abs(turned - np.rot90(np.array(image), 2)).mean() < 9


@pytest.mark.parametrize('orientation', range(1, 9))
def test_every_turn_of_exif(tmp_path, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = Image.fromarray(RNG.integers(0, 256, (48, 64, 3), np.uint8))
    image.save(tmp_path / 'a.jpg', exif=exif)
    expected = np.array(ImageOps.exif_transpose(Image.open(tmp_path / 'a.jpg')))[..., ::-1]
    upright = read_visible(tmp_path / 'a.jpg')
    assert upright.shape == expected.shape
    assert np.abs(upright.astype(int) - expected).mean() < 2


class TestLabels:
    @pytest.mark.parametrize('bits', [1, 2, 4, 8])
    def test_grey_of_few_bits_is_not_scaled(self, tmp_path, bits):
        labels = np.arange(24).reshape(3, 8) % 2**bits
        rows = np.unpackbits(labels.astype(np.uint8)[..., None], axis=-1)[..., -bits:]
        packed = b''.join(b'\0' + np.packbits(row).tobytes() for row in rows)
        header = struct.pack('>IIBBBBB', 8, 3, bits, 0, 0, 0, 0)
        chunks = (b'IHDR' + header, b'IDAT' + zlib.compress(packed), b'IEND')
        content = b'\x89PNG\r\n\x1a\n' + b''.join(
            struct.pack('>I', len(chunk) - 4) + chunk + struct.pack('>I', zlib.crc32(chunk))
            for chunk in chunks
        )
        (tmp_path / 'a.png').write_bytes(content)
        np.testing.assert_array_equal(read_labels(tmp_path / 'a.png'), labels)

    def test_indices_of_a_palette_image(self, tmp_path):
        labels = RNG.integers(0, 9, (6, 8), np.uint8)
        image = Image.fromarray(labels, mode='P')
        image.putpalette(list(range(200, 227)))
        image.save(tmp_path / 'a.png')
        np.testing.assert_array_equal(read_labels(tmp_path / 'a.png'), labels)

    @pytest.mark.parametrize('dtype', [np.uint8, np.uint16])
    def test_grey_image(self, tmp_path, dtype):
        labels = RNG.integers(0, 9, (6, 8)).astype(dtype)
        np.testing.assert_array_equal(read_labels(write(tmp_path / 'a.png', labels)), labels)

    def test_colours_are_refused(self, tmp_path):
        with pytest.raises(InputError, match='has 3 channels; a label map has one'):
            read_labels(write(tmp_path / 'a.png', COLOUR))

    def test_fractions_are_refused(self, tmp_path):
        with pytest.raises(InputError, match=r'a\.tif: holds float32; a label map holds int'):
            read_labels(write(tmp_path / 'a.tif', GREY.astype(np.float32)))


@pytest.mark.filterwarnings('ignore::UserWarning')
@pytest.mark.parametrize('read', [read_image, read_visible, read_infrared, read_labels])
class TestBadFiles:
    def test_missing(self, tmp_path, read):
        with pytest.raises(InputError, match=r'none\.png: cannot be read \(No such file'):
            read(tmp_path / 'none.png')

    def test_folder(self, tmp_path, read):
        with pytest.raises(InputError, match='cannot be read'):
            read(tmp_path)

    @pytest.mark.parametrize('content', [b'', b'text\n', b'\x89PNG\r\n\x1a\n'])
    def test_no_image(self, tmp_path, read, content):
        (tmp_path / 'a.png').write_bytes(content)
        with pytest.raises(InputError, match=r'a\.png: is empty, damaged or not an image'):
            read(tmp_path / 'a.png')

    @pytest.mark.parametrize('suffix', ['.png', '.bmp', '.tif'])
    def test_truncated(self, tmp_path, read, suffix):
        path = write(tmp_path / f'a{suffix}', RNG.integers(0, 256, (40, 50), np.uint8))
        whole = path.read_bytes()
        for part in (0.05, 0.5, 0.9):
            path.write_bytes(whole[: int(part * len(whole))])
            with pytest.raises(InputError, match='damaged'):
                read(path)


def test_what_follows_a_jpeg_does_not_matter(tmp_path):
    path = write(tmp_path / 'a.jpg', np.full((40, 50, 3), 90, np.uint8))
    whole = path.read_bytes()
    for film in (b'', b'mp4', b'mp4\xff\xda', b'mp4\xff\xd9'):
        path.write_bytes(whole + film)
        assert np.abs(read_image(path).astype(int) - 90).max() <= 1
    path.write_bytes(whole[: len(whole) * 3 // 4])
    with pytest.raises(InputError, match='damaged'):
        read_image(path)


class TestWriting:
    @pytest.mark.parametrize('image', [GREY, COLOUR, np.dstack([COLOUR, GREY])])
    def test_what_is_written_is_read(self, tmp_path, image):
        write_png(tmp_path / 'new/folder/a.png', image)
        np.testing.assert_array_equal(read_image(tmp_path / 'new/folder/a.png'), image)
        assert [path.name for path in (tmp_path / 'new/folder').iterdir()] == ['a.png']

    def test_names_beyond_ascii(self, tmp_path):
        path = tmp_path / 'Straße 夜/été.png'
        write_png(path, COLOUR)
        np.testing.assert_array_equal(read_visible(path), COLOUR)
        np.testing.assert_array_equal(read_visible(str(path)), COLOUR)

    def test_a_file_where_a_folder_should_be(self, tmp_path):
        (tmp_path / 'file').write_text('')
        with pytest.raises(InputError, match=r'a\.png: cannot be written'):
            write_png(tmp_path / 'file/a.png', GREY)
