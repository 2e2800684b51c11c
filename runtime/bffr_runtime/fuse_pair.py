"""Fusing one pair, with a picture of its labels on request."""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from bffr_runtime.fuse_options import FuseOptions
from bffr_runtime.load_pair import Image, load_pair, whole_image
from bffr_runtime.results import colour_labels
from bffr_runtime.stretch import Range, to_8_bit


class PairModel(Protocol):
    """What fuses pairs from `load_pair`, such as an `ExportedModel`."""

    @property
    def palette(self) -> Sequence[Sequence[int]]:
        """R, G, B of each label."""

    def require_labels(self) -> None:
        """Raise InputError if the model cannot segment."""

    def fuse_unclamped(self, pair: np.ndarray) -> np.ndarray:
        """The fused image before it is 8 bit: float32 (H, W, 3), BGR, nominally in 0..1."""

    def fuse_unclamped_and_segment(self, pair: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What `fuse_unclamped` returns, and labels, uint8 (H, W)."""


def fuse_pair(
    model: PairModel,
    vis: Image,
    ir: Image,
    options: FuseOptions,
    stretch: Callable[[np.ndarray], Range],
) -> list[np.ndarray]:
    """Fuse a pair, and segment it if asked to.

    Args:
        model: Of pairs.
        vis, ir: See `load_pair`.
        options: Of which `seg`, `infrared` and `align` count here.
        stretch: Gives the range of the fused image, float32 (H, W, 3), that becomes 0..255.

    Returns:
        list: The fused image and, with `seg`, the painted label map: uint8 (H, W, 3), BGR.

    Raises:
        InputError: As `load_pair`, or the model does not take the pair.
    """
    return fuse_pair_later(model, vis, ir, options, stretch)()


def fuse_pair_later(
    model: PairModel,
    vis: Image,
    ir: Image,
    options: FuseOptions,
    stretch: Callable[[np.ndarray], Range],
) -> Callable[[], list[np.ndarray]]:
    """Run the model on a pair, but leave the rest of `fuse_pair` to a function without arguments.

    That is called once, by any thread. Arguments and errors are those of `fuse_pair`.
    """
    if options.seg:
        pair = load_pair(vis, ir, options.infrared, options.align)
        fused, labels = model.fuse_unclamped_and_segment(pair)
    else:
        fused, labels = fuse_to_float(model, vis, ir, options), None

    def images() -> list[np.ndarray]:
        image = whole_image(to_8_bit(fused, *stretch(fused)), vis, options.align)
        if labels is None:
            return [image]
        whole = options.align.complete_labels(labels) if options.align else labels
        return [image, np.ascontiguousarray(colour_labels(whole, model.palette))]

    return images


def fuse_to_float(model: PairModel, vis: Image, ir: Image, options: FuseOptions) -> np.ndarray:
    """The image that `fuse_pair` brings to 8 bit: float32 (H, W, 3), BGR, nominally in 0..1."""
    return model.fuse_unclamped(load_pair(vis, ir, options.infrared, options.align))
