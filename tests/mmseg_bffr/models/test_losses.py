"""Losses against numpy, and what is said where the correlation term has no meaning."""

from pathlib import Path

import numpy as np
import pytest
import torch
from mmseg.registry import MODELS
from scipy import ndimage
from torch import nn

from bffr.errors import InputError
from mmseg_bffr.models import (
    AverageFusionLoss,
    CorrelationLoss,
    DistillationLoss,
    FusionLoss,
    IntensityGradientLoss,
)
from mmseg_bffr.models.losses import correlation

from .conftest import TINY, joint


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


CONSTANT = [(True, False, False), (False, True, False), (False, False, True), (False, True, True)]


@pytest.mark.parametrize('constant', CONSTANT)
@pytest.mark.parametrize('value', [0.0, 0.3])
def test_undefined_correlations_are_left_out_and_said_once(lumas, logged, constant, value):
    images = [
        torch.full_like(x, value) if flat else x for x, flat in zip(lumas, constant, strict=True)
    ]
    fused = images[0].double().requires_grad_()
    loss = CorrelationLoss(0.5)
    for _ in range(2):
        result = loss(fused, *(x.double() for x in images[1:]))
    a, *sources = (x.numpy().ravel().astype(float) for x in images)
    total = sum(np.corrcoef(a, b)[0, 1] for b in sources if np.ptp(a) and np.ptp(b))
    assert result.item() == pytest.approx(0.5 / total if total else 0, rel=1e-6)
    result.backward()
    assert torch.isfinite(fused.grad).all()
    assert fused.grad.any() == bool(total)
    assert len(logged) == 1
    for name, flat in zip(('fused', 'visible', 'infrared'), constant, strict=True):
        assert (name in logged[0].partition('batch')[0]) == flat


def test_half_precision_does_not_overflow():
    visible, infrared, noise = torch.rand(3, 2, 1, 240, 320).half()
    exact = CorrelationLoss()(*(x.double() for x in ((visible + noise) / 2, visible, infrared)))
    loss = CorrelationLoss()((visible + noise) / 2, visible, infrared)
    assert loss.item() == pytest.approx(exact.item(), rel=1e-3)


def test_an_image_with_nan_is_not_taken_for_a_constant_one(lumas, logged):
    lumas[0][0, 0, 0, 0] = float('nan')
    assert CorrelationLoss()(*lumas).isnan()
    assert 'nan' in logged[0]


def gradients(image):
    return np.stack(
        [[ndimage.sobel(one[0], axis, mode='nearest') / 4 for axis in (1, 0)] for one in image]
    )


def test_intensity_gradient_loss(lumas):
    fused, visible, infrared = (x.numpy().astype(np.float64) for x in lumas)
    of_visible, of_infrared = gradients(visible), gradients(infrared)
    longer = np.hypot(*np.split(of_visible, 2, 1)) >= np.hypot(*np.split(of_infrared, 2, 1))
    target = 1.2 * np.where(longer, of_visible, of_infrared)
    intensity = abs(fused - np.maximum(visible, infrared)).mean()
    gradient = abs(gradients(fused) - target).mean()
    loss = IntensityGradientLoss(gradient_weight=3.0, gain=1.2, loss_weight=0.5)(*lumas)
    assert loss.item() == pytest.approx(0.5 * (intensity + 3 * gradient), rel=1e-5)


def test_excess_over_the_range_of_both_lumas():
    visible, infrared, fused = torch.rand(3, 2, 1, 12, 15, dtype=torch.float64)
    excess = []
    for batch, _, row, column in np.ndindex(*fused.shape):
        around = np.s_[batch, 0, max(row - 4, 0) : row + 5, max(column - 4, 0) : column + 5]
        lumas = torch.cat([visible[around], infrared[around]])
        value = 3 * fused[batch, 0, row, column] - 1
        excess.append(max(value - lumas.max(), lumas.min() - value, torch.tensor(0.0)).item())
    without = IntensityGradientLoss()(3 * fused - 1, visible, infrared).item()
    loss = IntensityGradientLoss(range_weight=7.0)(3 * fused - 1, visible, infrared).item()
    assert loss - without == pytest.approx(7 * np.mean(excess), rel=1e-6)
    assert np.mean(excess) > 0.1


def test_salience_adds_what_is_warmer_than_its_surroundings_to_both_sources():
    visible, infrared, fused = torch.rand(3, 2, 1, 70, 80, dtype=torch.float64)
    infrared[0, :, 20:40, 30:60] = 0.9

    def mean_around(reach):
        mean = torch.empty_like(infrared)
        for batch, _, row, column in np.ndindex(*infrared.shape):
            rows = slice(max(row - reach, 0), row + reach + 1)
            columns = slice(max(column - reach, 0), column + reach + 1)
            mean[batch, 0, row, column] = infrared[batch, 0, rows, columns].mean()
        return mean

    warmer = (mean_around(4) - mean_around(32)).clamp(min=0)
    assert warmer.max() > 0.2
    brightened = [(source + 0.5 * warmer).clamp(max=1) for source in (visible, infrared)]
    weights = dict(gradient_weight=3.0, range_weight=7.0)
    expected = IntensityGradientLoss(**weights)(fused, *brightened).item()
    loss = IntensityGradientLoss(**weights, salience=0.5)(fused, visible, infrared).item()
    assert loss == pytest.approx(expected, rel=1e-9)
    assert loss != pytest.approx(
        IntensityGradientLoss(**weights)(fused, visible, infrared).item(), rel=1e-3
    )


