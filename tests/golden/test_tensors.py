"""Numbers of the original implementation with trained weights, on crops of real pairs."""

import numpy as np
import pytest
import torch
from mmengine.runner import load_checkpoint

from mmseg_bffr.models import AverageFusionLoss, CorrelationLoss

from .models_of_configs import FUSER_CONFIG, JOINT_CONFIG, build


@pytest.fixture(params=['96x128', '75x101'])
def numbers(request, golden):
    return np.load(golden / f'tensors_{request.param}.npz')


@pytest.mark.parametrize(
    ('checkpoint', 'fused'),
    [('legacy_avg_fuser.pth', 'fused_avg'), ('legacy_bffr.pth', 'fused_bffr')],
)
@torch.no_grad()
def test_fused_image(root, golden, numbers, checkpoint, fused):
    fuser = build(root, FUSER_CONFIG).eval()
    load_checkpoint(fuser, str(golden / checkpoint))
    result = fuser(torch.from_numpy(numbers['input'])).numpy()
    np.testing.assert_allclose(result, numbers[fused], atol=1e-4)


@torch.no_grad()
def test_logits(root, golden, numbers):
    joint = build(root, JOINT_CONFIG).eval()
    load_checkpoint(joint, str(golden / 'legacy_bffr.pth'))
    inputs = torch.from_numpy(numbers['input'])
    logits = torch.nn.functional.interpolate(joint(inputs), inputs.shape[2:], mode='bilinear')
    np.testing.assert_allclose(logits.numpy(), numbers['logits_bffr'], atol=1e-4)


@pytest.mark.parametrize(
    ('checkpoint', 'loss', 'name'),
    [
        ('legacy_avg_fuser.pth', AverageFusionLoss(), 'avg'),
        ('legacy_bffr.pth', CorrelationLoss(0.001), 'reg'),
    ],
)
def test_one_training_step(root, golden, numbers, checkpoint, loss, name):
    # In float64: in float32 the gradients vary by 2e-4 with the number of threads.
    fuser = build(root, FUSER_CONFIG).train()
    load_checkpoint(fuser, str(golden / checkpoint))
    value = loss(*fuser.double().lumas(torch.from_numpy(numbers['input']).double()))
    value.backward()
    norm = torch.stack([p.grad.norm() for p in fuser.parameters()]).norm().item()
    mean = fuser.fusion[0].infrared.embed[0].norm.running_mean.numpy()
    np.testing.assert_allclose(value.item(), numbers[f'loss_{name}'], rtol=1e-4)
    np.testing.assert_allclose(norm, numbers[f'gradnorm_{name}'], rtol=1e-4)
    np.testing.assert_allclose(mean, numbers[f'bn_mean_{name}'], rtol=1e-4, atol=1e-6)
