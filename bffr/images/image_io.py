"""Reading visible, infrared and label images; writing PNGs that are never half there."""

import contextlib
import io
import logging
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from PIL import Image, PngImagePlugin

from bffr.errors import InputError, out_of_memory
from bffr.files import write_whole
from bffr.images.flir import FlirImage, is_flir, read_flir
from bffr.images.limit import MAX_PIXELS, require_size
from bffr.images.nothing import constant_border, masked
from bffr.images.palettes import from_palette, is_coloured
from bffr.images.said_once import say_once
from bffr.images.stretch import Range, thinned
from bffr.images.thermal import InfraredScale, increasing
from bffr.images.tiff import is_tiff, read_tiff, tiff_header

Image.MAX_IMAGE_PIXELS = MAX_PIXELS  # Pillow's own limits are below ours, see `require_size`
PngImagePlugin.MAX_TEXT_CHUNK = PngImagePlugin.MAX_TEXT_MEMORY

_ORIENTATION = 0x0112  # EXIF's tag
_UPRIGHT = {
    2: np.fliplr,
    3: lambda image: np.rot90(image, 2),
    4: np.flipud,
    5: lambda image: np.rot90(np.fliplr(image)),
    6: lambda image: np.rot90(image, -1),
    7: lambda image: np.rot90(np.fliplr(image), -1),
    8: np.rot90,
}


class _Stored(NamedTuple):
    """An image as it is stored, upright; `white` and `nothing` as in `TiffImage`."""

    image: np.ndarray
    white: int | None = None
    nothing: np.ndarray | None = None


def read_image(path: str | os.PathLike, page: int | None = None) -> np.ndarray:
    """Read an image as it is stored, but upright where EXIF says that it was turned.

    Args:
        path: TIFF, see `read_tiff`, or a file in any format that OpenCV decodes.
        page: Of a TIFF of several pages, from 1 on; by default the largest.

    Returns:
        np.ndarray: (H, W) or (H, W, C), channels in OpenCV's order (BGR, BGRA), stored dtype.

    Raises:
        InputError: The file is missing, unreadable, not an image or too large, see `require_size`.
    """
    return _read(path, page).image


def read_labels(path: str | os.PathLike) -> np.ndarray:
    """Read a label map as integers (H, W); of a palette image, the indices.

    Raises:
        InputError: The file cannot be read, has more than one channel or holds no integers.
    """
    labels = _read(path, labels=True).image
    if labels.ndim != 2:
        raise InputError(f'{path}: has {labels.shape[2]} channels; a label map has one.')
    if labels.dtype.kind not in 'biu':
        raise InputError(f'{path}: holds {labels.dtype}; a label map holds integers.')
    return labels.astype(np.uint8) if labels.dtype.kind == 'b' else labels


def read_size(path: str | os.PathLike) -> tuple[int, int]:
    """Width and height of what the readers decode, from its header alone, as it is stored.

    Raises:
        InputError: The file is missing, unreadable or not an image that Pillow or tifffile knows,
            or is too large, see `require_size`.
    """
    return _header(path)[0]


def is_8_bit(path: str | os.PathLike, page: int | None = None) -> bool:
    """Whether an infrared image is taken as it is unless it is told a range, from its header alone.

    Args:
        path: See `read_raw_infrared`.
        page: See `read_image`.

    Raises:
        InputError: As `read_size`.
    """
    return _header(path, page)[1]


def read_visible(
    path: str | os.PathLike, limits: Range | None = None, page: int | None = None
) -> np.ndarray:
    """Read a visible image as uint8 BGR (H, W, 3).

    A single channel is repeated, and all but the first three are dropped, such as alpha. 16 bit are
    brought to 8 by dividing by 257, other depths of a TIFF likewise by their own white.

    Args:
        path: See `read_image`.
        limits: Values that become 0 and 255 instead, of whatever type.
        page: See `read_image`.

    Raises:
        InputError: The file cannot be read or, without `limits`, holds values other than 8- or
            16-bit integers.
    """
    stored = _read(path, page)
    with _named(path):
        image = _three_channels(stored.image)
    if limits:
        low, high = increasing('vis_range', limits)
        scaled = (image.astype(np.float32) - np.float32(low)) * np.float32(255 / (high - low))
        return np.round(np.nan_to_num(scaled).clip(0, 255)).astype(np.uint8)
    if image.dtype == np.uint16:
        white = stored.white or np.iinfo(np.uint16).max
        if image.max() < (white + 1) / 16:
            say_once(
                'dark visible',
                f'{path}: no value reaches a sixteenth of {white}, so the image becomes dark; if '
                f'another value is white, such as 4095, give bffr fuse --vis-range 0 4095.',
                logging.WARNING,
            )
        image = np.round(image / (white / 255)).clip(0, 255).astype(np.uint8)
    if image.dtype != np.uint8:
        raise InputError(
            f'{path}: visible images hold 8- or 16-bit integers, not {image.dtype}; give '
            f'bffr fuse --vis-range LOW HIGH, or store it in 8 bit.'
        )
    return image


