"""A TransFuser with twice the channels that goes on from one trained before."""

import pytest
import torch
from torch import nn

from mmseg_bffr.models import SeAFusion, TransFuser
from tools.model_converters.widen import widen


def wide_fuser(weights, channels, heads):
    fuser = TransFuser(channels=channels, heads=heads)
    fuser.load_state_dict(weights)
    return fuser.double().eval()


@pytest.fixture
def small():
    fuser = TransFuser(channels=(4, 6, 8, 8, 12), heads=(2, 2, 4, 2)).double().eval()
    for norm in fuser.modules():
        if isinstance(norm, nn.BatchNorm2d):
            norm.running_mean.normal_()
            norm.running_var.uniform_(0.5, 2)
        if isinstance(norm, nn.BatchNorm2d | nn.LayerNorm):
            nn.init.normal_(norm.weight)
            nn.init.normal_(norm.bias)
    return fuser


@pytest.fixture
def large(small):
    return wide_fuser(widen(small.state_dict()), (8, 12, 16, 16, 24), (2, 2, 4, 2))


def test_fuses_the_same(small, large):
    visible, infrared = torch.rand(2, 1, 1, 32, 49, dtype=torch.float64)
    with torch.no_grad():
        expected = small.fuse_luma(visible, infrared)
        difference = large.fuse_luma(visible, infrared) - expected
    assert difference.abs().max() < 1e-5 * expected.std()


def test_copies_learn_apart(large):
    visible, infrared = torch.rand(2, 1, 1, 32, 48, dtype=torch.float64)
    large.fuse_luma(visible, infrared).square().mean().backward()
    gradient = large.decoder.x12.conv.weight.grad
    assert not torch.allclose(gradient[0::2], gradient[1::2])


def test_tool_takes_the_fuser_of_a_joint_model(tool, tiny_configs, trained_joint, tmp_path):
    out = tmp_path / 'wide.pth'
    run = tool('model_converters/widen.py', tiny_configs[1], trained_joint.checkpoint, out)
    assert run.error is None
    wide_fuser(torch.load(out)['state_dict'], (8,) * 5, (2,) * 4)


def test_tool_refuses_other_fusers(tool, tmp_path):
    weights = tmp_path / 'seafusion.pth'
    torch.save(SeAFusion().state_dict(), weights)
    config = 'configs/fuser/seafusion_content_1xb4-2k5_msrs-96x128.py'
    run = tool('model_converters/widen.py', config, weights, tmp_path / 'wide.pth')
    assert run.status != 0
    assert (
        run.error
        == f'error: {config}: its fuser is not a TransFuser; only a TransFuser can be widened.'
    )
    assert not (tmp_path / 'wide.pth').exists()
