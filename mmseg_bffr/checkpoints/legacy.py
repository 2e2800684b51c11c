"""Names in the authors' mmcv-1.x checkpoints (2022) and what they are called here."""

import re
from collections import OrderedDict
from collections.abc import Mapping

from torch import Tensor

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


def _level(digit: str) -> int:
    return int(digit) - 1


_FUSER_NAMES = [
    (r'conv1_(vi|ir)\.conv2d', lambda m: f'{_MODALITY[m[1]]}_encoder.stem'),
    (
        r'DB(\d)_(vi|ir)\.(conv1|conv2)\.conv',
        lambda m: f'{_MODALITY[m[2]]}_encoder.levels.{_level(m[1])}.{m[3]}',
    ),
    (
        r'DB(\d)_(vi|ir)\.conv_down',
        lambda m: f'{_MODALITY[m[2]]}_encoder.levels.{_level(m[1])}.transition',
    ),
    (
        r'fusion_block(\d)\.(attn1|attn2)\.(.+)',
        lambda m: '.'.join(
            [
                f'fusion.{_level(m[1])}.{_MODALITY[m[2]]}',
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
