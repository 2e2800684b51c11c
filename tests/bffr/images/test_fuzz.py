"""Whatever goes in: a documented error, or an image in range."""

import io
import struct

import cv2
import numpy as np
import pytest
import tifffile
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from bffr.errors import InputError
from bffr.images.image_io import (
    read_infrared,
    read_labels,
    read_raw_infrared,
    read_size,
    read_visible,
)
from mmseg_bffr.apis import fuse, init_model, segment
from tests.bffr.images.flir_files import flir_jpeg

SETTINGS = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
NOISE = np.random.default_rng(0).integers(0, 256, (16, 17, 3), np.uint8)
READERS = read_visible, read_infrared, read_labels
DTYPES = [np.uint8, np.uint16, np.int32, np.float32, np.float64, np.bool_]
ENCODED = [
    cv2.imencode(suffix, NOISE)[1].tobytes()
    for suffix in ('.png', '.jpg', '.bmp', '.tif', '.webp', '.ppm')
]


def tiff(image, **options):
    file = io.BytesIO()
    tifffile.imwrite(file, image, **{'photometric': 'minisblack', **options})
    return file.getvalue()


def with_exif(suffix):
    file, exif = io.BytesIO(), Image.Exif()
    exif[0x0112], exif[0x010E] = 6, 'a text'
    Image.fromarray(NOISE).save(file, suffix, exif=exif)
    return file.getvalue()


GREY, DEEP = NOISE[..., 0], NOISE[..., 0].astype(np.uint16) * 257
TIFFS = [
    tiff(NOISE, photometric='rgb'),
    tiff(DEEP, compression='zlib', predictor=True, rowsperstrip=4),
    tiff(GREY, compression='lzw', tile=(16, 16), photometric='miniswhite'),
    tiff(GREY.astype(np.float32), compression='zstd', bigtiff=True),
    tiff(NOISE, photometric='rgb', compression='jpeg', planarconfig='contig'),
    tiff(np.dstack([DEEP, DEEP]), extrasamples=[2], planarconfig='contig', byteorder='>'),
    tiff(np.stack([GREY, GREY]), extratags=[(42113, 's', 0, '9', True), (274, 'H', 1, 6, True)]),
    tiff(GREY, photometric='palette', colormap=np.zeros((3, 256), np.uint16)),
]
FLIR = flir_jpeg(DEEP, NOISE, (1.4, 3, -2))
ENCODED += [*TIFFS, *map(with_exif, ('png', 'jpeg', 'webp')), FLIR]


@pytest.fixture(scope='module')
def model(tiny_configs):
    torch.manual_seed(0)
    return init_model(tiny_configs[1])