def read_infrared(path: str | os.PathLike, scale: InfraredScale | None = None) -> np.ndarray:
    """Read an infrared image as uint8 (H, W), see `read_scaled_infrared`."""
    return read_scaled_infrared(path, scale)[0]


def read_scaled_infrared(
    path: str | os.PathLike, scale: InfraredScale | None = None, page: int | None = None
) -> tuple[np.ndarray, Range | None, np.ndarray | None]:
    """Read an infrared image as uint8 (H, W), with what was scaled and what lacks a value.

    By default, what is not 8 bit (16-bit PNG, float TIFF) is scaled by percentiles of its own; the
    first such file is logged.

    Returns:
        tuple: The image, and the raw values that became 0 and 255, as `InfraredScale` returns them;
        and bool (H, W), where there is no value, or None.

    Raises:
        InputError: As `read_raw_infrared`.
    """
    scale = scale or InfraredScale()
    raw = read_raw_infrared(path, scale, page)
    image, limits = scale(raw)
    if raw.dtype != np.uint8:
        low, high = limits
        say_once(
            'scaling',
            f'{path}: is not 8 bit: its values {low:g}..{high:g} become 0..255; other '
            f'such files are scaled in the same way.',
        )
    low, high = scale.range or (-np.inf, np.inf)
    if raw.max() <= low or raw.min() >= high:
        say_once(
            'beyond the range',
            f'{path}: its values {raw.min():g}..{raw.max():g} all lie outside the range '
            f'{low:g}..{high:g}, so it becomes black or white; give a range in units of the file.',
            logging.WARNING,
        )
    return image, limits, nothing_in(raw)


def read_raw_infrared(
    path: str | os.PathLike, scale: InfraredScale | None = None, page: int | None = None
) -> np.ndarray:
    """Read an infrared image as it is stored: uint8 or, of any other type, float32 (H, W).

    Of FLIR's radiometric JPEGs these are the temperatures, in degrees Celsius. Colours become
    BT.601 luma, unless the scale names their palette. Pixels without a value (NaN, a TIFF's
    declared no-data or transparent ones, the scale's `nodata`) are masked.

    Args:
        path: See `read_image`.
        scale: Of which `nodata` and `palette` count here.
        page: See `read_image`.

    Returns:
        np.ndarray: A masked array where pixels have no value, see `masked`.

    Raises:
        InputError: The file cannot be read, holds infinite values or no value at all, or its
            colours are not of the palette.
    """
    scale = scale or InfraredScale()
    stored = _read(path, page, radiometric=True)
    image = stored.image
    with _named(path):
        if image.ndim == 3:
            if image.shape[2] > 4:
                raise InputError(
                    f'has {image.shape[2]} bands; give infrared of one band, or in colour.'
                )
            image = _three_channels(image)
    image = one_channel(path, image, scale.palette)
    with _named(path):
        if image.dtype != np.uint8:
            image = image.astype(np.float32)
        raw = without_nothing(image, scale.nodata, stored.nothing)
    if np.ma.is_masked(raw):
        share = np.ma.getmaskarray(raw).mean()
        say_once(
            'no-data',
            f'{path}: {share:.1%} of its pixels have no value; the visible image is shown there',
        )
    elif image.dtype != np.uint8 and (border := constant_border(raw)):
        value, share = border
        say_once(
            'border',
            f'{path}: {share:.0%} of its pixels, at its edge, are {value:g}, far from all others; '
            f'if this means that there is no value, give --ir-nodata {value:g}.',
            logging.WARNING,
        )
    return raw


