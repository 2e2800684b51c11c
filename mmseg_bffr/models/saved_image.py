"""From the network's unclamped output to an 8-bit image."""

import torch
from mmseg.structures import SegDataSample
from torch import Tensor


def without_padding(image: Tensor, sample: SegDataSample) -> Tensor:
    """Cut off (C, H, W) what the data preprocessor padded, as the sample says."""
    left, right, top, bottom = sample.get('img_padding_size', (0, 0, 0, 0))
    height, width = image.shape[1:]
    return image[:, top : height - bottom, left : width - right]


def mirrored_back(image: Tensor, sample: SegDataSample | dict) -> Tensor:
    """Mirror (C, H, W) as its pair was mirrored, so that it is as the files are."""
    if not sample.get('flip'):
        return image
    return image.flip(-1 if sample.get('flip_direction') == 'horizontal' else -2)


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
