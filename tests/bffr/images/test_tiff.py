"""TIFFs as many programs write them: what is stored is what is read, once turned, or a refusal."""

import io
import struct

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image

from bffr.errors import InputError
from bffr.images import said_once
from bffr.images.image_io import (
    is_8_bit,
    read_image,
    read_infrared,
    read_labels,
    read_raw_infrared,
    read_size,
    read_visible,
)

RNG = np.random.default_rng(0)
GREY = RNG.integers(0, 256, (32, 48), np.uint8)
RAW = RNG.integers(7000, 9000, (32, 48), np.uint16)
TURNED = dict(enumerate([(1, 1), (1, -1), (-1, -1), (-1, 1)] * 2, 1))
TURNED.update({6: (-1, 1), 7: (-1, -1), 8: (1, -1)})
"""Orientation -> steps through stored rows and columns; from 5 on both are exchanged then."""

COLOUR = RNG.integers(0, 256, (32, 48, 3), np.uint8)


@pytest.fixture
def write(tmp_path):
    def write(image, photometric='minisblack', **options):
        tifffile.imwrite(tmp_path / 'a.tif', image, photometric=photometric, **options)
        return tmp_path / 'a.tif'

    return write


@pytest.fixture
def said(monkeypatch, caplog):
    monkeypatch.setattr(said_once, '_said', set())
    caplog.set_level('INFO', 'bffr')
    return caplog


@pytest.mark.parametrize('compression', ['zstd', 'lzma', 'lerc', 'jpeg2000', 'png', 'lzw', 'zlib'])
@pytest.mark.parametrize('more', [{}, {'tile': (16, 16)}, {'bigtiff': True}])
def test_compressions_without_losses(write, compression, more):
    path = write(RAW, compression=compression, **more)
    np.testing.assert_array_equal(read_raw_infrared(path), RAW)
    path = write(COLOUR, 'rgb', compression=compression, **more)
    np.testing.assert_array_equal(read_visible(path), COLOUR[..., ::-1])


@pytest.mark.parametrize('bigtiff', [False, True])
def test_big_endian(write, bigtiff):
    path = write(RAW, byteorder='>', bigtiff=bigtiff, compression='zlib', predictor=True)
    np.testing.assert_array_equal(read_raw_infrared(path), RAW)


@pytest.mark.parametrize('compression', ['jpegxl', 'webp', 'jpeg'])
@pytest.mark.parametrize('photometric', ['rgb', 'ycbcr'])
def test_compressions_with_losses(write, compression, photometric):
    smooth = np.stack(np.broadcast_arrays(*np.mgrid[:32, :48], 90), 2).astype(np.uint8)
    if photometric == 'rgb':
        image = read_visible(write(smooth, compression=compression, photometric='rgb'))
        assert np.abs(image - smooth[..., ::-1].astype(int)).mean() < 3
    elif compression == 'jpeg':
        file = io.BytesIO()
        Image.fromarray(smooth).convert('YCbCr').save(file, 'TIFF', compression='jpeg')
        path = write(smooth, 'rgb')
        path.write_bytes(file.getvalue())
        assert np.abs(read_visible(path) - smooth[..., ::-1].astype(int)).mean() < 3


@pytest.mark.parametrize('dtype', ['f2', 'f4', 'f8', 'i2', 'i4', 'u4'])
def test_types_of_infrared(write, dtype):
    image = (RAW / np.float32(100)).astype(dtype)
    for more in ({}, {'compression': 'zlib', 'predictor': True}):
        raw = read_raw_infrared(write(image, **more))
        assert raw.dtype == np.float32
        np.testing.assert_array_equal(raw, image.astype(np.float32))


@pytest.mark.parametrize('extra', [1, 2])
def test_alpha_is_dropped_and_colours_are_as_stored(write, extra):
    alpha = np.arange(32 * 48, dtype=np.uint8).reshape(32, 48) | 1
    path = write(np.dstack([COLOUR, alpha]), 'rgb', extrasamples=[extra])
    np.testing.assert_array_equal(read_visible(path), COLOUR[..., ::-1])
    path = write(np.dstack([RAW, np.full_like(RAW, 65535)]), extrasamples=[extra], planarconfig=1)
    np.testing.assert_array_equal(read_raw_infrared(path), RAW)


@pytest.mark.parametrize('planar', ['contig', 'separate'])
def test_bands_beyond_red_green_and_blue(write, planar):
    bands = np.dstack([COLOUR, GREY, GREY])
    bands = bands if planar == 'contig' else bands.transpose(2, 0, 1)
    path = write(bands, 'rgb', planarconfig=planar, extrasamples=[0, 0])
    np.testing.assert_array_equal(read_visible(path), COLOUR[..., ::-1])
    with pytest.raises(InputError, match=r'a\.tif: has 5 bands; give infrared of one band'):
        read_raw_infrared(path)


