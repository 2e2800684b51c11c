"""Fusing one pair by a network or by a rule, with a picture of its labels on request."""

from collections.abc import Callable

import numpy as np
from torch import nn

from bffr_runtime.load_pair import Image, load_pair, whole_image
from bffr_runtime.rig import Rig
from bffr_runtime.stretch import Range, SequenceRange, own_range, to_8_bit, whole_range
from bffr_runtime.thermal import InfraredScale
from mmseg_bffr.apis.inference import fuse_unclamped, fuse_unclamped_and_segment
from mmseg_bffr.classical import fuse_classically
from mmseg_bffr.errors import InputError
from mmseg_bffr.visualization import colour_labels

STRETCHES = {
    'none': lambda known=None: whole_range,
    'image': lambda known=None: own_range,
    'sequence': SequenceRange,
}
"""Name -> maker of a function from a fused image to the range that becomes 0..255."""


def require_stretch(name: str | None, model: nn.Module | str, default: str) -> str:
    """Check the name of a stretch; None is `default`, or none for classical methods.

    Raises:
        InputError: There is no such stretch.
    """
    if name is None:
        return 'none' if isinstance(model, str) else default
    if name not in STRETCHES:
        raise InputError(f'{name}: no such stretch; choose from {", ".join(STRETCHES)}.')
    return name


def fuse_pair(
    model: nn.Module | str,
    vis: Image,
    ir: Image,
    seg: bool = False,
    stretch: Callable[[np.ndarray], Range] = own_range,
    infrared: InfraredScale | None = None,
    align: Rig | None = None,
) -> list[np.ndarray]:
    """Fuse a pair, and segment it if asked to.

    Args:
        model: From `init_model`, or the name of a classical method, which cannot segment.
        vis, ir: See `fuse`.
        seg: Whether to segment, too.
        stretch: Gives the range of the fused image, float32 (H, W, 3), that becomes 0..255.
        infrared, align: See `load_pair`.

    Returns:
        list: The fused image and, with `seg`, the painted label map: uint8 (H, W, 3), BGR.

    Raises:
        InputError: As `fuse` and `segment`.
    """
    if not seg:
        fused = fuse_to_float(model, vis, ir, infrared, align)
        return [whole_image(to_8_bit(fused, *stretch(fused)), vis, align)]
    pair = load_pair(vis, ir, infrared, align)
    fused, labels = fuse_unclamped_and_segment(model, pair)
    labels = align.complete_labels(labels) if align else labels
    painted = np.ascontiguousarray(colour_labels(labels, model.dataset_meta['palette']))
    return [whole_image(to_8_bit(fused, *stretch(fused)), vis, align), painted]


def fuse_to_float(
    model: nn.Module | str,
    vis: Image,
    ir: Image,
    infrared: InfraredScale | None = None,
    align: Rig | None = None,
) -> np.ndarray:
    """The image that `fuse_pair` brings to 8 bit: float32 (H, W, 3), BGR, nominally in 0..1."""
    return fuse_loaded(model, load_pair(vis, ir, infrared, align))


def fuse_loaded(model: nn.Module | str, pair: np.ndarray) -> np.ndarray:
    """What `fuse_to_float` returns, of what `load_pair` does."""
    if not isinstance(model, str):
        return fuse_unclamped(model, pair)
    return fuse_classically(model, pair[..., :3], pair[..., 3]) / np.float32(255)
