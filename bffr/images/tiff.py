"""TIFF files of every kind that tifffile decodes: one page becomes one image."""

import io
import logging
from typing import NamedTuple

import cv2
import numpy as np
import tifffile
from tifffile import COMPRESSION, EXTRASAMPLE, PHOTOMETRIC

from bffr.errors import InputError
from bffr.images.limit import require_size

logging.getLogger('tifffile').addHandler(logging.NullHandler())  # what it finds is told by us

_MAGIC = tuple(
    order + (42 + big).to_bytes(2, name)
    for order, name in ((b'II', 'little'), (b'MM', 'big'))
    for big in (0, 1)
)
_COLOURS = PHOTOMETRIC.RGB, PHOTOMETRIC.YCBCR, PHOTOMETRIC.SEPARATED
_GREY = PHOTOMETRIC.MINISBLACK, PHOTOMETRIC.MINISWHITE, PHOTOMETRIC.PALETTE
_JPEG = COMPRESSION.OJPEG, COMPRESSION.JPEG, COMPRESSION.ALT_JPEG, COMPRESSION.JPEG_LOSSY
_DECODED_AS_RGB = *_JPEG, COMPRESSION.WEBP, COMPRESSION.JPEGXL
_ALPHA = EXTRASAMPLE.ASSOCALPHA, EXTRASAMPLE.UNASSALPHA


class TiffImage(NamedTuple):
    """One page of a TIFF file, as it is stored.

    Attributes:
        image: (H, W) or, channels being B, G, R and others, (H, W, C).
        white: The largest value, of integers.
        nothing: bool (H, W), where the file says that there is no value; None if it does not.
        orientation: EXIF's number.
        page, pages: Which page it is, from 1 on, of how many, thumbnails not counted.
    """

    image: np.ndarray
    white: int | None
    nothing: np.ndarray | None
    orientation: int
    page: int
    pages: int


def is_tiff(content: bytes) -> bool:
    """Whether a file is a TIFF or a BigTIFF, by its first bytes."""
    return content.startswith(_MAGIC)


def tiff_header(content: bytes, page: int | None = None) -> tuple[tuple[int, int], bool]:
    """Width and height of what `read_tiff` reads, and whether its samples have 8 bits or fewer."""
    with tifffile.TiffFile(io.BytesIO(content)) as file:
        chosen = _choose(file, page)[0]
        return (chosen.imagewidth, chosen.imagelength), chosen.bitspersample <= 8


def read_tiff(content: bytes, page: int | None = None, indices: bool = False) -> TiffImage:
    """Read a page of a TIFF file.

    Args:
        content: Of the file.
        page: From 1 on, where there are several; by default the one with the most pixels.
        indices: Take the values of palette images, and of those below 8 bits, as they are.

    Raises:
        InputError: The file has no such page or is of a kind that is not understood; the sentence
            lacks the file's name. Damaged files raise anything.
    """
    with tifffile.TiffFile(io.BytesIO(content)) as file:
        chosen, number, pages = _choose(file, page)
        orientation = chosen.tags.valueof('Orientation', default=1)
        if chosen.photometric == PHOTOMETRIC.LOGLUV and pages == 1:
            return TiffImage(_of_logluv(content), None, None, orientation, number, pages)
        _require_understood(chosen)
        ends = zip(chosen.dataoffsets, chosen.databytecounts, strict=False)
        if any(start + count > len(content) for start, count in ends):
            raise ValueError('the file ends before its image does')
        # (separate samples, depth, height, width, samples) to (height, width, all samples)
        bands = chosen.asarray().reshape(chosen.shaped)[:, 0].transpose(1, 2, 0, 3)
        bands = bands.reshape(*bands.shape[:2], -1)
        image, white = _image(chosen, bands, indices)
        return TiffImage(image, white, _nothing(chosen, bands), orientation, number, pages)


def _choose(file: tifffile.TiffFile, number: int | None) -> tuple[tifffile.TiffPage, int, int]:
    """A page, of a size that can be read, its number, and how many there are."""
    pages = [page for page in file.pages if not page.subfiletype & 0b101] or [*file.pages]
    if number is None or len(pages) == 1:
        number = 1 + int(np.argmax([page.imagewidth * page.imagelength for page in pages]))
    if not 1 <= number <= len(pages):
        raise InputError(f'has {len(pages)} pages, but no page {number}; correct --page.')
    chosen = pages[number - 1]
    pixel = chosen.samplesperpixel * np.max(chosen.bitspersample) // 8
    require_size(chosen.imagewidth, chosen.imagelength, pixel * chosen.imagedepth)
    require_size(chosen.tilewidth, chosen.tilelength, pixel * chosen.tiledepth)
    return chosen, number, len(pages)