@pytest.mark.parametrize('bands', [2, 3, 5])
def test_bands_without_a_meaning_are_refused(write, bands):
    path = write(np.dstack([GREY.astype(np.float32)] * bands), planarconfig='contig')
    for read in (read_visible, read_raw_infrared, read_labels):
        with pytest.raises(InputError, match=rf'a\.tif: has {bands} bands, and does not say'):
            read(path)


@pytest.mark.parametrize('image', [GREY, GREY.astype(np.uint16) * 257])
def test_white_is_zero(write, image):
    np.testing.assert_array_equal(read_visible(write(image, 'miniswhite'))[..., 0], 255 - GREY)
    whole = np.iinfo(image.dtype).max
    np.testing.assert_array_equal(read_raw_infrared(write(image, 'miniswhite')), whole - image)


@pytest.mark.parametrize('mode', ['1', 'L', 'P', 'RGB', 'RGBA', 'LA', 'CMYK', 'YCbCr'])
@pytest.mark.parametrize('compression', [None, 'tiff_lzw'])
def test_what_pillow_writes(tmp_path, mode, compression):
    image = Image.fromarray(COLOUR).convert(mode)
    image.save(tmp_path / 'a.tif', compression=compression)
    expected = np.array(image.convert('RGB'))[..., ::-1]
    assert np.abs(read_visible(tmp_path / 'a.tif') - expected.astype(int)).max() <= 2


def test_colours_as_old_versions_of_opencv_wrote_them(tmp_path):
    image = RNG.uniform(0, 300, (20, 30, 3)).astype(np.float32)
    sgilog = cv2.IMWRITE_TIFF_COMPRESSION, 34676
    (tmp_path / 'a.tif').write_bytes(cv2.imencode('.tif', image, sgilog)[1].tobytes())
    seen = read_image(tmp_path / 'a.tif')
    assert np.abs(seen - image).max() < 0.03 * 300


@pytest.mark.parametrize('photometric', [0, 1, 3])
def test_four_bits(tmp_path, photometric):
    """Two pixels a byte, in a file of the fewest tags, which no library here writes."""
    levels = RNG.integers(0, 16, (6, 8), np.uint8)
    packed = (levels[:, ::2] << 4 | levels[:, 1::2]).tobytes()
    colours = RNG.integers(0, 256, (3, 16))
    tags = [(256, 8), (257, 6), (258, 4), (259, 1), (262, photometric), (273, 8), (277, 1)]
    tags += [(278, 6), (279, len(packed))]
    table = struct.pack('<48H', *(257 * colours).ravel())
    start = 8 + len(packed) + len(table)
    entries = [struct.pack('<HHII', tag, 4, 1, value) for tag, value in tags]
    entries += [struct.pack('<HHII', 320, 3, 48, 8 + len(packed))] * (photometric == 3)
    header = struct.pack('<2sHI', b'II', 42, start)
    directory = struct.pack('<H', len(entries)) + b''.join(entries) + bytes(4)
    (tmp_path / 'a.tif').write_bytes(header + packed + table + directory)
    shown = {0: 255 - 17 * levels, 1: 17 * levels, 3: colours.T[levels][..., ::-1]}[photometric]
    np.testing.assert_array_equal(read_image(tmp_path / 'a.tif'), shown)
    stored = 15 - levels if photometric == 0 else levels
    np.testing.assert_array_equal(read_labels(tmp_path / 'a.tif'), stored)


def test_twelve_bits_have_a_white_of_their_own(write):
    deep = RNG.integers(0, 4096, (32, 48), np.uint16)
    try:
        path = write(deep, bitspersample=12)
    except NotImplementedError:
        pytest.skip('old releases of imagecodecs do not write them')
    np.testing.assert_array_equal(read_raw_infrared(path), deep)
    assert np.abs(read_visible(path)[..., 0] - deep / 4095 * 255).max() <= 0.51


@pytest.mark.parametrize('orientation', range(1, 9))
@pytest.mark.parametrize('software', [None, 'ExifTool 12'])
def test_is_turned_once(write, orientation, software):
    tag = [(274, 'H', 1, orientation, True)]
    path = write(COLOUR, 'rgb', software=software, extratags=tag)
    rows, columns = TURNED[orientation]
    turned = COLOUR[::rows, ::columns]
    turned = turned.swapaxes(0, 1) if orientation > 4 else turned
    np.testing.assert_array_equal(read_visible(path), turned[..., ::-1])
    labels = read_labels(write(COLOUR[..., 0], software=software, extratags=tag))
    np.testing.assert_array_equal(labels, turned[..., 0])


