"""The whole way from a pair of 8-bit images to the fused image and boxes, as one module."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torchvision.models.detection import FCOS
from torchvision.ops import clip_boxes_to_image, nms

from bffr.errors import InputError
from bffr.models.engine import Boxes
from mmseg_bffr.models import FuserDetector


class PairToBoxes(nn.Module):
    """What a model's engine computes of one pair, suppression of overlapping boxes included.

    Args:
        model: With torchvision's FCOS, in eval mode.

    Attributes:
        batched, outputs, defaults, on_demand: See `PairToImage`.

    Raises:
        InputError: It has another detector.
    """

    def __init__(self, model: FuserDetector):
        super().__init__()
        if not isinstance(model.detector, FCOS):
            raise InputError(
                f'{type(model.detector).__name__}: only FCOS can be exported with its boxes; train '
                f'FCOS, or export with --what fuse and detect with torch.'
            )
        self.model = model
        self.batched, self.outputs = False, ['fused', *Boxes._fields]
        self.defaults, self.on_demand = {}, {}

    def forward(self, visible: Tensor, infrared: Tensor) -> tuple[Tensor, ...]:
        """Fuse and detect.

        Args:
            visible: uint8 (1, H, W, 3), B, G, R.
            infrared: uint8 (1, H, W).

        Returns:
            tuple: The fused image, float32 (1, H, W, 3), B, G, R, nominally in 0..1; boxes (K, 4),
            scores (K,), falling, and labels, int64 (K,), see `bffr.models.engine.Boxes`.
        """
        pair = torch.cat([visible.permute(0, 3, 1, 2), infrared.unsqueeze(1)], dim=1)
        preprocessor = self.model.data_preprocessor
        fused = self.model.fuser((pair.float() - preprocessor.mean) / preprocessor.std)
        return (fused.permute(0, 2, 3, 1), *self._detect(fused))

    def _detect(self, fused: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """As torchvision's FCOS does."""
        detector, (height, width) = self.model.detector, fused.shape[2:]
        stride = detector.backbone.stride
        padding = 0, -width % stride, 0, -height % stride
        levels = detector.backbone(F.pad(fused, padding)).values()
        strides = [size for (size,) in detector.anchor_generator.sizes]
        found = [self._best(level, stride) for level, stride in zip(levels, strides, strict=True)]
        boxes, scores, labels = map(torch.cat, zip(*found, strict=True))
        boxes = clip_boxes_to_image(boxes, (height, width))
        apart = labels[:, None] * (max(height, width) + 1)  # boxes of two classes do not overlap
        kept = nms(boxes + apart, scores, detector.nms_thresh)[: detector.detections_per_img]
        return boxes[kept], scores[kept], labels[kept]

    def _best(self, level: Tensor, stride: int) -> tuple[Tensor, Tensor, Tensor]:
        """Boxes, scores and labels of a level's best candidates."""
        detector = self.model.detector
        outputs = {key: value[0] for key, value in detector.head([level]).items()}
        scores = (outputs['cls_logits'].sigmoid() * outputs['bbox_ctrness'].sigmoid()).sqrt()
        most, classes = detector.topk_candidates, scores.shape[1]
        scores, index = F.pad(scores.flatten(), (0, most)).topk(most)  # a small level has fewer
        good = scores > detector.score_thresh
        scores, index = scores[good], index[good]
        boxes = detector.box_coder.decode(outputs['bbox_regression'], _places(level, stride))
        return boxes[index // classes], scores, index % classes


def _places(level: Tensor, stride: int) -> Tensor:
    """Anchors (H * W, 4) of a level: squares as wide as the stride, around its multiples."""
    down, across = (stride * torch.arange(size, device=level.device) for size in level.shape[2:])
    y, x = torch.meshgrid(down, across, indexing='ij')
    half = stride / 2
    return torch.stack([x - half, y - half, x + half, y + half], dim=-1).reshape(-1, 4)
