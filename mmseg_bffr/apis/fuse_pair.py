"""Fusing one pair by a network or by a rule, with a picture of its labels on request."""

import numpy as np
from torch import nn

from bffr_runtime.load_pair import Image, load_pair
from mmseg_bffr.apis.inference import fuse, fuse_and_segment
from mmseg_bffr.classical import fuse_classically
from mmseg_bffr.visualization import colour_labels


def fuse_pair(
    model: nn.Module | str, vis: Image, ir: Image, seg: bool = False, stretch: bool = True
) -> list[np.ndarray]:
    """Fuse a pair, and segment it if asked to.

    Args:
        model: From `init_model`, or the name of a classical method, which cannot segment and does
            not stretch.
        vis, ir, stretch: See `fuse`.
        seg: Whether to segment, too.

    Returns:
        list: The fused image and, with `seg`, the painted label map: uint8 (H, W, 3), BGR.

    Raises:
        InputError: As `fuse` and `segment`.
    """
    pair = load_pair(vis, ir)
    visible, infrared = pair[..., :3], pair[..., 3]
    if isinstance(model, str):
        return [fuse_classically(model, visible, infrared)]
    if not seg:
        return [fuse(model, visible, infrared, stretch)]
    fused, labels = fuse_and_segment(model, visible, infrared, stretch)
    painted = colour_labels(labels, model.dataset_meta['palette'])
    return [fused, np.ascontiguousarray(painted)]