class TestPages:
    @pytest.fixture
    def stack(self, tmp_path):
        path = tmp_path / 'a.tif'
        with tifffile.TiffWriter(path) as file:
            file.write(RAW[:4, :6], photometric='minisblack')
            file.write(RAW, photometric='minisblack')
            file.write(RAW[::-1], photometric='minisblack')
            file.write(
                np.dstack([RAW] * 2).reshape(64, 48), photometric='minisblack', subfiletype=1
            )
        return path

    def test_the_largest_is_taken_and_the_others_are_counted(self, stack, said):
        np.testing.assert_array_equal(read_raw_infrared(stack), RAW)
        assert 'has 3 pages; page 2 is used, and 2 left out; --page chooses another' in said.text
        assert read_size(stack) == (48, 32)

    def test_a_number_takes_another(self, stack, said):
        np.testing.assert_array_equal(read_raw_infrared(stack, page=3), RAW[::-1])
        assert read_visible(stack, page=1).shape == (4, 6, 3)
        assert 'pages' not in said.text
        for page in (0, 4):
            with pytest.raises(InputError, match=f'has 3 pages, but no page {page}; correct --pa'):
                read_image(stack, page=page)

    def test_one_page_needs_no_number(self, write):
        np.testing.assert_array_equal(read_raw_infrared(write(RAW), page=2), RAW)


def changed(path, **tags):
    """Write other values into tags of one value."""
    content = bytearray(path.read_bytes())
    with tifffile.TiffFile(path) as file:
        for name, value in tags.items():
            tag = file.pages[0].tags[name]
            struct.pack_into('<H' if tag.dtype == 3 else '<I', content, tag.valueoffset, value)
    path.write_bytes(content)
    return path


class TestRefusals:
    @pytest.mark.parametrize(
        ('tag', 'value', 'sentence'),
        [
            ('Compression', 65123, 'a compression, 65123, which is not supported'),
            ('Compression', 34676, 'a compression, SGILOG, which is not supported'),
            ('PhotometricInterpretation', 8, 'a meaning of values, CIELAB, which is not'),
            ('PhotometricInterpretation', 32803, 'a meaning of values, CFA, which is not'),
        ],
    )
    def test_what_is_not_understood_is_named(self, write, tag, value, sentence):
        path = changed(write(RAW.astype(np.int16)), **{tag: value})
        for read in (read_visible, read_infrared, read_labels):
            with pytest.raises(InputError, match=rf'a\.tif: holds {sentence}'):
                read(path)

    def test_complex_values(self, write):
        with pytest.raises(InputError, match='holds a type of values, 64 bits of COMPLEXIEEEFP,'):
            read_infrared(write(RAW.astype(np.complex64)))

    def test_a_size_is_refused_before_anything_is_decoded(self, write):
        path = changed(write(GREY), ImageWidth=60000, ImageLength=60000, RowsPerStrip=60000)
        for read in (read_size, is_8_bit, read_visible, read_infrared, read_labels):
            with pytest.raises(InputError, match=r'a\.tif: has more than 268 megapixels'):
                read(path)

    def test_the_size_is_that_of_what_is_decoded_where_tags_come_twice(self, write):
        content = bytearray(write(GREY).read_bytes())
        with tifffile.TiffFile(io.BytesIO(content)) as file:
            spare = file.pages[0].tags['Software'].offset
        struct.pack_into('<HHII', content, spare, 256, 4, 1, 12)  # ImageWidth once more
        path = write(GREY)
        path.write_bytes(content)
        assert read_size(path) == read_image(path).shape[::-1]

    @pytest.mark.parametrize('compression', [None, 'zlib', 'zstd', 'lzw'])
    @pytest.mark.parametrize('part', [0.05, 0.5, 0.9, 0.99])
    def test_what_is_cut_is_damaged(self, tmp_path, compression, part):
        with tifffile.TiffWriter(tmp_path / 'a.tif') as file:
            file.write(RAW, compression=compression, rowsperstrip=4, photometric='minisblack')
        whole = (tmp_path / 'a.tif').read_bytes()
        (tmp_path / 'a.tif').write_bytes(whole[: int(part * len(whole))])
        with pytest.raises(InputError, match=r'a\.tif: is empty, damaged or not an image'):
            read_infrared(tmp_path / 'a.tif')
