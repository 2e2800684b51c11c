"""Names in the SegFormer authors' `mit_b*.pth` and in mmsegmentation's MixVisionTransformer."""

import re
from collections import OrderedDict
from collections.abc import Mapping

import torch
from torch import Tensor

_NAMES = {
    'attn.proj': 'attn.attn.out_proj',
    'mlp.fc1': 'ffn.layers.0',
    'mlp.dwconv.dwconv': 'ffn.layers.1',
    'mlp.fc2': 'ffn.layers.4',
}


def rename_mit(weights: Mapping[str, Tensor]) -> OrderedDict[str, Tensor]:
    """Rename an ImageNet Mix Transformer of the SegFormer authors; leave any other state dict.

    Queries, keys and values become one projection, the linear layers of the feed-forward part
    1x1 convolutions; the ImageNet classifier is dropped.
    """
    if 'patch_embed1.proj.weight' not in weights:
        return OrderedDict(weights)
    renamed = OrderedDict()
    for key, value in weights.items():
        if key.startswith('head.'):
            continue
        if match := re.fullmatch(r'patch_embed(\d)\.(proj|norm)\.(\w+)', key):
            layer = 'projection' if match[2] == 'proj' else 'norm'
            renamed[f'layers.{int(match[1]) - 1}.0.{layer}.{match[3]}'] = value
        elif match := re.fullmatch(r'norm(\d)\.(\w+)', key):
            renamed[f'layers.{int(match[1]) - 1}.2.{match[2]}'] = value
        elif match := re.fullmatch(r'block(\d)\.(\d+)\.(.+)\.(\w+)', key):
            stage, index, layer, parameter = match.groups()
            block = f'layers.{int(stage) - 1}.1.{index}'
            if layer == 'attn.q':
                keys_values = weights[f'block{stage}.{index}.attn.kv.{parameter}']
                renamed[f'{block}.attn.attn.in_proj_{parameter}'] = torch.cat([value, keys_values])
            elif layer != 'attn.kv':
                if layer in ('mlp.fc1', 'mlp.fc2') and parameter == 'weight':
                    value = value[..., None, None]
                renamed[f'{block}.{_NAMES.get(layer, layer)}.{parameter}'] = value
        else:
            renamed[key] = value
    return renamed
