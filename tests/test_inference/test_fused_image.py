"""The faster way gives the plain network's results, and keeps away where it cannot."""

import copy

import pytest
import torch
from torch import nn

from mmseg_bffr.inference import fused_image
from mmseg_bffr.inference.fused_image import is_known
from mmseg_bffr.models import TransFuser


@pytest.fixture
def fuser() -> TransFuser:
    """With BatchNorms that do something."""
    fuser = TransFuser()
    for module in fuser.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.running_mean, -0.5, 0.5)
            nn.init.uniform_(module.running_var, 0.5, 2)
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.5, 0.5)
    return fuser.eval()


@pytest.mark.parametrize(
    'shape', [(16, 16), (16, 17), (31, 16), (48, 64), (75, 101), (97, 131), (45, 62)]
)
@torch.no_grad()
def test_equals_the_plain_network(fuser, shape):
    inputs = torch.rand(2, 4, *shape)
    torch.testing.assert_close(fused_image(fuser, inputs), fuser(inputs), atol=1e-5, rtol=0)


@torch.no_grad()
def test_inputs_of_any_layout(fuser):
    inputs = torch.rand(1, 4, 32, 40)
    expected = fuser(inputs)
    layouts = inputs.contiguous(memory_format=torch.channels_last), inputs.mT.contiguous().mT
    for layout in layouts:
        torch.testing.assert_close(fused_image(fuser, layout), expected, atol=1e-5, rtol=0)


@torch.no_grad()
def test_follows_the_weights(fuser):
    inputs = torch.rand(1, 4, 32, 32)
    before = fused_image(fuser, inputs)
    for parameter in fuser.parameters():
        parameter.mul_(0.9)
    after = fused_image(fuser, inputs)
    assert (after - before).abs().max() > 1e-3
    torch.testing.assert_close(after, fuser(inputs), atol=1e-5, rtol=0)


@torch.no_grad()
def test_leaves_the_network_as_it_was(fuser):
    before = copy.deepcopy(fuser.state_dict())
    fused_image(fuser, torch.rand(1, 4, 32, 32))
    after = fuser.state_dict()
    assert list(after) == list(before)
    assert all(torch.equal(after[key], before[key]) for key in before)


def test_gradients_flow_through_the_plain_network(fuser):
    fused_image(fuser, torch.rand(1, 4, 16, 16)).sum().backward()
    assert all(parameter.grad is not None for parameter in fuser.parameters())


@torch.no_grad()
def test_training_uses_the_batch_statistics(fuser):
    inputs = torch.rand(2, 4, 32, 32)
    plain = copy.deepcopy(fuser.train())
    torch.testing.assert_close(fused_image(fuser, inputs), plain(inputs))


@torch.no_grad()
def test_hooks_are_called(fuser):
    calls = []
    fuser.decoder.x13.register_forward_hook(lambda *_: calls.append(1))
    fused_image(fuser, torch.rand(1, 4, 16, 16))
    assert calls == [1]


class _Changed(TransFuser):
    def fuse_luma(self, visible_luma, infrared):
        return infrared


@torch.no_grad()
def test_other_fusers_keep_their_own_way(fuser):
    inputs = torch.rand(1, 4, 16, 16)
    changed = _Changed().eval()
    torch.testing.assert_close(fused_image(changed, inputs), changed(inputs))
    assert is_known(fuser)
    fuser.fusion[0].visible.gate[0].relu = nn.GELU()
    assert not is_known(fuser)
