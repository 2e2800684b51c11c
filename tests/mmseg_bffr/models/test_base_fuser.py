"""Modes of a fuser, and how another network becomes one."""

import pytest
import torch
from mmengine.structures import PixelData
from mmseg.registry import MODELS
from mmseg.structures import SegDataSample
from torch import nn

from mmseg_bffr.models import BaseFuser, TransFuser
from mmseg_bffr.models.saved_image import to_saved_image

from .conftest import joint


class Maximum(BaseFuser):
    """A fusion rule in one line, as a user's own network would be added."""

    def fuse_luma(self, visible_luma, infrared):
        return torch.maximum(visible_luma, infrared)


class Tinted(BaseFuser):
    """A colour image that is not the visible one with another luma."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.mix = nn.Conv2d(4, 3, 1)

    def fuse(self, inputs):
        return self.mix(inputs)


class OwnForward(Maximum):
    """Overrides what is called, as any module may."""

    def forward(self, inputs, *args, **kwargs):
        return super().forward(inputs, *args, **kwargs) * torch.tensor([0.5, 1, 1]).view(3, 1, 1)


@pytest.fixture
def inputs():
    return torch.rand(2, 4, 16, 20)


def test_loss_mode_names_the_loss(inputs):
    fuser = Maximum(loss=dict(type='AverageFusionLoss', loss_weight=2.0, loss_name='loss_mine'))
    fused, visible, infrared = fuser.lumas(inputs)
    expected = 2 * (fused - (visible + infrared) / 2).abs().mean()
    losses = fuser(inputs, mode='loss')
    assert list(losses) == ['loss_mine']
    torch.testing.assert_close(losses['loss_mine'], expected)


@pytest.mark.parametrize('stretch', [True, False])
def test_predict_mode_stores_the_saved_image(inputs, stretch):
    fuser = Maximum(stretch=stretch)
    samples = fuser(inputs, [SegDataSample(), SegDataSample()], mode='predict')
    for sample, image in zip(samples, fuser(inputs), strict=True):
        assert sample.fused.data.dtype == torch.uint8
        assert torch.equal(sample.fused.data, to_saved_image(image, stretch))


def test_what_was_padded_is_cut_off(inputs):
    sample = SegDataSample(metainfo=dict(img_padding_size=(0, 4, 0, 2)))
    [sample] = Maximum()(inputs[:1], [sample], mode='predict')
    [whole] = Maximum()(inputs[:1, :, :-2, :-4], [SegDataSample()], mode='predict')
    assert torch.equal(sample.fused.data, whole.fused.data)


def test_losses_see_the_luma_of_a_colour_image(inputs):
    fuser = Tinted(loss=dict(type='AverageFusionLoss'))
    weights = torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)
    luma = (fuser(inputs) * weights).sum(1, keepdim=True)
    target = ((inputs[:, :3] * weights).sum(1, keepdim=True) + inputs[:, 3:]) / 2
    loss = fuser(inputs, mode='loss')['loss_avg']
    assert loss.item() == pytest.approx((luma - target).abs().mean().item(), abs=3e-4)
    loss.backward()
    assert fuser.mix.weight.grad.abs().sum() > 0


def test_the_luma_of_a_luma_fuser_is_exact(inputs):
    fused, visible, infrared = Maximum().lumas(inputs.double())
    torch.testing.assert_close(fused, torch.maximum(visible, infrared), rtol=0, atol=1e-12)


@pytest.mark.parametrize('kind', [Maximum, Tinted, OwnForward])
def test_the_backbone_is_trained_on_what_it_is_tested_on(kind):
    MODELS.register_module(name=kind.__name__, module=kind, force=True)
    model = joint(dict(type=kind.__name__), fusion_loss=dict(type='CorrelationLoss')).train()
    seen = []
    model.backbone.register_forward_pre_hook(lambda _, args: seen.append(args[0]))
    inputs = torch.rand(2, 4, 48, 64)
    labels = torch.randint(9, (2, 1, 48, 64))
    samples = [SegDataSample(gt_sem_seg=PixelData(data=label)) for label in labels]
    losses = model(inputs, samples, mode='loss')
    torch.testing.assert_close(losses['loss_reg'], model.fusion_loss(*model.fuser.lumas(inputs)))
    model.eval()(inputs)
    assert torch.equal(seen[0], seen[1])
    assert torch.equal(seen[1], model.fuser(inputs))


def test_a_fuser_defines_how_it_fuses(inputs):
    class Nothing(BaseFuser):
        pass

    with pytest.raises(TypeError, match='Nothing defines neither fuse nor fuse_luma'):
        Nothing()(inputs)


def test_a_training_step_lowers_the_loss(inputs):
    fuser = TransFuser(channels=(4,) * 5, heads=(2,) * 4, loss=dict(type='avg_loss')).train()
    optimizer = torch.optim.AdamW(fuser.parameters(), lr=1e-2)
    losses = []
    for _ in range(60):
        loss = fuser(inputs, mode='loss')['loss_avg']
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] / 1.5
