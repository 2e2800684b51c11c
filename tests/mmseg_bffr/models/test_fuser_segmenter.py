"""The joint model: what it trains, what it returns, and its switches."""

import pytest
import torch
from mmengine.structures import PixelData
from mmseg.structures import SegDataSample

from mmseg_bffr.models.saved_image import to_saved_image

from .conftest import joint


@pytest.fixture
def inputs():
    return torch.rand(2, 4, 48, 64)


@pytest.fixture
def samples():
    return [
        SegDataSample(gt_sem_seg=PixelData(data=torch.randint(9, (1, 48, 64)))) for _ in range(2)
    ]


def test_segmentation_and_fusion_losses(inputs, samples):
    model = joint(fusion_loss=dict(type='CorrelationLoss', loss_weight=0.25)).train()
    losses = model(inputs, samples, mode='loss')
    assert {'decode.loss_ce', 'loss_reg'} <= set(losses)
    # In train mode BatchNorm normalises by the batch, so a second pass gives the same.
    expected = model.fusion_loss(*model.fuser.lumas(inputs))
    torch.testing.assert_close(losses['loss_reg'], expected)


def test_fusion_loss_can_be_left_out(inputs, samples):
    losses = joint(fusion_loss=None).train()(inputs, samples, mode='loss')
    assert [name for name in losses if 'loss' in name] == ['decode.loss_ce']


@pytest.mark.parametrize('fusion_loss', [None, dict(type='CorrelationLoss')])
def test_every_parameter_is_used(inputs, samples, fusion_loss):
    model = joint(fusion_loss=fusion_loss).train()
    losses = model(inputs, samples, mode='loss')
    sum(loss for name, loss in losses.items() if 'loss' in name).backward()
    assert [name for name, p in model.named_parameters() if p.grad is None] == []


def test_segmentation_alone_teaches_the_fuser(inputs, samples):
    model = joint(fusion_loss=None).train()
    model(inputs, samples, mode='loss')['decode.loss_ce'].backward()
    assert model.fuser.infrared_encoder.stem.weight.grad.abs().sum() > 0


@torch.no_grad()
def test_backbone_sees_the_unclamped_fused_image(inputs):
    model, seen = joint().eval(), []
    model.backbone.register_forward_pre_hook(lambda _, args: seen.append(args[0]))
    model(inputs)
    assert torch.equal(seen[0], model.fuser(inputs))


@torch.no_grad()
@pytest.mark.parametrize('with_fused', [False, True])
def test_the_fuser_runs_once(inputs, with_fused):
    model, runs = joint().eval(), []
    model.fuser.register_forward_hook(lambda *_: runs.append(1))
    model.test_cfg.with_fused = with_fused
    model.predict(inputs)
    assert len(runs) == 1


@torch.no_grad()
def test_predicts_labels_and_on_demand_the_fused_image(inputs):
    model = joint().eval()
    assert all('fused' not in result for result in model.predict(inputs))
    model.test_cfg.with_fused = True
    results = model.predict(inputs)
    for result, image in zip(results, model.fuser(inputs), strict=True):
        assert result.pred_sem_seg.data.shape == (1, 48, 64)
        assert torch.equal(result.fused.data, to_saved_image(image))


def test_a_frozen_fuser_stays_as_it_is(inputs, samples):
    model = joint(frozen_fuser=True, fusion_loss=None).train()
    before = {name: value.clone() for name, value in model.fuser.state_dict().items()}
    optimizer = torch.optim.SGD((p for p in model.parameters() if p.requires_grad), lr=1.0)
    model(inputs, samples, mode='loss')['decode.loss_ce'].backward()
    optimizer.step()
    for name, value in model.fuser.state_dict().items():
        assert torch.equal(value, before[name]), name
    assert model.backbone.training
    assert all(p.grad is not None for p in model.backbone.parameters())
