"""Making a small model to give away: what `tools/model_converters/publish.py` does."""

import os
from collections.abc import Mapping
from pathlib import Path

import torch
from mmengine.config import Config
from torch import Tensor

from mmseg_bffr.apis.config import has_fuser, is_fuser, load_config
from mmseg_bffr.apis.inference import init_model
from mmseg_bffr.apis.shipped import CONFIG, WEIGHTS
from mmseg_bffr.checkpoints import save_weights
from mmseg_bffr.datasets.dataset_configs import base_datasets
from mmseg_bffr.errors import InputError

_FOR_TRAINING = ('init_cfg', 'pretrained', 'train_cfg', 'loss', 'fusion_loss', 'loss_decode')
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
        out_dir: Where the two files go; made if missing.

    Returns:
        tuple: Paths of the config and of the weights, for `init_model`.

    Raises:
        InputError: The config has no fuser, the checkpoint does not fit it, a weight is not finite
            in float16, or the files cannot be written.
    """
    cfg = load_config(config)
    if not (is_fuser(cfg.model) or has_fuser(cfg.model)):
        raise InputError(f'{config}: has no fuser; give a config of a fuser or a joint model.')
    model = init_model(cfg, checkpoint, 'cpu')
    weights = _to_half(model.state_dict(), checkpoint)
    path = Path(out_dir, CONFIG)
    inference = _for_inference(cfg, model.dataset_meta)
    text = f'# Written by tools/model_converters/publish.py.\n{inference.pretty_text}'
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding='utf-8')
    except OSError as error:
        raise InputError(f'{path}: cannot be written ({error.strerror}).') from None
    save_weights(path.with_name(WEIGHTS), weights, meta={'dataset_meta': model.dataset_meta})
    return path, path.with_name(WEIGHTS)


def _for_inference(cfg: Config, classes: dict) -> Config:
    """What `init_model`, `fuse` and `segment` read of a config."""
    model = _without(cfg.model.to_dict(), _FOR_TRAINING)
    if 'test_cfg' in model:
        model['test_cfg'] = dict(mode='whole')
    test_data = next(base_datasets(cfg.test_dataloader.dataset.to_dict()))
    pipeline = [step for step in test_data['pipeline'] if step['type'] != 'LoadLabels']
    imports = cfg.get('custom_imports', {}).get('imports', [])
    imports = [imports] if isinstance(imports, str) else imports
    return Config(
        dict(
            custom_imports=dict(imports=list(dict.fromkeys(['mmseg_bffr', *imports]))),
            default_scope=cfg.get('default_scope', 'mmseg'),
            model=model,
            test_dataloader=dict(
                dataset=dict(type='PairDataset', metainfo=classes, pipeline=pipeline)
            ),
        )
    )


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
