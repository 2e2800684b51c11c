"""From float to the 8 bits on disk."""

import torch

from mmseg_bffr.models.saved_image import to_saved_image


def image(*values):
    return torch.tensor(values).view(1, 1, -1).expand(3, 1, -1)


def saved(fused, stretch):
    result = to_saved_image(fused, stretch)
    assert result.dtype == torch.uint8
    return result[0, 0].tolist()


def test_fractions_are_cut_off():
    assert saved(image(0.0, 0.9999 / 255, 1.5 / 255, 254.9 / 255, 1.0), False) == [
        0,
        0,
        1,
        254,
        255,
    ]


def test_clamped_before_it_is_stretched():
    assert saved(image(-1.0, 0.25, 0.5, 3.0), False) == [0, 63, 127, 255]
    assert saved(image(-1.0, 0.25, 0.5, 3.0), True) == [0, 63, 127, 255]


def test_stretched_from_minimum_to_maximum():
    assert saved(image(0.25, 0.5, 0.75), True) == [0, 127, 255]
    assert saved(image(0.25, 0.5, 0.75), False) == [63, 127, 191]


def test_one_range_for_all_channels():
    channels = torch.tensor([0.2, 0.4, 0.6]).view(3, 1, 1)
    assert to_saved_image(channels).flatten().tolist() == [0, 127, 255]


def test_constant_image():
    assert saved(image(0.5, 0.5), True) == [0, 0]
    assert saved(image(0.5, 0.5), False) == [127, 127]


def test_half_precision_is_brought_to_float_first():
    assert saved(image(0.0, 100.5 / 255, 1.0).bfloat16(), False)[2] == 255
    assert saved(image(0.25, 0.5, 0.75).half(), True) == [0, 127, 255]
