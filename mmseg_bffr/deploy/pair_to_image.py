"""The whole way from pairs of 8-bit images to fused images and labels, as one module."""

import torch
from torch import Tensor, nn

from mmseg_bffr.models.fuses_first import outputs_of


class PairToImage(nn.Module):
    """What a model's engine computes of a batch, see `bffr.models.engine.Engine`.

    Attributes:
        batched: That it takes any number of pairs.
        outputs: Names of what it returns.

    Args:
        model: A fuser or a joint model, in float32 or float16.
        segments: Whether to return labels, too, of whole images at their own size.
    """

    def __init__(self, model: nn.Module, segments: bool):
        super().__init__()
        self.model = model
        self.segments = segments
        self.batched, self.outputs = True, ['fused', 'labels'][: 1 + segments]

    def forward(self, visible: Tensor, infrared: Tensor) -> tuple[Tensor, ...]:
        """Fuse a batch.

        Args:
            visible: uint8 (N, H, W, 3), B, G, R.
            infrared: uint8 (N, H, W).

        Returns:
            tuple: The fused images, float32 (N, H, W, 3), B, G, R, nominally in 0..1; with
            `segments` the labels, uint8 (N, H, W).
        """
        pairs = torch.cat([visible.permute(0, 3, 1, 2), infrared.unsqueeze(1)], dim=1)
        preprocessor = self.model.data_preprocessor
        inputs = (pairs.float() - preprocessor.mean) / preprocessor.std
        inputs = inputs.to(next(self.model.parameters()).dtype)
        fuser = getattr(self.model, 'fuser', self.model)
        if not self.segments:
            return (_last(fuser(inputs)),)
        with outputs_of(fuser) as fused:
            logits = self.model.encode_decode(inputs, [dict(img_shape=inputs.shape[2:])])
        return _last(*fused), self._labels(logits).to(torch.uint8)

    def _labels(self, logits: Tensor) -> Tensor:
        """As mmsegmentation's `postprocess_result` has them."""
        if self.model.out_channels > 1:
            return logits.argmax(dim=1)
        return logits.sigmoid()[:, 0] > self.model.decode_head.threshold


def _last(fused: Tensor) -> Tensor:
    return fused.float().permute(0, 2, 3, 1)
