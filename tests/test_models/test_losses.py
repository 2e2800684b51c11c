"""Losses against numpy, and what is said where the correlation term has no meaning."""

import numpy as np
import pytest
import torch
from mmseg.registry import MODELS

from mmseg_bffr.models import AverageFusionLoss, CorrelationLoss
from mmseg_bffr.models.losses import correlation


@pytest.fixture
def lumas():
    visible, infrared, noise = torch.rand(3, 2, 1, 6, 7)
    return (visible + infrared + noise) / 3, visible, infrared


@pytest.mark.parametrize(
    ('name', 'loss'), [('avg_loss', AverageFusionLoss), ('reg_loss', CorrelationLoss)]
)
def test_registry_names(name, loss):
    assert type(MODELS.build(dict(type=name))) is type(MODELS.build(dict(type=loss.__name__)))
    assert type(MODELS.build(dict(type=name))) is loss


def test_average_fusion_loss(lumas):
    fused, visible, infrared = (x.numpy() for x in lumas)
    expected = np.abs(fused - (visible + infrared) / 2).mean()
    assert AverageFusionLoss()(*lumas).item() == pytest.approx(expected, rel=1e-5)
    assert AverageFusionLoss(3.0)(*lumas).item() == pytest.approx(3 * expected, rel=1e-5)


def test_correlation_loss_is_over_the_whole_batch(lumas, logged):
    fused, visible, infrared = (x.numpy().ravel() for x in lumas)
    total = np.corrcoef(infrared, fused)[0, 1] + np.corrcoef(visible, fused)[0, 1]
    assert CorrelationLoss(0.5)(*lumas).item() == pytest.approx(0.5 / total, rel=1e-4)
    assert CorrelationLoss()(*lumas).item() == pytest.approx(0.001 / total, rel=1e-4)
    assert logged == []


def test_correlation_does_not_see_brightness_and_contrast(lumas):
    a, b = lumas[:2]
    torch.testing.assert_close(correlation(0.2 * a + 0.3, b), correlation(a, b), rtol=1e-4, atol=0)
    assert correlation(a, a).item() == pytest.approx(1)
    assert correlation(a, -a).item() == pytest.approx(-1)


def test_contradicting_image_is_warned_of_and_keeps_its_value(lumas, logged):
    fused, visible, infrared = -lumas[0], lumas[1], lumas[2]
    total = (correlation(infrared, fused) + correlation(visible, fused)).item()
    assert total < 0
    loss = CorrelationLoss(0.001)(fused, visible, infrared)
    assert loss.item() == pytest.approx(0.001 / total)
    assert len(logged) == 1
    assert f'{total:.4g}' in logged[0]


def test_constant_image_is_warned_of_and_stays_not_finite(lumas, logged):
    loss = CorrelationLoss()(torch.full_like(lumas[0], 0.5), *lumas[1:])
    assert not torch.isfinite(loss)
    assert 'nan' in logged[0]
