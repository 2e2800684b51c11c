"""A detector of torchvision on images of one kind."""

import torch
from mmengine.config import ConfigDict
from mmengine.model import BaseModel
from mmengine.structures import InstanceData
from mmseg.registry import MODELS
from mmseg.structures import SegDataSample
from torch import Tensor, nn
from torchvision.models.detection import FasterRCNN
from torchvision.models.detection.ssd import SSD

from mmseg_bffr.models.saved_image import without_padding
from mmseg_bffr.models.torchvision_detectors import AsTheyAre, Features


@MODELS.register_module()
class Detector(BaseModel):
    """Boxes of objects in images (N, 3, H, W) in [0, 1], channels B, G, R.

    Args:
        backbone, neck: Configs, see `Features`.
        detector: Config of one of `torchvision_detectors`, `num_classes` without a background.
        data_preprocessor, init_cfg: mmengine's.
        test_cfg: Of tests, for classes derived from this one.

    Attributes:
        min_size: Smallest height and width, in pixels, of an image.
    """

    min_size = 16

    def __init__(
        self,
        backbone: dict,
        neck: dict,
        detector: dict,
        data_preprocessor: dict | None = None,
        test_cfg: dict | None = None,
        init_cfg: dict | None = None,
    ):
        super().__init__(data_preprocessor, init_cfg)
        self.num_classes, self.test_cfg = detector['num_classes'], ConfigDict(test_cfg or {})
        self.detector = MODELS.build(dict(detector, features=Features(backbone, neck)))
        self.detector.transform = AsTheyAre(self.detector.backbone.stride)
        self.first = int(isinstance(self.detector, FasterRCNN | SSD))  # 0 is their background

    @property
    def backbone(self) -> nn.Module:
        """The network whose features are used."""
        return self.detector.backbone.body

    def init_weights(self) -> None:
        """Initialise all parts; torchvision's module would hide those within it from mmengine."""
        self.detector.backbone.init_weights()
        super().init_weights()

    def forward(
        self, inputs: Tensor, data_samples: list[SegDataSample] | None = None, mode: str = 'tensor'
    ) -> dict[str, Tensor] | list[dict[str, Tensor]] | list[SegDataSample]:
        """Run the detector in one of mmengine's modes.

        Args:
            inputs: (N, C, H, W) in [0, 1], C as the class says.
            data_samples: N data samples; for `loss` with `gt_instances`: `bboxes` (K, 4), x1, y1,
                x2, y2, and `labels` (K,).
            mode: `tensor`: what torchvision gives for each image, in eval mode: `boxes` (K, 4),
                in pixels of `inputs`, `scores` (K,), falling, and `labels` (K,) of the classes;
                `loss`: a dict of losses; `predict`: the data samples with the same as
                `pred_instances`, boxes in pixels of the image before any scaling.
        """
        if mode == 'loss':
            return self.loss(inputs, data_samples)
        if mode == 'predict':
            return self.predict(inputs, data_samples)
        return self.detect(inputs)

    def loss(self, inputs: Tensor, data_samples: list[SegDataSample]) -> dict[str, Tensor]:
        """The detector's losses by name."""
        truth = [sample.gt_instances for sample in data_samples]
        targets = [dict(boxes=one.bboxes, labels=one.labels + self.first) for one in truth]
        losses = self.detector(list(inputs), targets)
        return {f'loss_{name.removeprefix("loss_")}': loss for name, loss in losses.items()}

    def detect(self, images: Tensor) -> list[dict[str, Tensor]]:
        """What mode `tensor` gives, of images (N, 3, H, W)."""
        return [
            dict(found, labels=found['labels'] - self.first)
            for found in self.detector(list(images))
        ]

    def predict(self, inputs: Tensor, data_samples: list[SegDataSample]) -> list[SegDataSample]:
        """Store what was found in each data sample, see `forward`."""
        for image, found, sample in zip(inputs, self.detect(inputs), data_samples, strict=True):
            height, width = sample.ori_shape
            seen = torch.tensor(without_padding(image, sample).shape[:0:-1] * 2)
            scale = torch.tensor([width, height] * 2) / seen
            boxes = found['boxes'] * scale.to(found['boxes'])
            sample.pred_instances = InstanceData(
                bboxes=boxes, scores=found['scores'], labels=found['labels']
            )
        return data_samples
