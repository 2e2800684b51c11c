"""A pair of files or arrays: checked, aligned, 8 bit."""

import os
from typing import NamedTuple

import cv2
import numpy as np

from bffr.errors import InputError
from bffr.images.image_io import read_scaled_infrared, read_visible
from bffr.images.matching import require_two
from bffr.images.stretch import Range
from bffr.images.thermal import InfraredScale
from bffr.rigs.edge_agreement import AgreementCheck
from bffr.rigs.rig import Rig, Size

_check_agreement = AgreementCheck()

Image = str | os.PathLike | np.ndarray


class Pair(NamedTuple):
    """A visible and an infrared image that lie on one another.

    Attributes:
        visible: uint8 (H, W, 3), BGR.
        infrared: uint8 (H, W).
        limits: Raw infrared values that became 0 and 255; None if they were 8 bit before.
    """

    visible: np.ndarray
    infrared: np.ndarray
    limits: Range | None = None


def read_pair(
    vis: Image, ir: Image, scale: InfraredScale | None = None, align: Rig | None = None
) -> Pair:
    """Read a pair.

    If the first pairs of a process seem not to be aligned, that is logged once, as a warning.

    Args:
        vis: Visible image: file, or uint8 (H, W, 3), BGR.
        ir: Infrared image: file, or uint8, uint16 or float32 (H, W).
        scale: How infrared values become 0..255; see `InfraredScale` for the default.
        align: Rig that the images are of, which may then have two sizes; otherwise they are taken
            for aligned.

    Returns:
        Pair: With `align`, the overlap.

    Raises:
        InputError: An image is missing, cannot be read or has the wrong type, both are one file, or
            the sizes differ, or are not those of the rig.
    """
    for name, image in (('vis', vis), ('ir', ir)):
        if image is None:
            raise InputError(f'{name}: is None; give a file or an array.')
    for name, value, kind in (('align', align, Rig), ('infrared', scale, InfraredScale)):
        if value is not None and not isinstance(value, kind):
            raise InputError(f'{name}: must be a bffr.{kind.__name__}, not {value!r}.')
    if not isinstance(vis, np.ndarray) and not isinstance(ir, np.ndarray):
        require_two(vis, ir)
    visible = _load_visible(vis)
    scale = scale or InfraredScale()
    if isinstance(ir, np.ndarray):
        infrared, limits = scale(_checked_infrared(ir))
    else:
        infrared, limits = read_scaled_infrared(ir, scale)
    sizes = visible.shape[1::-1], infrared.shape[::-1]
    if align and not align.fits(*sizes):
        rig = ' and '.join(f'{w}x{h}' for w, h in (align.visible_size, align.infrared_size))
        _refuse(vis, ir, sizes, f'the rig file is for {rig}; make one for these')
    if align:
        visible, infrared = map(align.inside, (visible, align.warp(infrared)))
    elif sizes[0] != sizes[1]:
        _refuse(vis, ir, sizes, 'align them with `bffr align` and give its file with --align')
    _check_agreement(visible, infrared, _names(vis, ir))
    return Pair(visible, infrared, limits)


def stack(visible: np.ndarray, infrared: np.ndarray) -> np.ndarray:
    """Both images of a pair as one array, uint8 (H, W, 4): B, G, R, infrared."""
    stacked = cv2.cvtColor(visible, cv2.COLOR_BGR2BGRA)  # ten times as fast as np.dstack
    return cv2.insertChannel(infrared, stacked, 3)


def whole_image(fused: np.ndarray, vis: Image, align: Rig | None) -> np.ndarray:
    """The fused image of a pair, uint8 (h, w, 3), in all of its visible image if the rig keeps it.

    Raises:
        InputError: The visible image cannot be read or has the wrong type.
    """
    if align is None or align.crop == 'overlap':
        return fused
    return align.complete(fused, _load_visible(vis))


def _load_visible(vis: Image) -> np.ndarray:
    if not isinstance(vis, np.ndarray):
        return read_visible(vis)
    if vis.dtype != np.uint8 or vis.ndim != 3 or vis.shape[2] != 3 or not vis.size:
        raise InputError(
            f'vis: arrays must be uint8 (H, W, 3) in BGR, not {vis.dtype} of shape {vis.shape}.'
        )
    return vis


def _refuse(vis: Image, ir: Image, sizes: tuple[Size, Size], advice: str) -> None:
    visible, infrared = (f'{width}x{height}' for width, height in sizes)
    raise InputError(
        f'{_names(vis, ir)}: the visible image has {visible} pixels, the infrared image '
        f'{infrared}; {advice}.'
    )


def _names(vis: Image, ir: Image) -> str:
    return ', '.join('array' if isinstance(x, np.ndarray) else str(x) for x in (vis, ir))


def _checked_infrared(ir: np.ndarray) -> np.ndarray:
    if ir.dtype not in (np.uint8, np.uint16, np.float32) or ir.ndim != 2 or not ir.size:
        raise InputError(
            f'ir: arrays must be uint8, uint16 or float32 (H, W), not {ir.dtype} of shape '
            f'{ir.shape}.'
        )
    if ir.dtype == np.float32 and not np.isfinite(ir).all():
        raise InputError('ir: holds NaN or infinite values; replace them.')
    return ir
