"""IFCNN-MAX: features of both images, the maximum of the two, an image of it.

Source: Zhang et al., "IFCNN: A general image fusion framework based on convolutional neural
network", Information Fusion 2020, figure 1, with elementwise maximum.
"""

import torch
from mmseg.registry import MODELS
from torch import Tensor, nn

from mmseg_bffr.models.fusers.published_fuser import PublishedFuser


class ReplicateConv(nn.Conv2d):
    """Convolution without bias on a border of copies: (N, C, H, W) -> (N, 64, H, W).

    Args:
        in_channels: C.
        size: Of the kernel, odd.
    """

    def __init__(self, in_channels: int, size: int):
        padding = dict(padding=size // 2, padding_mode='replicate')
        super().__init__(in_channels, 64, size, bias=False, **padding)


class ReplicateBlock(nn.Sequential):
    """`ReplicateConv` 3x3, BatchNorm, ReLU: (N, 64, H, W) -> (N, 64, H, W)."""

    def __init__(self):
        super().__init__()
        self.conv = ReplicateConv(64, 3)
        self.norm = nn.BatchNorm2d(64)
        self.relu = nn.ReLU(inplace=True)


@MODELS.register_module()
class IFCNN(PublishedFuser):
    """Fuse colours, 0.084 M parameters; the infrared image counts as a grey one.

    Arguments: those of `BaseFuser`.
    """

    authors_names = {
        'conv1': 'stem',
        'conv2': 'features',
        'conv3': 'merge',
        'conv4': 'out',
        'bn': 'norm',
    }

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.stem = ReplicateConv(3, 7)
        self.features = ReplicateBlock()
        self.merge = ReplicateBlock()
        self.out = nn.Conv2d(64, 3, 1)

    def fuse(self, inputs: Tensor) -> Tensor:
        """Fuse (N, 4, H, W) in [0, 1], B, G, R and infrared, into (N, 3, H, W), B, G, R."""
        visible, infrared = (
            self.features(self.stem(image)) for image in (inputs[:, :3], inputs[:, [3, 3, 3]])
        )
        return self.out(self.merge(torch.maximum(visible, infrared)))
