"""From the network's unclamped output to an 8-bit image."""

import torch
from torch import Tensor


def to_saved_image(fused: Tensor, stretch: bool = True) -> Tensor:
    """Bring one fused image to 8 bit.

    Args:
        fused: (3, H, W) float, nominally in [0, 1].
        stretch: After clamping to [0, 1], stretch the image's own range to [0, 1].

    Returns:
        Tensor: uint8 (3, H, W); fractions are cut off, not rounded.
    """
    fused = fused.float().clamp(0, 1)
    if stretch:
        low, high = fused.min(), fused.max()  # `aminmax` has no ONNX translation
        fused = (fused - low) / (high - low).clamp(min=torch.finfo(fused.dtype).tiny)
    return (fused * 255).to(torch.uint8)
