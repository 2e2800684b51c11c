"""A fuser and a segmenter trained as one, so that the segmentation teaches the fusion."""

from itertools import product

import torch
from mmseg.models.segmentors import EncoderDecoder
from mmseg.registry import MODELS
from mmseg.structures import SegDataSample
from torch import Tensor

from bffr.errors import InputError
from mmseg_bffr.models.fuses_first import FusesFirst


@MODELS.register_module()
class FuserSegmenter(FusesFirst, EncoderDecoder):
    """mmsegmentation's `EncoderDecoder` that first fuses: inputs (N, 4, H, W) in [0, 1].

    Losses, whole and slide inference, test-time augmentation and post-processing are
    mmsegmentation's.

    Args:
        **kwargs: Those of `FusesFirst` and `EncoderDecoder`. `test_cfg.windows=N` makes slide
            inference segment N windows at a time (default 1).

    Attributes:
        min_size: Smallest height and width, in pixels, of what is segmented.
    """

    min_size = 32  # MixVisionTransformer's first level reduces a quarter of it by another 8

    def extract_feat(self, inputs: Tensor) -> list[Tensor]:
        """Fuse (N, 4, H, W) inputs and return the backbone's features of the fused image.

        Raises:
            InputError: H or W is too small for the backbone.
        """
        height, width = inputs.shape[2:]
        if height < self.min_size or width < self.min_size:
            raise InputError(
                f'Images and windows must have at least {self.min_size}x{self.min_size} pixels to '
                f'be segmented, not {width}x{height}; enlarge them, or only fuse them.'
            )
        return super().extract_feat(self.fuser(inputs))

    def loss(self, inputs: Tensor, data_samples: list[SegDataSample]) -> dict[str, Tensor]:
        """Segmentation losses of the heads, and the fusion loss where there is one."""
        fused = self.fuser(inputs)
        features = super().extract_feat(fused)
        losses = self._decode_head_forward_train(features, data_samples)
        if self.with_auxiliary_head:
            losses.update(self._auxiliary_head_forward_train(features, data_samples))
        return {**losses, **self.fusion_losses(fused, inputs)}

    def slide_inference(self, inputs: Tensor, batch_img_metas: list[dict]) -> Tensor:
        """Segment (N, 4, H, W) in overlapping windows and average their logits (N, K, H, W)."""
        size = inputs.shape[2:]
        windows = list(product(*map(_slices, size, self.test_cfg.crop_size, self.test_cfg.stride)))
        logits = inputs.new_zeros(len(inputs), self.out_channels, *size)
        count = inputs.new_zeros(size)
        at_once = self.test_cfg.get('windows', 1)
        for start in range(0, len(windows), at_once):
            group = windows[start : start + at_once]
            crops = torch.cat([inputs[:, :, rows, columns] for rows, columns in group])
            batch_img_metas[0]['img_shape'] = crops.shape[2:]  # the size of the logits
            parts = self.encode_decode(crops, batch_img_metas).split(len(inputs))
            for (rows, columns), part in zip(group, parts, strict=True):
                logits[:, :, rows, columns] += part
                count[rows, columns] += 1
        return logits / count


def _slices(size: int, crop: int, stride: int) -> list[slice]:
    """Windows of `crop` every `stride`; the last is moved back to end with the image."""
    starts = range(0, max(size - crop + stride - 1, 0) // stride * stride + 1, stride)
    return [
        slice(max(min(start + crop, size) - crop, 0), min(start + crop, size)) for start in starts
    ]
