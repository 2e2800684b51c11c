"""A pair of files or arrays: checked, aligned, 8 bit."""

import numbers
import os
from typing import NamedTuple

import cv2
import numpy as np

from bffr.errors import InputError
from bffr.images.image_io import (
    nothing_in,
    read_scaled_infrared,
    read_visible,
    without_nothing,
)
from bffr.images.matching import require_two
from bffr.images.stretch import Range
from bffr.images.thermal import InfraredScale
from bffr.rigs.edge_agreement import AgreementCheck
from bffr.rigs.lens import resample
from bffr.rigs.rig import Rig, Size

_check_agreement = AgreementCheck()

Image = str | os.PathLike | np.ndarray


class Pair(NamedTuple):
    """A visible and an infrared image that lie on one another.

    Attributes:
        visible: uint8 (H, W, 3), BGR.
        infrared: uint8 (H, W).
        limits: Raw infrared values that became 0 and 255; None if they were 8 bit before.
        nothing: bool (H, W), where infrared has no value; None if it has one everywhere.
        sure: float32 (H, W), from 0, where the infrared image is not fused, as it shows elsewhere
            what the visible one does, to 1; None if that was not looked at.
        whole: The visible image, uint8 (h, w, 3), of which `visible` is the overlap with infrared;
            None if that is all.
    """

    visible: np.ndarray
    infrared: np.ndarray
    limits: Range | None = None
    nothing: np.ndarray | None = None
    whole: np.ndarray | None = None
    sure: np.ndarray | None = None

    def complete(self, fused: np.ndarray, align: Rig | None = None) -> np.ndarray:
        """The fused image, uint8 (H, W, 3), with the visible one where infrared shows nothing.

        With a rig that keeps the visible image around the overlap it is (h, w, 3).
        """
        if self.sure is not None:
            fused = cv2.blendLinear(fused, self.visible, self.sure, 1 - self.sure)
        if self.nothing is not None:
            fused = np.where(self.nothing[..., None], self.visible, fused)
        if align is None or align.crop == 'overlap':
            return fused
        return align.complete(fused, self.whole)

    def complete_labels(self, labels: np.ndarray, align: Rig | None = None) -> np.ndarray:
        """Labels, uint8 (H, W), as `complete`: 255 where infrared shows nothing."""
        if self.nothing is not None:
            labels = np.where(self.nothing, np.uint8(255), labels)
        return align.complete_labels(labels) if align else labels

    def complete_boxes(self, boxes: np.ndarray, align: Rig | None = None) -> np.ndarray:
        """Boxes (K, 4) in pixels of what `complete` gives."""
        if align is None or align.crop == 'overlap':
            return boxes
        return boxes + np.float32(align.overlap[:2] * 2)


def read_pair(
    vis: Image,
    ir: Image,
    scale: InfraredScale | None = None,
    align: Rig | None = None,
    vis_range: Range | None = None,
    page: int | None = None,
) -> Pair:
    """Read a pair.

    If the first pairs of a process seem not to be aligned, that is logged once, as a warning.

    Args:
        vis: Visible image: file, or uint8 (H, W, 3), BGR.
        ir: Infrared image: file, or uint8, uint16 or float32 (H, W). NaN and what numpy masks is no
            value.
        scale: How infrared values become 0..255; see `InfraredScale` for the default.
        align: Rig of the two cameras. Without it, the images must be aligned and have one size.
        vis_range: Values of the visible file that become 0 and 255, see `read_visible`.
        page: Of files of several pages, from 1 on; by default the largest.

    Returns:
        Pair: With `align`, the overlap.

    Raises:
        InputError: An image is missing, cannot be read or has the wrong type, both are one file, or
            the sizes differ, or are not those of the rig.
    """
    for name, image in (('vis', vis), ('ir', ir)):
        if not isinstance(image, str | os.PathLike | np.ndarray):
            kind = 'None' if image is None else f'a {type(image).__name__}'
            raise InputError(f'{name}: is {kind}; give a file or an array.')
    for name, value, kind in (('align', align, Rig), ('infrared', scale, InfraredScale)):
        if value is not None and not isinstance(value, kind):
            raise InputError(f'{name}: must be a bffr.{kind.__name__}, not {value!r}.')
    if page is not None and not isinstance(page, numbers.Integral):
        raise InputError(f'page: must be a whole number, not {page!r}.')
    if not isinstance(vis, np.ndarray) and not isinstance(ir, np.ndarray):
        require_two(vis, ir)
    visible = _load_visible(vis, vis_range, page)
    scale = scale or InfraredScale()
    if isinstance(ir, np.ndarray):
        raw = _checked_infrared(ir, scale)
        (infrared, limits), nothing = scale(raw), nothing_in(raw)
    else:
        infrared, limits, nothing = read_scaled_infrared(ir, scale, page)
    sizes = visible.shape[1::-1], infrared.shape[::-1]
    if align and not align.fits(*sizes):
        rig = ' and '.join(f'{w}x{h}' for w, h in (align.visible_size, align.infrared_size))
        _refuse(vis, ir, sizes, f'the rig file is for {rig}; make one for these')
    whole, sure = visible if align else None, None
    if align:
        visible, infrared = map(align.inside, (visible, align.warp(infrared)))
        if nothing is not None:
            nothing = align.inside(align.warp(np.uint8(255) * nothing)) > 0
        if align.unseen is not None:
            nothing = align.unseen if nothing is None else nothing | align.unseen
        if align.parallax:
            places, sure = align.without_parallax(visible, infrared)
            infrared = resample(infrared, places)
            if nothing is not None:
                nothing = resample(np.uint8(255) * nothing, places) > 0
    elif sizes[0] != sizes[1]:
        _refuse(vis, ir, sizes, 'make a rig file with `bffr align` and give it with --align')
    _check_agreement(visible, infrared, _names(vis, ir))
    return Pair(visible, infrared, limits, nothing, whole, sure)


def stack(visible: np.ndarray, infrared: np.ndarray) -> np.ndarray:
    """Both images of a pair as one array, uint8 (H, W, 4): B, G, R, infrared."""
    stacked = cv2.cvtColor(visible, cv2.COLOR_BGR2BGRA)  # ten times as fast as np.dstack
    return cv2.insertChannel(infrared, stacked, 3)


def _load_visible(vis: Image, limits: Range | None, page: int | None) -> np.ndarray:
    if not isinstance(vis, np.ndarray):
        return read_visible(vis, limits, page)
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


def _checked_infrared(ir: np.ndarray, scale: InfraredScale) -> np.ndarray:
    if ir.dtype not in (np.uint8, np.uint16, np.float32) or ir.ndim != 2 or not ir.size:
        raise InputError(
            f'ir: arrays must be uint8, uint16 or float32 (H, W), not {ir.dtype} of shape '
            f'{ir.shape}.'
        )
    try:
        return without_nothing(np.ma.getdata(ir), scale.nodata, nothing_in(ir))
    except InputError as error:
        raise InputError(f'ir: {error}') from None
