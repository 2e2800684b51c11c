"""The whole way from a pair of 8-bit images to an 8-bit fused image and labels, as one module."""

import torch
from torch import Tensor, nn

from mmseg_bffr.models.fuser_segmenter import outputs_of
from mmseg_bffr.models.saved_image import to_saved_image


class PairToImage(nn.Module):
    """What `fuse` and, with `segments`, `segment` make of a pair, whole and at its own size.

    Args:
        model: A fuser or a joint model, in float32 or float16.
        segments: Whether to return labels, too.
    """

    def __init__(self, model: nn.Module, segments: bool):
        super().__init__()
        self.model = model
        self.segments = segments

    def forward(self, visible: Tensor, infrared: Tensor, stretch: Tensor) -> tuple[Tensor, ...]:
        """Fuse a pair.

        Args:
            visible: uint8 (H, W, 3), B, G, R.
            infrared: uint8 (H, W).
            stretch: bool (), whether to stretch the fused image to the full range.

        Returns:
            tuple: The fused image, uint8 (H, W, 3), B, G, R; the same before it is stretched and
            made 8 bit, float32, nominally in 0..1; with `segments` the labels, uint8 (H, W).
        """
        pair = torch.cat([visible.permute(2, 0, 1), infrared.unsqueeze(0)])
        inputs = self.model.data_preprocessor({'inputs': [pair]})['inputs']
        inputs = inputs.to(next(self.model.parameters()).dtype)
        fuser = getattr(self.model, 'fuser', self.model)
        if not self.segments:
            return _images(fuser(inputs), stretch)
        with outputs_of(fuser) as fused:
            logits = self.model.encode_decode(inputs, [dict(img_shape=inputs.shape[2:])])
        (sample,) = self.model.postprocess_result(logits)
        return *_images(*fused, stretch), sample.pred_sem_seg.data[0].to(torch.uint8)


def _images(fused: Tensor, stretch: Tensor) -> tuple[Tensor, Tensor]:
    image = torch.where(stretch, to_saved_image(fused[0]), to_saved_image(fused[0], False))
    return image.permute(1, 2, 0), fused[0].float().permute(1, 2, 0)
