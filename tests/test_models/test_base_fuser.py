"""Modes of a fuser, and how another network becomes one."""

import pytest
import torch
from mmseg.structures import SegDataSample

from mmseg_bffr.models import BaseFuser, TransFuser
from mmseg_bffr.models.saved_image import to_saved_image


class Maximum(BaseFuser):
    """A fusion rule in one line, as a user's own network would be added."""

    def fuse_luma(self, visible_luma, infrared):
        return torch.maximum(visible_luma, infrared)


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


def test_a_training_step_lowers_the_loss(inputs):
    fuser = TransFuser(channels=(4,) * 5, heads=(2,) * 4, loss=dict(type='avg_loss')).train()
    optimizer = torch.optim.AdamW(fuser.parameters(), lr=1e-2)
    losses = []
    for _ in range(20):
        loss = fuser(inputs, mode='loss')['loss_avg']
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] / 1.5
