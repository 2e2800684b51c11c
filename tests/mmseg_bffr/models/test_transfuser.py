"""The fusion network as a whole."""

import pytest
import torch
from mmseg.registry import MODELS
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from bffr.errors import InputError
from mmseg_bffr.models import TransFuser
from mmseg_bffr.models.color import LUMA_WEIGHTS, luma, replace_luma

from .textbook import textbook


@pytest.mark.parametrize('name', ['TransFuser', 'TransFuser6'])
def test_registry_names(name):
    assert (
        type(MODELS.build(dict(type=name, channels=(2, 2, 2, 2, 2), heads=(1,) * 4))) is TransFuser
    )


@torch.no_grad()
@pytest.mark.parametrize('size', [(16, 16), (16, 17), (17, 23), (31, 16), (75, 101)])
def test_odd_and_small_sizes(tiny, size):
    inputs = torch.rand(2, 4, *size)
    fused, visible, infrared = tiny.lumas(inputs)
    assert fused.shape == visible.shape == infrared.shape == (2, 1, *size)
    assert fused.min() > 0
    assert fused.max() < 1
    assert tiny(inputs).shape == (2, 3, *size)


@pytest.mark.parametrize('size', [(15, 64), (64, 15), (1, 1)])
def test_too_small_images_are_refused_by_their_size(tiny, size):
    with pytest.raises(InputError, match=f'at least 16x16 pixels, not {size[1]}x{size[0]}'):
        tiny(torch.rand(1, 4, *size))


@torch.no_grad()
def test_mirrored_input_gives_mirrored_output(tiny):
    """Whatever the weights, mirroring the input and every 3x3 kernel mirrors the output.

    With the kernels as they are it would not: a trained kernel need not be symmetric. What this
    finds is a part that treats left and right differently beside its weights (padding, pooling,
    token order). Sizes divisible by 8, as pooling drops the last column of an odd width.
    """
    inputs = torch.rand(1, 4, 24, 40)
    with torch.no_grad():
        for module in tiny.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.running_mean.normal_(std=0.1)
    fused = tiny(inputs)
    for module in tiny.modules():
        if isinstance(module, nn.Conv2d):
            module.weight.copy_(module.weight.flip(-1))
    torch.testing.assert_close(tiny(inputs.flip(-1)), fused.flip(-1), atol=1e-4, rtol=0)
    assert (tiny(inputs) - fused).abs().max() > 1e-4


@torch.no_grad()
def test_mirrored_input_gives_mirrored_output_with_symmetric_kernels(tiny):
    for module in tiny.modules():
        if isinstance(module, nn.Conv2d):
            module.weight.copy_((module.weight + module.weight.flip(-1)) / 2)
    inputs = torch.rand(1, 4, 24, 40)
    torch.testing.assert_close(tiny(inputs.flip(-1)), tiny(inputs).flip(-1), atol=1e-4, rtol=0)


def chroma(image):
    """Cr and Cb by the formula of the paper, of channels 0, 1, 2."""
    y = (image * torch.tensor(LUMA_WEIGHTS).view(1, 3, 1, 1)).sum(dim=1)
    return torch.stack([0.713 * (image[:, 0] - y) + 0.5, 0.564 * (image[:, 2] - y) + 0.5])


@torch.no_grad()
def test_chroma_is_that_of_the_visible_image(tiny):
    # The two colour formulas are inverse to three digits only.
    inputs = torch.rand(2, 4, 17, 23)
    torch.testing.assert_close(chroma(tiny(inputs)), chroma(inputs[:, :3]), atol=2e-3, rtol=0)


def test_luma_weighs_the_first_channel_as_red():
    unit = torch.eye(3).view(3, 3, 1, 1)
    assert luma(unit).flatten().tolist() == pytest.approx([0.299, 0.587, 0.114])


def test_colour_round_trip():
    image = torch.rand(2, 3, 5, 6)
    torch.testing.assert_close(replace_luma(image, luma(image)), image, atol=2e-3, rtol=0)
    grey, new = torch.rand(1, 1, 5, 6).expand(1, 3, 5, 6), torch.rand(1, 1, 5, 6)
    torch.testing.assert_close(replace_luma(grey, new), new.expand(1, 3, 5, 6))


def test_replace_luma_does_not_clamp():
    blue = torch.tensor([1.0, 0, 0]).view(1, 3, 1, 1)
    assert replace_luma(blue, torch.ones(1, 1, 1, 1)).max() > 1.5


def test_every_parameter_is_used(tiny):
    tiny.train()(torch.rand(2, 4, 17, 23)).square().mean().backward()
    assert [name for name, p in tiny.named_parameters() if p.grad is None] == []


def test_inputs_are_left_as_they_were(tiny):
    inputs = torch.rand(1, 4, 16, 16)
    before = inputs.clone()
    tiny(inputs)
    assert torch.equal(inputs, before)


def test_parameters_and_operations_of_the_full_network(capsys):
    """288 GFLOPs as the paper draws it; the formulation needs fewer."""
    gflops = []
    with torch.device('meta'):
        fuser, inputs = TransFuser().eval(), torch.rand(1, 4, 480, 640)
    for network in (textbook(fuser), fuser):
        with torch.no_grad(), FlopCounterMode(display=False) as counter:
            network(inputs)
        gflops.append(counter.get_total_flops() / 1e9)
    parameters = sum(p.numel() for p in fuser.parameters())
    drawn, computed = gflops
    with capsys.disabled():
        print(
            f'\nTransFuser: {parameters:,} parameters, {drawn:.1f} GFLOPs at 480x640 as drawn, '
            f'{computed:.1f} as computed'
        )
    assert parameters == 3_908_321
    assert drawn == pytest.approx(288, abs=1)
    assert computed < 0.9 * drawn


@pytest.mark.parametrize(
    'wrong', [dict(heads=(4, 8, 8)), dict(heads=(4,) * 5), dict(channels=(4,) * 4)]
)
def test_lengths_that_do_not_fit_are_refused(wrong):
    with pytest.raises(InputError, match='give five channels'):
        TransFuser(**wrong)
