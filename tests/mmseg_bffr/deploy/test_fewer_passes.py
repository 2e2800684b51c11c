"""What is rewritten for engines computes what it did before."""

import torch
from torch import nn

from mmseg_bffr.deploy.fewer_passes import with_fewer_passes
from mmseg_bffr.models import BlockFuser
from mmseg_bffr.models.fusers.transfuser import AttentionBlock


@torch.no_grad()
def test_norms_are_folded_and_gates_are_factors():
    block = AttentionBlock(8, 2).double().eval()
    nn.init.uniform_(block.norm.weight, 0.5, 1.5)
    nn.init.uniform_(block.norm.bias, -1, 1)
    x = torch.rand(1, 8, 5, 7, dtype=torch.float64)
    expected = block(x)
    with_fewer_passes(nn.Sequential(block))
    torch.testing.assert_close(block(x), expected)
    assert (block.norm.weight == 1).all()
    assert (block.norm.bias == 0).all()
    kinds = [node.target for node in torch.fx.symbolic_trace(Gate(block)).graph.nodes]
    assert torch.addcmul not in kinds


@torch.no_grad()
def test_the_visible_image_keeps_its_chroma():
    fuser, inputs = BlockFuser(channels=6, layers=1), torch.rand(1, 4, 8, 12)
    expected = fuser.fuse(inputs)
    with_fewer_passes(fuser)
    torch.testing.assert_close(fuser.fuse(inputs), expected, atol=3e-4, rtol=0)
    grey = inputs[:, :1].expand(-1, 4, -1, -1)
    fused = fuser.fuse(grey)
    torch.testing.assert_close(fused, fused[:, :1].expand(-1, 3, -1, -1))


class Gate(nn.Module):
    """The last step of a block."""

    def __init__(self, block):
        super().__init__()
        self.apply_gate = block.apply_gate

    def forward(self, x, gate):
        return self.apply_gate(x, gate)
