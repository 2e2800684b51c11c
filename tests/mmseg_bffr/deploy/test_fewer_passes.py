"""What is rewritten for engines computes what it did before."""

import pytest
import torch
from torch import nn

from mmseg_bffr.deploy.fewer_passes import fold_layer_norms, join_gates
from mmseg_bffr.models.fusers.transfuser import AttentionBlock


@torch.no_grad()
def test_norms_are_folded():
    block = AttentionBlock(8, 2).double().eval()
    nn.init.uniform_(block.norm.weight, 0.5, 1.5)
    nn.init.uniform_(block.norm.bias, -1, 1)
    x = torch.rand(1, 8, 5, 7, dtype=torch.float64)
    expected = block(x)
    fold_layer_norms(nn.Sequential(block))
    torch.testing.assert_close(block(x), expected)
    assert (block.norm.weight == 1).all()
    assert (block.norm.bias == 0).all()


class Gates(nn.Module):
    """Sums that are gates, and one that is none."""

    def forward(self, x, gate):  # noqa: D102
        return torch.addcmul(x, x, gate), torch.addcmul(x, gate, gate)


@pytest.mark.slow
def test_gates_are_joined():
    pytest.importorskip('onnxscript')
    evaluator = pytest.importorskip('onnx.reference').ReferenceEvaluator
    x, gate = torch.randn(2, 3, 4, 5)
    program = torch.onnx.export(Gates(), (x, gate), dynamo=True, verbose=False)
    program.model = join_gates(program.model)
    kinds = [node.op_type for node in program.model_proto.graph.node]
    assert kinds.count('Mul') == kinds.count('Add') == 2
    (joined,) = (
        node
        for node in program.model.graph
        if node.op_type == 'Mul' and node.inputs[1].producer() is not None
    )
    assert joined.inputs[1].producer().op_type == 'Add'
    got = evaluator(program.model_proto).run(None, {'x': x.numpy(), 'gate': gate.numpy()})
    for result, expected in zip(got, Gates()(x, gate), strict=True):
        torch.testing.assert_close(torch.from_numpy(result), expected)
