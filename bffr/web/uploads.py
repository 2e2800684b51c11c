"""What the page takes and gives: pairs within limits, folders for files, sentences for mistakes."""

import functools
import html
import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

import gradio as gr

from bffr.errors import InputError
from bffr.images.image_io import read_size
from bffr.images.pair import Pair, read_pair
from bffr.images.thermal import InfraredScale
from bffr.rigs.rig import Rig

_OPTIONS = {'percentiles': 'percentiles', 'raw values': 'range'}  # of InfraredScale

RANGES = 'automatic', *_OPTIONS
"""How infrared values become 0..255: as the commands do it by default, or by one of two options."""


def read_upload(
    vis: str | None,
    ir: str | None,
    scale: tuple[str, float | None, float | None],
    rig: str | None,
    max_pixels: int,
) -> Pair:
    """Read the pair that was given, see `read_pair`.

    Args:
        vis, ir: Files.
        scale: See `infrared_scale`.
        rig: File of the rig that the images are of, which are then reduced to their overlap.
        max_pixels: Of an image.

    Raises:
        InputError: As `require_pair`, `infrared_scale`, `Rig.read` and `read_pair`.
    """
    require_pair(vis, ir, max_pixels)
    pair = read_pair(vis, ir, infrared_scale(*scale), Rig.read(rig, 'overlap') if rig else None)
    _require_pixels(vis, pair.infrared.size, max_pixels)
    return pair


def require_pair(vis: str | None, ir: str | None, max_pixels: int) -> None:
    """Check both files of a pair.

    Raises:
        InputError: One is not given, or see `require_image`.
    """
    if not (vis and ir):
        raise InputError('Give a visible and an infrared image.')
    for path in (vis, ir):
        require_image(path, max_pixels)


def require_image(path: str, max_pixels: int) -> None:
    """Check an image by its header, before anything decodes it.

    Raises:
        InputError: It is no image, or has too many pixels.
    """
    width, height = read_size(path)
    _require_pixels(path, width * height, max_pixels)


def _require_pixels(path: str, pixels: int, max_pixels: int) -> None:
    if pixels > max_pixels:
        raise InputError(
            f'{path}: has more than {max_pixels / 1e6:g} megapixels; shrink '
            f'it, or start `bffr web` with a larger --max-megapixels.'
        )


def infrared_scale(kind: str, low: float | None, high: float | None) -> InfraredScale:
    """The scale of one of `RANGES`.

    Raises:
        InputError: A limit is not given, or low is not below high.
    """
    if kind == 'automatic':
        return InfraredScale()
    if low is None or high is None:
        raise InputError(f'infrared: give low and high of the {kind}.')
    return InfraredScale(**{_OPTIONS[kind]: (low, high)})


def new_folder() -> Path:
    """A folder for files that the page may serve."""
    return Path(tempfile.mkdtemp(dir=os.environ['GRADIO_TEMP_DIR']))


def with_sentences(function: Callable) -> Callable:
    """Show an InputError of `function` on the page; files have no folders in it."""

    @functools.wraps(function)
    def shown(*args):
        try:
            return function(*args)
        except InputError as error:
            folder = re.escape(os.environ['GRADIO_TEMP_DIR'])
            sentence = re.sub(rf'{folder}\W\w+\W', '', str(error))
            raise gr.Error(html.escape(sentence, quote=False), print_exception=False) from None

    return shown
