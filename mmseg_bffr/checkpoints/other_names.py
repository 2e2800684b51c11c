"""Names that others gave weights, and what they are called here.

The authors' mmcv-1.x checkpoints of 2022, and `mit_b*.pth` of the SegFormer authors, which is
mmsegmentation's MixVisionTransformer.
"""

import re
from collections import OrderedDict
from collections.abc import Mapping

import torch
from torch import Tensor


def current_names(weights: Mapping[str, Tensor]) -> OrderedDict[str, Tensor]:
    """Rename weights of either kind, told apart by their keys; leave any other state dict."""
    return rename_mit(rename_legacy(weights))


_MODALITY = {'vi': 'visible', 'ir': 'infrared', 'attn1': 'infrared', 'attn2': 'visible'}
_ATTENTION = {
    'conv_pre': 'embed',
    'ffn': 'gate',
    'conv2d': 'conv',
    'batch_norm': 'norm',
    'norm1': 'norm',
    'wq1': 'attention.query',
    'wk1': 'attention.key',
    'wv1': 'attention.value',
    'end_proj1': 'attention.out',
}

_FUSER_NAMES = [
    (r'conv1_(vi|ir)\.conv2d', lambda m: f'{_MODALITY[m[1]]}_encoder.stem'),
    (
        r'DB(\d)_(vi|ir)\.(conv1|conv2)\.conv',
        lambda m: f'{_MODALITY[m[2]]}_encoder.levels.{int(m[1]) - 1}.{m[3]}',
    ),
    (
        r'DB(\d)_(vi|ir)\.conv_down',
        lambda m: f'{_MODALITY[m[2]]}_encoder.levels.{int(m[1]) - 1}.transition',
    ),
    (
        r'fusion_block(\d)\.(attn1|attn2)\.(.+)',
        lambda m: '.'.join(
            [
                f'fusion.{int(m[1]) - 1}.{_MODALITY[m[2]]}',
                *(_ATTENTION.get(part, part) for part in m[3].split('.')),
            ]
        ),
    ),
    (r'DB(\d)_(\d)\.conv2d', lambda m: f'decoder.x{m[1]}{m[2]}.conv'),
    (r'conv_out\.conv2d', lambda m: 'out'),
]

_NEVER_USED = re.compile(r'(fuser\.)?(conv1_(vi|ir)|DB\d_\d|conv_out)\.bn\.')
"""BatchNorms that the authors' forward pass never called."""


def rename_legacy(weights: Mapping[str, Tensor]) -> OrderedDict[str, Tensor]:
    """Rename a legacy fuser's or joint model's weights; leave any other state dict as it is."""
    if not any(re.match(r'(fuser\.)?conv1_vi\.', key) for key in weights):
        return OrderedDict(weights)
    return OrderedDict(
        (_rename(key), value) for key, value in weights.items() if not _NEVER_USED.match(key)
    )


def _rename(key: str) -> str:
    prefix, name = ('fuser.', key[6:]) if key.startswith('fuser.') else ('', key)
    module, _, parameter = name.rpartition('.')
    for pattern, replacement in _FUSER_NAMES:
        match = re.fullmatch(pattern, module)
        if match:
            return f'{prefix}{replacement(match)}.{parameter}'
    return key


_MIT_NAMES = {
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
                renamed[f'{block}.{_MIT_NAMES.get(layer, layer)}.{parameter}'] = value
        else:
            renamed[key] = value
    return renamed
