"""Detectors of torchvision by config: each on the features of a backbone with a neck.

Images are neither scaled nor normalised by them; the backbone does what it needs.
"""

from collections import OrderedDict
from collections.abc import Mapping
from copy import deepcopy
from functools import partial

import torch
from mmengine.model import BaseModule
from mmseg.registry import MODELS
from torch import Tensor, nn
from torchvision.models import detection
from torchvision.models.detection.anchor_utils import AnchorGenerator, DefaultBoxGenerator
from torchvision.models.detection.fcos import FCOSHead
from torchvision.models.detection.retinanet import RetinaNetHead
from torchvision.models.detection.ssd import SSD
from torchvision.models.detection.ssdlite import SSDLiteHead
from torchvision.models.detection.transform import GeneralizedRCNNTransform
from torchvision.ops import MultiScaleRoIAlign


class Features(BaseModule):
    """What torchvision calls a backbone: levels (N, C, H / stride, W / stride) of an image.

    Args:
        backbone, neck: Configs; the neck gives all levels `out_channels`, as mmsegmentation's FPN.

    Attributes:
        stride: Of the coarsest level. torchvision takes an image's size over the level's for the
            stride of its anchors, so images must be padded to multiples of it.
    """

    def __init__(self, backbone: dict, neck: dict):
        super().__init__()
        self.body, self.neck = MODELS.build(backbone), MODELS.build(neck)
        self.out_channels, self.levels = self.neck.out_channels, self.neck.num_outs
        unallocated, channels = deepcopy(self).to('meta').eval(), backbone.get('in_channels', 3)
        *_, coarsest = unallocated(torch.empty(1, channels, 1024, 1024, device='meta')).values()
        self.stride = 1024 // coarsest.shape[-1]

    def forward(self, image: Tensor) -> Mapping[str, Tensor]:
        """Features by the number of the level, as text, of (N, 3, H, W)."""
        return OrderedDict((str(i), one) for i, one in enumerate(self.neck(self.body(image))))


class AsTheyAre(GeneralizedRCNNTransform):
    """torchvision's batching of images of any channels, padded to multiples, and no more."""

    def __init__(self, size_divisible: int):
        super().__init__(0, 0, [], [], size_divisible)

    def normalize(self, image: Tensor) -> Tensor:
        """Leave it as it is."""
        return image

    def resize(self, image: Tensor, target: dict | None = None) -> tuple[Tensor, dict | None]:
        """Leave both as they are."""
        return image, target


@MODELS.register_module(name='FCOS')
def fcos(
    features: Features, num_classes: int, sizes: list, num_convs: int = 4, **kwargs
) -> nn.Module:
    """FCOS; `sizes` has the stride of each level, `kwargs` are torchvision's."""
    anchors = AnchorGenerator(tuple((size,) for size in sizes), ((1.0,),) * len(sizes))
    head = FCOSHead(features.out_channels, 1, num_classes, num_convs)
    return detection.FCOS(features, num_classes, anchor_generator=anchors, head=head, **kwargs)


@MODELS.register_module(name='RetinaNet')
def retinanet(
    features: Features, num_classes: int, sizes: list, ratios: list = (0.5, 1.0, 2.0), **kwargs
) -> nn.Module:
    """RetinaNet; `sizes` has the sizes of the anchors of each level, `ratios` is height / width."""
    anchors = AnchorGenerator(tuple(map(tuple, sizes)), (tuple(ratios),) * len(sizes))
    head = RetinaNetHead(
        features.out_channels,
        anchors.num_anchors_per_location()[0],
        num_classes,
        norm_layer=partial(nn.GroupNorm, 32),
    )
    return detection.RetinaNet(features, num_classes, anchor_generator=anchors, head=head, **kwargs)


@MODELS.register_module(name='FasterRCNN')
def faster_rcnn(
    features: Features, num_classes: int, sizes: list, ratios: list = (0.5, 1.0, 2.0), **kwargs
) -> nn.Module:
    """Faster R-CNN; `sizes` and `ratios` as in RetinaNet, those of the proposals."""
    anchors = AnchorGenerator(tuple(map(tuple, sizes)), (tuple(ratios),) * len(sizes))
    levels = [str(level) for level in range(features.levels)]
    pool = MultiScaleRoIAlign(levels, output_size=7, sampling_ratio=2)
    return detection.FasterRCNN(
        features, num_classes + 1, rpn_anchor_generator=anchors, box_roi_pool=pool, **kwargs
    )


@MODELS.register_module(name='SSDLite')
def ssdlite(
    features: Features, num_classes: int, scales: list, ratios: list = (2.0, 3.0), **kwargs
) -> nn.Module:
    """SSDLite; `scales` has one more than levels: sizes of boxes as shares of the image's."""
    anchors = DefaultBoxGenerator([list(ratios)] * features.levels, scales=list(scales))
    head = SSDLiteHead(
        [features.out_channels] * features.levels,
        anchors.num_anchors_per_location(),
        num_classes + 1,
        partial(nn.BatchNorm2d, eps=0.001, momentum=0.03),
    )
    return SSD(features, anchors, (1, 1), num_classes + 1, head=head, **kwargs)
