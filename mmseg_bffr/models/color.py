"""Luma and chroma as the released weights know them.

The formulas of the paper's code are written for R, G, B but were always given OpenCV's B, G, R:
the weights were trained so, and so they must be used. Hence the first channel, which is *blue*,
has the weight 0.299 here. Keep `CHANNEL_ORDER` in mind before "fixing" it.
"""

import torch
from torch import Tensor

CHANNEL_ORDER = 'BGR'
"""Order of the visible image's channels in every array and tensor of this project."""

LUMA_WEIGHTS = (0.299, 0.587, 0.114)
"""Weights of channels 0, 1, 2."""


def luma(visible: Tensor) -> Tensor:
    """Luma of a visible image.

    Args:
        visible: (N, 3, H, W) in [0, 1], channels as in `CHANNEL_ORDER`.

    Returns:
        Tensor: (N, 1, H, W) in [0, 1].
    """
    first, second, third = visible.split(1, dim=1)
    return LUMA_WEIGHTS[0] * first + LUMA_WEIGHTS[1] * second + LUMA_WEIGHTS[2] * third


def replace_luma(visible: Tensor, fused_luma: Tensor) -> Tensor:
    """Give a visible image a new luma and keep its chroma.

    Args:
        visible: (N, 3, H, W) in [0, 1], channels as in `CHANNEL_ORDER`.
        fused_luma: (N, 1, H, W).

    Returns:
        Tensor: (N, 3, H, W), not clamped: strong chroma can leave [0, 1].
    """
    y = luma(visible)
    cr = 0.713 * (visible[:, 0:1] - y)
    cb = 0.564 * (visible[:, 2:3] - y)
    return torch.cat(
        [fused_luma + 1.403 * cr, fused_luma - 0.714 * cr - 0.344 * cb, fused_luma + 1.773 * cb],
        dim=1,
    )


def lumas(fused: Tensor, inputs: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """What fusion losses are called with: luma of the fused and of the visible image, infrared.

    The constants of `replace_luma` are rounded, so that the luma of its result is not quite the one
    that it was given; the difference, below 3e-4 and a matter of the visible chroma alone, is taken
    off here.

    Args:
        fused: (N, 3, H, W), channels as in `CHANNEL_ORDER`.
        inputs: (N, 4, H, W) in [0, 1]: visible and infrared.

    Returns:
        tuple: Three tensors (N, 1, H, W).
    """
    visible, infrared = inputs[:, :3], inputs[:, 3:]
    rounding = luma(replace_luma(visible, torch.zeros_like(infrared)))
    return luma(fused) - rounding, luma(visible), infrared
