"""What is rewritten for engines computes what it did before."""

import torch
from torch import nn

from mmseg_bffr.deploy.fewer_passes import with_fewer_passes
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


class Gate(nn.Module):
    """The last step of a block."""

    def __init__(self, block):
        super().__init__()
        self.apply_gate = block.apply_gate

    def forward(self, x, gate):
        return self.apply_gate(x, gate)