def read_radiometric(path: str | os.PathLike) -> FlirImage:
    """Read the photo and the temperatures that a file of a FLIR camera holds, as they are stored.

    Raises:
        InputError: The file cannot be read, is of another kind or lacks one of them.
    """
    content = file_content(path)
    with _border(path):
        if not is_flir(content):
            raise InputError('is not a radiometric JPEG of FLIR; give it with --vis or --ir.')
        found = read_flir(content)
        if found.photo is None:
            raise InputError('holds no photo; give one with --vis, and this file with --ir.')
        return found


def without_nothing(
    image: np.ndarray, nodata: float | None = None, nothing: np.ndarray | None = None
) -> np.ndarray:
    """Mask what is NaN, `nodata` or `nothing`, bool (H, W), see `masked`.

    Raises:
        InputError: There are infinite values, or no value at all.
    """
    missing = np.isnan(image) if image.dtype.kind == 'f' else np.zeros(image.shape, bool)
    if nothing is not None:
        missing |= nothing
    if nodata is not None:
        missing |= image == (np.float32(nodata) if image.dtype == np.float32 else nodata)
    raw = masked(image, missing)
    if not np.isfinite(np.ma.getdata(raw)).all():
        raise InputError('holds infinite values; replace it.')
    return raw


def nothing_in(raw: np.ndarray) -> np.ndarray | None:
    """Where an array is masked, bool (H, W); None if it is nowhere."""
    return np.ma.getmaskarray(raw) if np.ma.is_masked(raw) else None


def one_channel(
    path: str | os.PathLike, image: np.ndarray, palette: str | None = None
) -> np.ndarray:
    """The infrared values, (H, W), that an image stands for: (H, W), or (H, W, 3) in BGR.

    Colours are those of a palette or, with a warning that names the file, brightness.

    Raises:
        InputError: They are not of the palette, or there are none.
    """
    if palette and (image.ndim == 2 or image.dtype != np.uint8):
        raise InputError(f'{path}: has no colours of 8 bits; leave out --ir-palette.')
    if image.ndim == 2:
        return image
    if image.dtype != np.uint8 or not is_coloured(thinned(image)):
        return to_grey(image)
    if palette is None:
        say_once(
            'coloured infrared',
            f'{path}: is coloured; its colours are read as brightness, so what is hot may become '
            f'dark; if they are a palette, name it with --ir-palette.',
            logging.WARNING,
        )
        return to_grey(image)
    with _named(path):
        return from_palette(image, palette)


def to_grey(image: np.ndarray) -> np.ndarray:
    """Reduce (H, W, 3), BGR, to (H, W): one channel if all are equal, else BT.601 luma."""
    first, *others = np.moveaxis(image, 2, 0)
    if all(np.array_equal(first, other) for other in others):
        return first
    if image.dtype.type not in (np.uint8, np.uint16):
        image = image.astype(np.float32)
    return cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)


def write_png(path: str | os.PathLike, image: np.ndarray) -> None:
    """Write a uint8 image, (H, W) or (H, W, 3 or 4) in OpenCV's channel order.

    The file appears whole or not at all, see `write_whole`.

    Raises:
        InputError: The folder cannot be written to.
    """
    write_whole(path, cv2.imencode('.png', image)[1].tobytes())


def file_content(path: str | os.PathLike) -> bytes:
    """The bytes of an image file.

    Raises:
        InputError: It cannot be read.
    """
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise InputError(
            f'{path}: cannot be read ({error.strerror}); give an image file.'
        ) from None


def _header(path: str | os.PathLike, page: int | None = None) -> tuple[tuple[int, int], bool]:
    """Width and height, and whether the samples that are read have 8 bits or fewer."""
    content = file_content(path)
    with _border(path):
        if is_tiff(content):
            return tiff_header(content, page)
        with Image.open(io.BytesIO(content)) as image:
            require_size(*image.size)
            return image.size, not (_is_wide(image) or is_flir(content))


def _is_wide(image: Image.Image) -> bool:
    """Whether samples have more than 8 bits, which Pillow's mode does not tell of colours."""
    is_16_bit = image.mode.startswith(('I', 'F')) or ';16' in str(image.tile)
    return is_16_bit or (_declared_white(image) or 0) > 255


def _declared_white(image: Image.Image) -> int | None:
    """The largest value that a PGM or PPM may hold, such as 4095, as its header says."""
    args = image.tile[0][3] if image.format == 'PPM' and image.tile else ''
    return args[1] if isinstance(args, tuple) else None


@contextlib.contextmanager
def _named(path: str | os.PathLike) -> Iterator[None]:
    """Put the file's name before the sentence of an InputError."""
    try:
        yield
    except InputError as error:
        raise InputError(f'{path}: {error}') from None