def _of_logluv(content: bytes) -> np.ndarray:
    """What OpenCV before 4.11 made of three float32 channels, to 2 percent of the largest."""
    image = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    if image is None:
        raise ValueError('OpenCV cannot decode it')
    return image


def _require_understood(page: tifffile.TiffPage) -> None:
    """Refuse by name what is not understood."""
    converted = page.photometric != PHOTOMETRIC.YCBCR or page.compression in _DECODED_AS_RGB
    if page.compression != COMPRESSION.NONE and page.compression not in tifffile.TIFF.DECOMPRESSORS:
        kind = f'a compression, {_name(page.compression)}'
    elif page.photometric not in (*_COLOURS, *_GREY):
        kind = f'a meaning of values, {_name(page.photometric)}'
    elif page.dtype is None or page.dtype.kind not in 'buif' or np.ndim(page.bitspersample):
        kind = f'a type of values, {page.bitspersample} bits of {_name(page.sampleformat)}'
    elif page.imagedepth > 1:
        kind = 'a volume, not an image'
    elif not converted and (page.is_subsampled or page.dtype != np.uint8):
        kind = 'YCBCR colours without JPEG'
    elif page.photometric == PHOTOMETRIC.MINISWHITE and page.dtype.kind not in 'bu':
        kind = f'white as zero in {page.dtype}'
    elif page.photometric == PHOTOMETRIC.SEPARATED and page.dtype.kind != 'u':
        kind = f'CMYK colours in {page.dtype}'
    elif page.samplesperpixel > 1 + _alphas(page) and page.photometric in _GREY:
        raise InputError(
            f'has {page.samplesperpixel} bands, and does not say that they are red, green and '
            f'blue; give an image that says so, or one of one band.'
        )
    else:
        return
    raise InputError(f'holds {kind}, which is not supported; convert it to plain grey or RGB.')


def _alphas(page: tifffile.TiffPage) -> int:
    return sum(kind in _ALPHA for kind in page.extrasamples)


def _name(value: int) -> str:
    return getattr(value, 'name', str(value))


def _image(
    page: tifffile.TiffPage, bands: np.ndarray, indices: bool
) -> tuple[np.ndarray, int | None]:
    """The image that the bands, (H, W, C), stand for, and its white."""
    white = 2**page.bitspersample - 1 if bands.dtype.kind in 'bu' else None
    if page.photometric in _GREY:
        image = bands[..., 0]
        if image.dtype.kind == 'b':
            image = image.astype(np.uint8)
        if page.photometric == PHOTOMETRIC.PALETTE and not indices:
            colours = page.colormap.T[:, ::-1]
            return (colours >> 8 * (colours.max() > 255)).astype(np.uint8)[image], 255
        if page.photometric == PHOTOMETRIC.MINISWHITE:
            image = image.dtype.type(white) - image
        if page.bitspersample < 8 and not indices:
            image, white = np.round(image * (255 / white)).astype(np.uint8), 255
        return image, white
    if page.photometric == PHOTOMETRIC.SEPARATED:
        ink = white - bands[..., :4].astype(float)
        return np.round(ink[..., 2::-1] * ink[..., 3:] / white).astype(bands.dtype), white
    if page.photometric == PHOTOMETRIC.YCBCR and page.compression not in _DECODED_AS_RGB:
        luma_red_blue = np.ascontiguousarray(bands[..., [0, 2, 1]])
        return cv2.cvtColor(luma_red_blue, cv2.COLOR_YCrCb2BGR), white
    order = [2, 1, 0, *range(3, bands.shape[2])]
    return bands[..., order], white


def _nothing(page: tifffile.TiffPage, bands: np.ndarray) -> np.ndarray | None:
    """Where GDAL's tag or a transparent alpha says that there is no value."""
    nothing = np.zeros(bands.shape[:2], bool)
    declared = page.tags.valueof('GDAL_NODATA')
    if declared is not None and page.photometric in _GREY:
        try:
            value = np.float64(float(declared))
        except (TypeError, ValueError):
            raise InputError(
                f'has {declared!r} for GDAL_NODATA, which is not a number; correct it.'
            ) from None
        nothing |= bands[..., 0] == (
            value.astype(bands.dtype) if bands.dtype.kind == 'f' else value
        )
    for number, kind in enumerate(page.extrasamples, bands.shape[2] - len(page.extrasamples)):
        if kind in _ALPHA and bands[..., number].any():
            nothing |= bands[..., number] == 0
    return nothing if nothing.any() else None
