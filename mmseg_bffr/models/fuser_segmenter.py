"""A fuser and a segmenter trained as one, so that the segmentation teaches the fusion."""

from mmseg.models.segmentors import EncoderDecoder
from mmseg.registry import MODELS
from mmseg.structures import SegDataSample
from torch import Tensor

from mmseg_bffr.checkpoints import require_fit
from mmseg_bffr.models.color import replace_luma


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
        **kwargs: Those of `EncoderDecoder`. `test_cfg.with_fused=True` makes `predict` store the
            saved fused image of the whole input as `fused` in each data sample.
    """

    def __init__(self, fuser: dict, fusion_loss: dict | None = None, **kwargs):
        super().__init__(**kwargs)
        self.fuser = MODELS.build(fuser)
        self.fusion_loss = MODELS.build(fusion_loss) if fusion_loss else None
        self.register_load_state_dict_pre_hook(require_fit)
        self.backbone.register_load_state_dict_pre_hook(require_fit)

    def extract_feat(self, inputs: Tensor) -> list[Tensor]:
        """Fuse (N, 4, H, W) inputs and return the backbone's features of the fused image."""
        return super().extract_feat(self.fuser(inputs))

    def loss(self, inputs: Tensor, data_samples: list[SegDataSample]) -> dict[str, Tensor]:
        """Segmentation losses of the heads, and the fusion loss where there is one."""
        fused, visible, infrared = self.fuser.lumas(inputs)
        features = super().extract_feat(replace_luma(inputs[:, :3], fused))
        losses = self._decode_head_forward_train(features, data_samples)
        if self.with_auxiliary_head:
            losses.update(self._auxiliary_head_forward_train(features, data_samples))
        if self.fusion_loss is not None:
            losses[self.fusion_loss.loss_name] = self.fusion_loss(fused, visible, infrared)
        return losses

    def predict(
        self, inputs: Tensor, data_samples: list[SegDataSample] | None = None
    ) -> list[SegDataSample]:
        """Segment (N, 4, H, W) inputs, see `EncoderDecoder.predict`."""
        data_samples = super().predict(inputs, data_samples)
        if self.test_cfg.get('with_fused'):
            self.fuser.attach_saved_images(self.fuser(inputs), data_samples)
        return data_samples
