"""A small model to give away: two files that hold what inference needs."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from pprint import pformat

import torch
from mmengine.config import Config
from mmengine.logging import print_log
from torch import Tensor

from bffr.errors import InputError
from bffr.files import refuse_to_replace, write_whole
from bffr.models.exported import sha256
from bffr.models.zoo import LIST, zoo_list
from mmseg_bffr.apis.config import load_config, require_fuser
from mmseg_bffr.apis.inference import init_model
from mmseg_bffr.apis.zoo import CONFIG, FOLDER, WEIGHTS
from mmseg_bffr.checkpoints import save_weights
from mmseg_bffr.datasets.dataset_configs import base_datasets

_FOR_TRAINING = (
    'init_cfg',
    'pretrained',
    'train_cfg',
    'loss',
    'fusion_loss',
    'loss_decode',
    'frozen_fuser',
    'drop_path_rate',
    'dropout_ratio',
    'pad_val',
    'seg_pad_val',
)
_STATISTICS = ('running_mean', 'running_var')
"""Of BatchNorm; a variance may be too small or too large for 16 bit."""


def publish(
    config: str | os.PathLike, checkpoint: str | os.PathLike, out_dir: str | os.PathLike
) -> tuple[Path, Path]:
    """Write what inference needs of a trained model: `config.py` and `weights.pth`.

    The weights are float16 (running statistics of BatchNorm stay float32), a `state_dict` of plain
    tensors, used as float32; `meta` names the classes and their colours. The config is a file
    beside them, never in them: a config in Python is code, and checkpoints must not run code.

    The written config imports this package and what `custom_imports` names, so that it serves
    mmsegmentation's own `init_model`, too. It segments whole images instead of windows, so that any
    size from 32x32 works.

    Args:
        config: Config of a fuser or of a joint model.
        checkpoint: Its checkpoint.
        out_dir: Where the two files go; made if missing. If it is a folder of the zoo, its list
            takes in the model, see `zoo_model`.

    Returns:
        tuple: Paths of the config and of the weights, for `init_model`.

    Raises:
        InputError: The config has no fuser, the checkpoint does not fit it, a weight is not finite
            in float16, or the files cannot be written.
    """
    cfg = load_config(config)
    require_fuser(cfg)
    config_file, weights_file = Path(out_dir, CONFIG), Path(out_dir, WEIGHTS)
    for written in (config_file, weights_file):
        refuse_to_replace(written, (config, checkpoint))
    model = init_model(cfg, checkpoint, 'cpu')
    weights = _to_half(model.state_dict(), checkpoint)
    write_whole(config_file, _inference_config(cfg).encode())
    save_weights(weights_file, weights, meta={'dataset_meta': model.dataset_meta})
    if own := _own_modules(cfg):
        print_log(
            f'{config_file}: imports {", ".join(own)}; its users need that file, too, '
            f"on Python's path."
        )
    if Path(out_dir).resolve().parent == FOLDER.resolve():  # the zoo of a checkout
        listed = zoo_list()
        listed['weights_sha256'][Path(out_dir).resolve().name] = sha256(weights_file)
        LIST.write_text(json.dumps(listed, indent=1) + '\n', encoding='utf-8')
    return config_file, weights_file


def _inference_config(cfg: Config) -> str:
    """What `init_model`, `fuse` and `segment` read of a config, in Python."""
    model = _without(cfg.model.to_dict(), _FOR_TRAINING)
    model.get('data_preprocessor', {}).pop('size', None)  # of a training's crops
    if 'test_cfg' in model:
        model['test_cfg'] = dict(mode='whole')
    pipeline = next(base_datasets(cfg.test_dataloader.dataset.to_dict()))['pipeline']
    pipeline = [step for step in pipeline if step['type'] != 'LoadLabels']
    imports = ['mmseg_bffr', *_own_modules(cfg)]
    sections = dict(
        custom_imports=dict(imports=imports),
        default_scope=cfg.default_scope,
        license=cfg.get('license', ''),
        model=model,
        test_dataloader=dict(dataset=dict(type='PairDataset', pipeline=pipeline)),
    )
    written = (
        f'{name} = {pformat(section, width=97 - len(name), compact=True, sort_dicts=False)}\n'
        for name, section in sections.items()
    )
    return ''.join(['"""Written by `bffr publish`."""\n\n', *written])


def _own_modules(cfg: Config) -> list[str]:
    """Modules that a config imports, but for this package."""
    imports = cfg.get('custom_imports', {}).get('imports', [])
    imports = [imports] if isinstance(imports, str) else imports
    return [name for name in dict.fromkeys(imports) if name.partition('.')[0] != 'mmseg_bffr']


def _without(section, keys: tuple[str, ...]):
    """A copy of a config's section without some keys, at any depth."""
    if isinstance(section, dict):
        return {key: _without(value, keys) for key, value in section.items() if key not in keys}
    if isinstance(section, list | tuple):
        return type(section)(_without(value, keys) for value in section)
    return section


def _to_half(weights: Mapping[str, Tensor], checkpoint: str | os.PathLike) -> dict[str, Tensor]:
    """Store floats in 16 bit, except for BatchNorm's statistics.

    Values below 6e-8 become 0, which changes no result; beyond 65504 there is no number.
    """
    halves = {}
    for name, tensor in weights.items():
        if tensor.is_floating_point() and not name.endswith(_STATISTICS):
            tensor = tensor.half()
        if not torch.isfinite(tensor).all():
            raise InputError(
                f'{checkpoint}: {name} holds values that are not finite in 16 bit (NaN, or beyond '
                f'65504); publish another checkpoint.'
            )
        halves[name] = tensor.contiguous()
    return halves
