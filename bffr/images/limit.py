"""How large an image may be: a small file can claim any size."""

from bffr.errors import InputError

MAX_PIXELS = 2**28
"""268 megapixels, 0.8 GB in colour: beyond cameras, below what fills a machine's memory."""

_BYTES = 8  # of a pixel, at most, as of four channels of 16 bit, in an image of so many pixels


def require_size(width: int, height: int, pixel: int = 1) -> None:
    """Check a size before anything is decoded.

    Args:
        width, height: In pixels.
        pixel: Bytes that each takes.

    Raises:
        InputError: There are more than `MAX_PIXELS`, or they take more memory than 8 bytes each of
            so many; the sentence lacks the file's name.
    """
    if width * height > MAX_PIXELS or width * height * pixel > MAX_PIXELS * _BYTES:
        raise InputError(
            f'has more than {MAX_PIXELS / 1e6:.0f} megapixels, or {MAX_PIXELS * _BYTES / 1e9:.1f} '
            f'GB; shrink it.'
        )
