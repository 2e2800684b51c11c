"""A fuser and a detector trained as one, so that the detection teaches the fusion."""

from mmseg.registry import MODELS
from mmseg.structures import SegDataSample
from torch import Tensor

from mmseg_bffr.models.detector import Detector
from mmseg_bffr.models.fuses_first import FusesFirst


@MODELS.register_module()
class FuserDetector(FusesFirst, Detector):
    """A `Detector` that first fuses: inputs (N, 4, H, W) in [0, 1].

    Args:
        **kwargs: Those of `FusesFirst` and `Detector`.
    """

    def loss(self, inputs: Tensor, data_samples: list[SegDataSample]) -> dict[str, Tensor]:
        """Losses of the detector, and the fusion loss where there is one."""
        fused = self.fuser(inputs)
        return {**super().loss(fused, data_samples), **self.fusion_losses(fused, inputs)}

    def detect(self, images: Tensor) -> list[dict[str, Tensor]]:
        """What mode `tensor` gives, of inputs (N, 4, H, W)."""
        return super().detect(self.fuser(images))