@st.composite
def images(draw, size, channels):
    """An array of a size, mostly of the right kind."""
    right = draw(st.integers(0, 4)) > 0
    dtype = np.uint8 if right else draw(st.sampled_from(DTYPES))
    channels = channels if right else draw(st.sampled_from([0, 1, 2, 3, 4]))
    shape = size if channels == 0 else (*size, channels)
    kind = draw(st.sampled_from(['noise', 'black', 'white', 'step', 'extreme']))
    image = np.zeros(shape)
    if kind == 'noise':
        image = np.random.default_rng(draw(st.integers(0, 9))).uniform(0, 255, shape)
    elif kind != 'black':
        image[:, shape[1] // 2 if kind == 'step' else 0 :] = 255
    if kind == 'extreme' and np.dtype(dtype).kind == 'f':
        image[:] = draw(st.sampled_from([np.nan, np.inf, -1e30]))
    return image.astype(dtype)


@st.composite
def pairs(draw):
    sides = st.one_of(st.integers(32, 70), st.integers(1, 70))
    size = draw(st.tuples(sides, sides))
    other = size if draw(st.integers(0, 9)) else draw(st.tuples(sides, sides))
    return draw(images(size, 3)), draw(images(other, 0))


@pytest.mark.parametrize('run', [fuse, segment])
def test_arrays(model, run):
    reached, refused = [], []

    @SETTINGS
    @given(pairs())
    def check(pair):
        try:
            result = run(model, *pair)
        except InputError as error:
            refused.append(str(error))
            return
        reached.append(pair)
        assert result.dtype == np.uint8
        assert result.shape[:2] == pair[0].shape[:2]
        assert run is fuse or result.max() < 9

    check()
    assert len(reached) > 3
    assert all(refused)


def read_or_refused(read, path):
    """What a reader makes of a file: an image, or None for a sentence that names the file."""
    refused = None
    try:
        image = read(path)
    except InputError as error:
        refused = str(error)
    if refused:
        assert refused.startswith(f'{path}: ')
        return None
    assert image.size > 0
    assert image.dtype == np.uint8 or (read is read_labels and image.dtype.kind in 'iu')
    return image


@pytest.mark.filterwarnings('ignore')
@pytest.mark.parametrize('read', READERS)
def test_bytes(read, tmp_path):
    path, refused = tmp_path / 'fuzzed', []

    @SETTINGS
    @given(st.data())
    def check(data):
        content = bytearray(data.draw(st.sampled_from(ENCODED)))
        for _ in range(data.draw(st.integers(0, 4))):
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
        content = bytes(content[: data.draw(st.integers(0, len(content)))])
        path.write_bytes(data.draw(st.sampled_from([content, content[::-1]])))
        refused.append(read_or_refused(read, path) is None)

    check()
    assert any(refused)


@pytest.mark.filterwarnings('ignore')
@pytest.mark.parametrize('read', READERS)
def test_random_bytes_after_any_beginning(read, tmp_path):
    @SETTINGS
    @given(st.sampled_from(ENCODED), st.integers(0, 40), st.binary(max_size=200))
    def check(start, kept, random):
        (tmp_path / 'fuzzed').write_bytes(start[:kept] + random)
        read_or_refused(read, tmp_path / 'fuzzed')

    check()


@pytest.mark.filterwarnings('ignore')
@pytest.mark.parametrize('read', READERS)
def test_random_tags(read, tmp_path):
    """One or two entries of a TIFF's directory become something else."""
    path, read_ones = tmp_path / 'fuzzed', []

    @settings(SETTINGS, max_examples=100)
    @given(st.data())
    def check(data):
        content = bytearray(data.draw(st.sampled_from(TIFFS)))
        with tifffile.TiffFile(io.BytesIO(content)) as file:
            tags, order = [*file.pages[0].tags], file.byteorder
            big = file.is_bigtiff
        for _ in range(data.draw(st.integers(1, 2))):
            tag = data.draw(st.sampled_from(tags))
            number = st.one_of(st.integers(0, 20), st.integers(0, 2**16), st.integers(0, 2**32 - 1))
            kind = data.draw(st.sampled_from([1, 2, 3, 4, 5, 7, 11, 12, 16]))
            code = data.draw(st.sampled_from([tag.code, tag.code, *(t.code for t in tags), 42113]))
            entry = struct.pack(f'{order}HH', code, kind)
            numbers = data.draw(st.tuples(st.sampled_from([1, 1, 2, 3]), number))
            entry += struct.pack(f'{order}{"QQ" if big else "II"}', *numbers)
            if data.draw(st.booleans()):  # the value alone
                at, entry = tag.offset + (12 if big else 8), entry[12 if big else 8 :]
            else:
                at = tag.offset
            content[at : at + len(entry)] = entry
        path.write_bytes(content)
        image = read_or_refused(read, path)
        if image is not None:
            read_ones.append(image)
            assert image.shape[0] * image.shape[1] == np.prod(read_size(path))

    check()
    assert len(read_ones) > 5


def test_tiffs_of_any_layout_are_read_as_written(tmp_path):
    path = tmp_path / 'a.tif'

    @settings(SETTINGS, max_examples=100)
    @given(st.data())
    def check(data):
        dtype = data.draw(st.sampled_from(['u1', 'u2', 'i2', 'u4', 'f2', 'f4', 'f8']))
        shape = data.draw(st.tuples(st.integers(1, 40), st.integers(1, 40)))
        image = np.random.default_rng(data.draw(st.integers(0, 9))).uniform(0, 255, shape)
        image = image.astype(dtype)
        compression = data.draw(st.sampled_from([None, 'zlib', 'lzw', 'zstd', 'lzma', 'packbits']))
        options = dict(
            compression=compression,
            predictor=compression not in (None, 'packbits') and data.draw(st.booleans()),
            tile=data.draw(st.sampled_from([None, (16, 16), (32, 16)])),
            rowsperstrip=data.draw(st.sampled_from([None, 1, 7])),
            bigtiff=data.draw(st.booleans()),
            byteorder=data.draw(st.sampled_from('<>')),
            extratags=[(274, 'H', 1, turn := data.draw(st.sampled_from([1, 3, 6, 8])), True)],
        )
        if options['tile']:
            del options['rowsperstrip']
        nodata = data.draw(st.sampled_from([None, 100]))
        if nodata is not None:
            options['extratags'].append((42113, 's', 0, str(nodata), True))
        path.write_bytes(tiff(image, **options))
        expected = np.rot90(image, {1: 0, 3: 2, 6: 3, 8: 1}[turn])
        missing = np.zeros(expected.shape, bool) if nodata is None else expected == nodata
        if missing.all():
            with pytest.raises(InputError, match='has no valid pixel'):
                read_raw_infrared(path)
            return
        raw = read_raw_infrared(path)
        np.testing.assert_array_equal(np.ma.getmaskarray(raw), missing)
        kind = np.uint8 if dtype == 'u1' else np.float32
        np.testing.assert_array_equal(raw[~missing], expected.astype(kind)[~missing])

    check()