def test_intensity_gradient_loss_is_zero_where_one_source_is_brighter_and_sharper(lumas):
    visible = lumas[1]
    loss = IntensityGradientLoss()
    assert loss(visible, visible, torch.zeros_like(visible)).item() == pytest.approx(0, abs=1e-6)
    assert loss(1 - visible, visible, torch.zeros_like(visible)).item() > 0.1


def test_distillation_loss_compares_with_the_teacher_of_the_checkpoint(tmp_path):
    fused, visible, infrared = torch.rand(3, 2, 1, 16, 20)
    teacher = MODELS.build(TINY)
    for parameter in teacher.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    torch.save({'state_dict': teacher.state_dict()}, tmp_path / 'teacher.pth')
    target = teacher.eval().fuse_luma(visible, infrared).detach()
    weights = dict(type='Pretrained', checkpoint=str(tmp_path / 'teacher.pth'))
    loss = DistillationLoss(dict(TINY, init_cfg=weights), gradient_weight=3.0)

    intensity = (fused - target).abs().mean().item()
    gradient = abs(gradients(fused.double().numpy()) - gradients(target.double().numpy())).mean()
    fused.requires_grad_()
    value = loss(fused, visible, infrared)
    assert value.item() == pytest.approx(intensity + 3 * gradient, rel=1e-5)
    assert loss(target, visible, infrared).item() == pytest.approx(0, abs=1e-6)
    value.backward()
    assert fused.grad.abs().sum() > 0
    assert not loss.state_dict()
    assert not list(loss.parameters())


def test_code_in_the_teachers_checkpoint_is_refused(tmp_path, lumas):
    weights = {'state_dict': MODELS.build(TINY).state_dict(), 'meta': Path(tmp_path)}
    torch.save(weights, tmp_path / 'teacher.pth')
    weights = dict(type='Pretrained', checkpoint=str(tmp_path / 'teacher.pth'))
    loss = DistillationLoss(dict(TINY, init_cfg=weights))
    with pytest.raises(InputError, match=r'teacher\.pth: refused'):
        loss(*lumas)


@pytest.fixture
def named_loss():
    """A function that registers a loss of a name, or of none, and returns its config."""

    def register(name):
        class Named(nn.Module):
            def forward(self, fused, visible, infrared):
                return fused.mean()

        if name is not None:
            Named.loss_name = name
        MODELS.register_module(name='Named', module=Named)
        return dict(type='Named')

    yield register
    MODELS.module_dict.pop('Named')


def alone(loss):
    return MODELS.build(dict(TINY, loss=loss))


def beside_a_segmenter(loss):
    return joint(fusion_loss=loss)


@pytest.mark.parametrize('build', [alone, beside_a_segmenter])
@pytest.mark.parametrize('name', ['contrast', '', 3, None])
def test_a_loss_that_would_not_be_trained_is_refused_when_the_model_is_built(
    named_loss, build, name
):
    with pytest.raises(InputError, match=f'Named: its loss_name is {name!r}.*"loss"'):
        build(named_loss(name))


@pytest.mark.parametrize('build', [alone, beside_a_segmenter])
@pytest.mark.parametrize('name', ['loss_contrast', 'contrast_loss'])
def test_a_loss_named_so_is_trained(named_loss, build, name):
    model = build(named_loss(name))
    value = model.fusion_loss(*torch.full((3, 1, 1, 2, 2), 3.0))
    assert model.parse_losses({model.fusion_loss.loss_name: value})[0] == 3


@pytest.mark.parametrize('name', ['contrast', 'avg'])
def test_losses_of_this_package_are_held_to_their_contract_too(name):
    with pytest.raises(InputError, match=f'{name!r}'):
        alone(dict(type='AverageFusionLoss', loss_name=name))


def all_losses():
    def noisy_teacher(teacher):
        for parameter in teacher.parameters():
            nn.init.normal_(parameter, std=0.3)
        return (teacher.eval(),)

    distillation = DistillationLoss(dict(), loss_weight=0.5)
    distillation._teacher = noisy_teacher(MODELS.build(TINY))
    content = IntensityGradientLoss(salience=0.3, range_weight=40.0, loss_weight=0.5)
    return [AverageFusionLoss(0.5), CorrelationLoss(0.5), content, distillation]


@pytest.mark.parametrize('loss', all_losses(), ids=lambda loss: type(loss).__name__)
@pytest.mark.parametrize('fused_type', [torch.float32, torch.bfloat16])
def test_mixed_precision_ends_before_the_loss(loss, fused_type):
    fused, visible, infrared = torch.rand(3, 2, 1, 24, 32)
    fused = fused.to(fused_type)

    def value_and_gradient(image):
        image = image.clone().requires_grad_()
        value = loss(image, visible, infrared)
        value.backward()
        return value.detach(), image.grad

    with torch.autocast('cpu', torch.bfloat16):
        value, gradient = value_and_gradient(fused)
        assert torch.is_autocast_enabled('cpu')
    expected, expected_gradient = value_and_gradient(fused.float())
    assert value.dtype == torch.float32
    torch.testing.assert_close(value, expected, rtol=1e-6, atol=0)
    torch.testing.assert_close(gradient, expected_gradient.to(fused_type), rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize('loss', all_losses(), ids=lambda loss: type(loss).__name__)
def test_loss_weight_is_a_factor(loss, lumas):
    lumas = [nn.functional.interpolate(luma, (18, 21)) for luma in lumas]
    assert isinstance(loss, FusionLoss)
    half = loss(*lumas).item()
    loss.loss_weight = 3.0
    assert loss(*lumas).item() == pytest.approx(6 * half, rel=1e-6)
