"""Backbones from timm, with ImageNet weights that installed packages bring."""

from collections.abc import Sequence

import torch
from mmseg.models.backbones import TIMMBackbone
from mmseg.registry import MODELS
from torch import Tensor

from bffr.errors import require_installed


@MODELS.register_module()
class ImageNetBackbone(TIMMBackbone):
    """Any convolutional network of timm that can return its features, on (B, G, R) in [0, 1].

    With `in_channels=4` infrared is a fourth channel, normalised and first weighted as R is.

    Weights by `init_cfg=dict(type='Pretrained', checkpoint='package://NAME')`, those in an
    installed package, or of a file; nothing is downloaded. Where their names are not timm's, they
    are taken in order, if every kind and shape agrees; the classifier at their end is dropped.

    Args:
        model_name: timm's name of the network.
        out_indices: Which of its levels to return, of strides 2, 4, 8, 16, 32.
        mean, std: Of R, G, B in [0, 1], by which the network's training normalised.
        in_channels: 3 or 4.
        **kwargs: `init_cfg`, and those of the network, as `drop_path_rate`.

    Raises:
        InputError: timm is not installed.
    """

    def __init__(
        self,
        model_name: str,
        out_indices: Sequence[int] = (1, 2, 3, 4),
        mean: Sequence[float] = (0.485, 0.456, 0.406),
        std: Sequence[float] = (0.229, 0.224, 0.225),
        in_channels: int = 3,
        **kwargs,
    ):
        require_installed('timm', extra='pretrained')
        super().__init__(
            model_name,
            pretrained=False,
            out_indices=out_indices,
            in_channels=in_channels,
            **kwargs,
        )
        for name, values in dict(mean=mean, std=std).items():
            values = torch.tensor([*values, values[0]][:in_channels])
            self.register_buffer(name, values.view(-1, 1, 1), persistent=False)
        order = torch.tensor([2, 1, 0, *range(3, in_channels)])
        self.register_buffer('order', order, persistent=False)
        self.register_load_state_dict_pre_hook(_take_in_order)

    def forward(self, image: Tensor) -> list[Tensor]:
        """Features (N, C, H / stride, W / stride) of (N, in_channels, H, W), not clamped."""
        return super().forward((image[:, self.order] - self.mean) / self.std)


def _take_in_order(backbone: ImageNetBackbone, state_dict: dict, prefix: str, *_) -> None:
    """Load-state-dict pre-hook: give weights of another naming the backbone's names."""
    if any(key.startswith(f'{prefix}timm_model.') for key in state_dict):
        return
    from timm.models import adapt_input_conv

    own, given = backbone.state_dict(), list(state_dict.items())
    if given and given[0][1].ndim == 4 and given[0][1].shape[1] == 3:
        first = adapt_input_conv(len(backbone.mean), given[0][1])
        given[0] = given[0][0], first
    alike = [
        (name.rpartition('.')[2], tensor.shape) == (key.rpartition('.')[2], value.shape)
        for (name, tensor), (key, value) in zip(own.items(), given, strict=False)
    ]
    if len(given) >= len(own) and all(alike):
        state_dict.clear()
        state_dict.update((name, value) for name, (_, value) in zip(own, given, strict=False))