@contextlib.contextmanager
def _border(path: str | os.PathLike) -> Iterator[None]:
    """Make an InputError of whatever a decoder raises: of bad files they have all kinds."""
    with _named(path):
        try:
            yield
        except InputError:
            raise
        except Image.DecompressionBombError:
            raise InputError('has too many pixels; shrink it.') from None
        except Exception as error:
            sentence = (
                out_of_memory(error) or 'is empty, damaged or not an image; replace the file.'
            )
            raise InputError(sentence) from None


def _read(
    path: str | os.PathLike,
    page: int | None = None,
    labels: bool = False,
    radiometric: bool = False,
) -> _Stored:
    """Decode a file, `radiometric` ones to their temperatures, and turn it upright."""
    content = file_content(path)
    with _border(path):
        if is_tiff(content):
            found = read_tiff(content, page, labels)
            if page is None and found.pages > 1:
                say_once(
                    'pages',
                    f'{path}: has {found.pages} pages; page {found.page} is used, and '
                    f'{found.pages - 1} left out; --page chooses another',
                )
            parts, orientation = (found.image, found.white, found.nothing), found.orientation
        elif radiometric and is_flir(content):
            parts, orientation = (read_flir(content).celsius, None, None), _orientation(content)
            say_once('radiometric', f'{path}: is of a FLIR camera; its temperatures are used')
        else:
            if is_flir(content):
                say_once(
                    'preview',
                    f'{path}: is of a FLIR camera; its false colours are used; --flir uses the '
                    f'photo inside, and --ir the temperatures',
                    logging.WARNING,
                )
            found = (_unscaled(content), None) if labels else _by_opencv(content)
            parts, orientation = (*found, None), _orientation(content)
        turn = _UPRIGHT.get(orientation, np.asarray)
        image, white, nothing = parts
        image = np.ascontiguousarray(turn(image))
        return _Stored(image, white, None if nothing is None else turn(nothing))


def _by_opencv(content: bytes) -> tuple[np.ndarray, int | None]:
    """Decode by OpenCV, whose own limit of pixels is higher; with `_declared_white`."""
    size, white = (0, 0), None
    unknown = contextlib.suppress(OSError, SyntaxError, ValueError)  # format, or too long a text
    with unknown, Image.open(io.BytesIO(content)) as image:
        size, white = image.size, _declared_white(image)
    require_size(*size)
    image = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    if image is None or _is_cut_jpeg(content):
        raise ValueError('OpenCV cannot decode it')
    return image, white


def _unscaled(content: bytes) -> np.ndarray:
    """Decode by Pillow: indices of palettes, and as stored the grey levels of 2 and 4 bits."""
    with Image.open(io.BytesIO(content)) as image:
        require_size(*image.size)
        bits = re.search(r"'L;([24])", str(image.tile))  # which Pillow scales to 0..255
        stored = np.array(image)
        return stored // {'2': 85, '4': 17}[bits[1]] if bits else stored


def _is_cut_jpeg(content: bytes) -> bool:
    """Whether a JPEG ends within its last scan, which some versions of OpenCV fill with grey."""
    is_jpeg = content.startswith(b'\xff\xd8')
    if not is_jpeg or content.rfind(b'\xff\xd9') > content.rfind(b'\xff\xda'):
        return False
    try:
        with Image.open(io.BytesIO(content)) as image:
            image.load()  # what follows the image, such as a film, may hold these bytes, too
    except OSError:
        return True
    return False


def _orientation(content: bytes) -> int | None:
    """EXIF's number of how an image is turned.

    Raises:
        InputError: There is EXIF data that cannot be read.
    """
    if not any(name in content for name in (b'Exif', b'eXIf', b'EXIF')):  # JPEG, PNG, WebP
        return None
    try:
        with Image.open(io.BytesIO(content)) as image:
            return image.getexif().get(_ORIENTATION)
    except Exception:  # of odd data it raises all kinds
        raise InputError(
            'its EXIF data cannot be read, and may say that the image is turned; save it '
            'without EXIF data.'
        ) from None


def _three_channels(image: np.ndarray) -> np.ndarray:
    if image.ndim == 2:
        return np.repeat(image[..., None], 3, axis=2)
    if image.shape[2] < 3:
        raise InputError(f'has {image.shape[2]} channels; 1, 3 or 4 are understood.')
    return np.ascontiguousarray(image[..., :3])
