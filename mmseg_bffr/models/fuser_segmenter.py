"""A fuser and a segmenter trained as one, so that the segmentation teaches the fusion."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from threading import get_ident

import torch
from mmseg.models.segmentors import EncoderDecoder
from mmseg.registry import MODELS
from mmseg.structures import SegDataSample
from torch import Tensor, nn

from bffr.errors import InputError
from mmseg_bffr.checkpoints import rename_weights, require_backbone_fit, require_fit
from mmseg_bffr.models.color import lumas
from mmseg_bffr.models.losses import build_fusion_loss


@MODELS.register_module()
class FuserSegmenter(EncoderDecoder):
    """mmsegmentation's `EncoderDecoder` that first fuses: inputs (N, 4, H, W) in [0, 1].

    The backbone sees the fused image (N, 3, H, W), channels B, G, R, unclamped. Losses, whole
    and slide inference, test-time augmentation and post-processing are mmsegmentation's.

    Source: arXiv 2211.12286, joint training.

    Args:
        fuser: Config of the fusion network.
        fusion_loss: Config of a loss on the (fused, visible, infrared) lumas beside the
            segmentation loss; None leaves it out.
        frozen_fuser: Whether the fuser stays as it is, in eval mode, and the segmenter alone
            learns: the middle phase between warm start and joint training.
        **kwargs: Those of `EncoderDecoder`. `test_cfg.with_fused=True` makes `predict` store the
            saved fused image of the whole input as `fused` in each data sample.
            `test_cfg.windows=N` makes slide inference segment N windows at a time (default 1).

    Attributes:
        min_size: Smallest height and width, in pixels, of what is segmented.
    """

    min_size = 32  # MixVisionTransformer's first level reduces a quarter of it by another 8

    def __init__(
        self, fuser: dict, fusion_loss: dict | None = None, frozen_fuser: bool = False, **kwargs
    ):
        super().__init__(**kwargs)
        self.fuser = MODELS.build(fuser).requires_grad_(not frozen_fuser)
        self.frozen_fuser = frozen_fuser
        self.fusion_loss = build_fusion_loss(fusion_loss)
        for hook in (rename_weights, require_fit):
            self.register_load_state_dict_pre_hook(hook)
        require_backbone_fit(self.backbone)

    def train(self, mode: bool = True) -> 'FuserSegmenter':
        """Set the mode of training; a frozen fuser stays in eval mode."""
        super().train(mode)
        self.fuser.train(mode and not self.frozen_fuser)
        return self

    def extract_feat(self, inputs: Tensor) -> list[Tensor]:
        """Fuse (N, 4, H, W) inputs and return the backbone's features of the fused image.

        Raises:
            InputError: H or W is too small for the backbone.
        """
        height, width = inputs.shape[2:]
        if height < self.min_size or width < self.min_size:
            raise InputError(
                f'Images and windows must have at least {self.min_size}x{self.min_size} pixels to '
                f'be segmented, not {height}x{width}; enlarge them, or only fuse them.'
            )
        return super().extract_feat(self.fuser(inputs))

    def loss(self, inputs: Tensor, data_samples: list[SegDataSample]) -> dict[str, Tensor]:
        """Segmentation losses of the heads, and the fusion loss where there is one."""
        fused = self.fuser(inputs)
        features = super().extract_feat(fused)
        losses = self._decode_head_forward_train(features, data_samples)
        if self.with_auxiliary_head:
            losses.update(self._auxiliary_head_forward_train(features, data_samples))
        if self.fusion_loss is not None:
            losses[self.fusion_loss.loss_name] = self.fusion_loss(*lumas(fused, inputs))
        return losses

    def predict(
        self, inputs: Tensor, data_samples: list[SegDataSample] | None = None
    ) -> list[SegDataSample]:
        """Segment (N, 4, H, W) inputs, see `EncoderDecoder.predict`."""
        if not self.test_cfg.get('with_fused'):
            return super().predict(inputs, data_samples)
        with outputs_of(self.fuser) as fused:
            data_samples = super().predict(inputs, data_samples)
        whole = len(fused) == 1 and fused[0].shape[2:] == inputs.shape[2:]
        image = fused[0] if whole else self.fuser(inputs)
        return self.fuser.attach_saved_images(image, data_samples)

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


@contextmanager
def outputs_of(module: nn.Module) -> Iterator[list]:
    """List what a module returns to this thread within the context, call by call."""
    outputs, thread = [], get_ident()

    def keep(module: nn.Module, inputs: tuple, output: object) -> None:
        if get_ident() == thread:
            outputs.append(output)

    hook = module.register_forward_hook(keep)
    try:
        yield outputs
    finally:
        hook.remove()


def _slices(size: int, crop: int, stride: int) -> list[slice]:
    """Windows of `crop` every `stride`; the last is moved back to end with the image."""
    starts = range(0, max(size - crop + stride - 1, 0) // stride * stride + 1, stride)
    return [
        slice(max(min(start + crop, size) - crop, 0), min(start + crop, size)) for start in starts
    ]
