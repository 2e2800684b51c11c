"""What a segmenter and a detector share that fuse first, so that their task teaches the fusion."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import get_ident

from mmseg.registry import MODELS
from mmseg.structures import SegDataSample
from torch import Tensor, nn

from mmseg_bffr.checkpoints import rename_weights, require_backbone_fit, require_fit
from mmseg_bffr.models.color import lumas
from mmseg_bffr.models.losses import build_fusion_loss


class FusesFirst(nn.Module):
    """Base of a network with a `backbone` whose inputs (N, 4, H, W) in [0, 1] are fused first.

    The backbone sees the fused image (N, 3, H, W), channels B, G, R, unclamped.

    Source: arXiv 2211.12286, joint training.

    Args:
        fuser: Config of the fusion network.
        fusion_loss: Config of a loss on the (fused, visible, infrared) lumas beside those of the
            task; None leaves it out.
        frozen_fuser: Whether the fuser stays as it is, in eval mode, and the rest alone learns: the
            middle phase between warm start and joint training.
        **kwargs: Those of the network that sees the fused image. `test_cfg.with_fused=True` makes
            `predict` store the saved fused image of the whole input as `fused` in each data sample.
    """

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

    def train(self, mode: bool = True) -> 'FusesFirst':
        """Set the mode of training; a frozen fuser stays in eval mode."""
        super().train(mode)
        self.fuser.train(mode and not self.frozen_fuser)
        return self

    def fusion_losses(self, fused: Tensor, inputs: Tensor) -> dict[str, Tensor]:
        """The fusion loss of a fused image (N, 3, H, W), where there is one, else {}."""
        if self.fusion_loss is None:
            return {}
        return {self.fusion_loss.loss_name: self.fusion_loss(*lumas(fused, inputs))}

    def predict(
        self, inputs: Tensor, data_samples: list[SegDataSample] | None = None
    ) -> list[SegDataSample]:
        """What the network finds in (N, 4, H, W) inputs, and `fused` on demand, see the class."""
        if not self.test_cfg.get('with_fused'):
            return super().predict(inputs, data_samples)
        with outputs_of(self.fuser) as fused:
            data_samples = super().predict(inputs, data_samples)
        whole = len(fused) == 1 and fused[0].shape[2:] == inputs.shape[2:]
        image = fused[0] if whole else self.fuser(inputs)
        return self.fuser.attach_saved_images(image, data_samples)


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
