"""Fusion of the two modalities' features at one level."""

from torch import Tensor, nn

from mmseg_bffr.models.fusers.transfuser.attention import AttentionBlock


class FusionBlock(nn.Module):
    """Mean of the two modalities' features, each gated by an attention block of its own.

    Args:
        channels: C.
        heads: Heads of the channel attention.
    """

    def __init__(self, channels: int, heads: int):
        super().__init__()
        self.visible = AttentionBlock(channels, heads)
        self.infrared = AttentionBlock(channels, heads)

    def forward(self, visible: Tensor, infrared: Tensor) -> Tensor:
        """Fuse two (N, C, H, W) feature maps into one."""
        return (self.infrared(infrared) + self.visible(visible)).mul_(0.5)
