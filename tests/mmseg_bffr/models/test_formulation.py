"""The network's formulation against the textbook's: values, gradients, precision, openness."""

import copy
from contextlib import nullcontext

import pytest
import torch
from torch import nn

from mmseg_bffr.apis import init_model
from mmseg_bffr.models import TransFuser
from mmseg_bffr.models.fusers.transfuser import ChannelAttention, DecoderNode

from .textbook import channel_attention, textbook

SIZES = [(16, 16), (16, 17), (31, 16), (48, 64), (45, 62)]


@pytest.fixture
def fuser() -> TransFuser:
    """With BatchNorms that do something."""
    fuser = TransFuser(channels=(4, 4, 6, 8, 8), heads=(2, 3, 2, 4))
    for module in fuser.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.running_mean, -0.5, 0.5)
            nn.init.uniform_(module.running_var, 0.5, 2)
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.5, 0.5)
    return fuser.eval()


@pytest.mark.parametrize('shape', SIZES)
@pytest.mark.parametrize('training', [False, True])
def test_values_and_gradients(fuser, shape, training):
    fuser = fuser.double().train(training)
    plain, inputs = textbook(fuser), torch.rand(2, 4, *shape, dtype=torch.float64)
    results = [network(inputs) for network in (fuser, plain)]
    torch.testing.assert_close(*results, rtol=0, atol=1e-12)
    weights = torch.randn_like(results[0])
    for result in results:
        (result * weights).sum().backward()
    for (name, ours), theirs in zip(fuser.named_parameters(), plain.parameters(), strict=True):
        error = (ours.grad - theirs.grad).norm()
        assert error <= 1e-10 * theirs.grad.norm() + 1e-10, name


@torch.no_grad()
def test_inputs_of_any_layout(fuser):
    inputs = torch.rand(1, 4, 32, 40)
    expected = fuser(inputs)
    for layout in inputs.contiguous(memory_format=torch.channels_last), inputs.mT.contiguous().mT:
        torch.testing.assert_close(fuser(layout), expected, atol=1e-5, rtol=0)


@torch.no_grad()
def test_every_layer_is_called_so_that_hooks_fire(fuser):
    called = set()
    leaves = {name for name, module in fuser.named_modules() if not list(module.children())}
    leaves = {name for name in leaves if not name.startswith(('data_preprocessor', 'fusion_loss'))}
    for name in leaves:
        fuser.get_submodule(name).register_forward_hook(lambda *_, name=name: called.add(name))
    fuser(torch.rand(1, 4, 16, 16))
    assert called == leaves


class _Doubled(nn.Module):
    """Another layer in a layer's place."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, *inputs):
        return 2 * self.layer(*inputs)


@torch.no_grad()
@pytest.mark.parametrize('name', ['query', 'key', 'value', 'out'])
def test_a_replaced_layer_takes_effect(name):
    attention, tokens = ChannelAttention(6, 2), torch.randn(2, 20, 6)
    doubled = copy.deepcopy(attention)
    for parameter in getattr(doubled, name).parameters():
        parameter.mul_(2)
    expected = channel_attention(doubled, tokens)
    assert (expected - attention(tokens)).abs().max() > 1e-3
    setattr(attention, name, _Doubled(getattr(attention, name)))
    torch.testing.assert_close(attention(tokens), expected, atol=1e-5, rtol=0)


@torch.no_grad()
def test_a_replaced_convolution_takes_effect():
    node, maps, below = DecoderNode(5, 4), [torch.randn(1, 2, 8, 9)], torch.randn(1, 3, 4, 4)
    convolution = node.conv
    node.conv = _Doubled(convolution)
    expected = torch.nn.functional.leaky_relu(2 * convolution(maps, below), 0.01)
    torch.testing.assert_close(node(maps, below), expected)


GOLDEN = {'average': 'legacy_avg_fuser.pth', 'joint': 'legacy_bffr.pth'}
PRECISIONS = [(torch.float16, 2e-3), (torch.bfloat16, 2e-2)]


def with_weights(name, root, golden):
    """The base fuser with the shipped weights or with golden ones."""
    if name == 'shipped':
        return init_model(device='cpu').fuser
    checkpoint = golden / GOLDEN[name]
    return init_model(root / 'configs/fuser/transfuser6_avg.py', checkpoint, 'cpu')


def smooth_inputs(height, width):
    rows = torch.linspace(0, height / 20, height).sin().view(-1, 1)
    return (torch.rand(1, 4, height, width) * 0.2 + 0.4 + 0.4 * rows).clamp(0, 1)


@torch.no_grad()
@pytest.mark.slow
@pytest.mark.parametrize(('dtype', 'mean'), PRECISIONS)
@pytest.mark.parametrize('weights', ['shipped', *GOLDEN])
def test_low_precision(weights, dtype, mean, root, golden):
    """Over so many pixels q^T k exceeds float16."""
    fuser, inputs = with_weights(weights, root, golden), smooth_inputs(480, 640)
    expected = fuser(inputs)
    with torch.autocast('cpu', dtype):
        result = fuser(inputs).float()
    assert torch.isfinite(result).all()
    assert (result - expected).abs().mean() < mean


@pytest.mark.parametrize(('dtype', 'mean'), PRECISIONS)
def test_low_precision_of_gradients(fuser, dtype, mean):
    """Of tokens so large that q^T k of this small image exceeds float16, too."""
    inputs = smooth_inputs(48, 64)
    for level in fuser.fusion:
        for block in level.children():
            nn.init.constant_(block.embed[-1].norm.weight, 50.0)
    results, norms = [], []
    for context in nullcontext(), torch.autocast('cpu', dtype):
        with context:
            result = fuser(inputs).float()
        gradients = torch.autograd.grad(result.mean(), list(fuser.parameters()))
        assert all(torch.isfinite(gradient).all() for gradient in gradients)
        results.append(result)
        norms.append(torch.stack([gradient.norm() for gradient in gradients]).norm())
    assert (results[0] - results[1]).abs().mean() < mean
    assert abs(norms[0] / norms[1] - 1) < 0.2


@torch.no_grad()
@pytest.mark.slow
def test_export_with_dynamic_height_and_width(fuser):
    dynamic = {2: torch.export.Dim.DYNAMIC, 3: torch.export.Dim.DYNAMIC}
    exported = torch.export.export(
        fuser, (torch.rand(1, 4, 48, 64),), dynamic_shapes={'inputs': dynamic}
    ).module()
    for size in SIZES:
        inputs = torch.rand(1, 4, *size)
        torch.testing.assert_close(exported(inputs), fuser(inputs), rtol=0, atol=1e-5)
