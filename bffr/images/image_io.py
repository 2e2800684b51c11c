"""Reading visible, infrared and label images; writing PNGs that are never half there."""

import io
import logging
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from bffr.errors import InputError
from bffr.files import write_whole
from bffr.images.stretch import Range
from bffr.images.thermal import InfraredScale

_LOG = logging.getLogger(__name__)
_announced_scaling = set()
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


def read_image(path: str | os.PathLike) -> np.ndarray:
    """Read an image as it is stored, but upright where EXIF says that it was turned.

    Args:
        path: File in any format that OpenCV decodes.

    Returns:
        np.ndarray: (H, W) or (H, W, C), channels in OpenCV's order (BGR, BGRA), stored dtype.

    Raises:
        InputError: The file is missing, unreadable or not an image.
    """
    return _upright(*_decode(path, _by_opencv))


def read_labels(path: str | os.PathLike) -> np.ndarray:
    """Read a label map as integers (H, W); of a palette image, the indices.

    Raises:
        InputError: The file cannot be read, has more than one channel or holds no integers.
    """
    labels = _upright(*_decode(path, _unscaled))
    if labels.ndim != 2:
        raise InputError(f'{path}: has {labels.shape[2]} channels; a label map has one.')
    if labels.dtype.kind not in 'biu':
        raise InputError(f'{path}: holds {labels.dtype}; a label map holds integers.')
    return labels.astype(np.uint8) if labels.dtype.kind == 'b' else labels


def read_size(path: str | os.PathLike) -> tuple[int, int]:
    """Width and height of an image as they are stored, from its header alone.

    Raises:
        InputError: The file is missing, unreadable or not an image that Pillow knows, or has more
            pixels than Pillow takes for an image.
    """
    size, _ = _decode(path, lambda content: Image.open(io.BytesIO(content)).size)
    return size


def read_visible(path: str | os.PathLike) -> np.ndarray:
    """Read a visible image as uint8 BGR (H, W, 3).

    A single channel is repeated, an alpha channel dropped, 16 bit brought to 8 by dividing by 257.

    Raises:
        InputError: The file cannot be read or holds values other than 8- or 16-bit integers.
    """
    image = _three_channels(read_image(path), path)
    if image.dtype == np.uint16:
        image = np.round(image / 257).astype(np.uint8)
    if image.dtype != np.uint8:
        raise InputError(f'{path}: visible images hold 8- or 16-bit integers, not {image.dtype}.')
    return image


def read_infrared(path: str | os.PathLike, scale: InfraredScale | None = None) -> np.ndarray:
    """Read an infrared image as uint8 (H, W), see `read_scaled_infrared`."""
    return read_scaled_infrared(path, scale)[0]


def read_scaled_infrared(
    path: str | os.PathLike, scale: InfraredScale | None = None
) -> tuple[np.ndarray, Range | None]:
    """Read an infrared image as uint8 (H, W), and which raw values became 0 and 255.

    By default, what is not 8 bit (16-bit PNG, float TIFF) is scaled by percentiles of its own; the
    first such file is logged.

    Returns:
        tuple: As `InfraredScale` returns it.

    Raises:
        InputError: As `read_raw_infrared`.
    """
    raw = read_raw_infrared(path)
    image, limits = (scale or InfraredScale())(raw)
    if raw.dtype != np.uint8 and not _announced_scaling:
        _announced_scaling.add(raw.dtype)
        low, high = limits
        _LOG.info(
            f'{path}: is not 8 bit: its values {low:g}..{high:g} become 0..255; what other '
            f'such files hold is scaled by the same rule.'
        )
    return image, limits


def read_raw_infrared(path: str | os.PathLike) -> np.ndarray:
    """Read an infrared image as it is stored: uint8 or, of any other type, float32 (H, W).

    Colour files are reduced to BT.601 luma.

    Raises:
        InputError: The file cannot be read or holds NaN or infinite values.
    """
    image = read_image(path)
    if image.dtype != np.uint8:
        image = image.astype(np.float32)
    if image.ndim == 3:
        image = to_grey(_three_channels(image, path))
    if not np.isfinite(image).all():
        raise InputError(f'{path}: holds NaN or infinite values; replace the file.')
    return image


def to_grey(image: np.ndarray) -> np.ndarray:
    """Reduce (H, W, 3), BGR, to (H, W): one channel if all are equal, else BT.601 luma."""
    if (image == image[..., :1]).all():
        return image[..., 0]
    return cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)


def write_png(path: str | os.PathLike, image: np.ndarray) -> None:
    """Write a uint8 image, (H, W) or (H, W, 3 or 4) in OpenCV's channel order.

    The file appears whole or not at all, see `write_whole`.

    Raises:
        InputError: The folder cannot be written to.
    """
    write_whole(path, cv2.imencode('.png', image)[1].tobytes())


def _decode(path: str | os.PathLike, decoder: Callable[[bytes], Any]) -> tuple[Any, bytes]:
    """What `decoder` makes of the content of a file, and that content."""
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise InputError(
            f'{path}: cannot be read ({error.strerror}); give an image file.'
        ) from None
    try:
        image = decoder(content)
    except Image.DecompressionBombError:
        raise InputError(f'{path}: has too many pixels; shrink it.') from None
    except (OSError, SyntaxError, cv2.error):  # Pillow: damaged, damaged PNG; OpenCV: empty
        image = None
    if image is None or _is_cut_jpeg(content):
        raise InputError(f'{path}: is empty, damaged or not an image; replace the file.')
    return image, content


def _by_opencv(content: bytes) -> np.ndarray | None:
    return cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)


def _by_pillow(content: bytes) -> np.ndarray:
    return np.array(Image.open(io.BytesIO(content)))


def _unscaled(content: bytes) -> np.ndarray:
    """As `_by_pillow`, but grey levels of 2 and 4 bits, which it scales to 0..255, as stored."""
    image = Image.open(io.BytesIO(content))
    bits = re.search(r"'L;([24])", str(image.tile))
    return np.array(image) // {None: 1, '2': 85, '4': 17}[bits and bits[1]]


def _is_cut_jpeg(content: bytes) -> bool:
    """Whether a JPEG ends within its last scan, which some versions of OpenCV fill with grey."""
    is_jpeg = content.startswith(b'\xff\xd8')
    if not is_jpeg or content.rfind(b'\xff\xd9') > content.rfind(b'\xff\xda'):
        return False
    try:
        _by_pillow(content)  # what follows the image, such as a film, may hold these bytes, too
    except OSError:
        return True
    return False


def _upright(image: np.ndarray, content: bytes) -> np.ndarray:
    if not any(name in content for name in (b'Exif', b'eXIf', b'EXIF')):  # JPEG, PNG, WebP
        return image
    orientation = Image.open(io.BytesIO(content)).getexif().get(_ORIENTATION)
    turn = _UPRIGHT.get(orientation)
    return image if turn is None else np.ascontiguousarray(turn(image))


def _three_channels(image: np.ndarray, path: str | os.PathLike) -> np.ndarray:
    if image.ndim == 2:
        return np.repeat(image[..., None], 3, axis=2)
    if image.shape[2] not in (3, 4):
        raise InputError(f'{path}: has {image.shape[2]} channels; 1, 3 or 4 are understood.')
    return np.ascontiguousarray(image[..., :3])
