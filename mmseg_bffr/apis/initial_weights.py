"""Which weights a training starts with: one source for each part of the model."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from mmengine.config import Config

from bffr.errors import InputError

_ORIGIN = {
    'model.fuser': 'the warm start makes it (python tools/train_fuser.py {})',
    'model.backbone': "it holds SegFormer's ImageNet weights, see pretrain/README.md",
}


def choose_initial_weights(cfg: Config, cfg_options: Sequence[str]) -> list[str]:
    """Keep one source for each part: a checkpoint of the whole, or else that of its `init_cfg`.

    Args:
        cfg: Of a training, whose `load_from` and `resume` are settled. Where they name a
            checkpoint, the `init_cfg` of what it holds become None, so their files need not exist.
        cfg_options: Of the command line.

    Returns:
        list: A sentence on each `init_cfg` that does not count.

    Raises:
        InputError: Both sources are asked for, or files of initial weights are missing (all are
            listed).
    """
    whole, told, missing = cfg.get('load_from'), [], []
    for name, section, checkpoints in list(_pretrained(cfg.model, 'model')):
        if whole and 'loss' not in name:  # a loss's teacher is in no checkpoint
            if not cfg.get('resume'):
                if any(word.startswith(f'{name}.init_cfg') for word in cfg_options):
                    raise InputError(
                        f'--cfg-options {name}.init_cfg: load_from={whole} holds weights of this '
                        f'part, too; leave one of them out, such as by load_from=None.'
                    )
                told += [
                    f"load_from={whole} counts, not the config's {name}.init_cfg.checkpoint={file}"
                    for file in checkpoints
                ]
            section.init_cfg = None
            continue
        missing += [
            f'{file}: the initial weights of {name} are missing: '
            f'{_ORIGIN.get(name, "the config asks for them").format(named_config(cfg))}; '
            f'to start without them add --cfg-options {name}.init_cfg=None'
            for file in checkpoints
            if '://' not in file and not Path(file).is_file()
        ]
    if missing:
        raise InputError('. '.join(missing))
    return told


def initial_files(cfg: Config) -> list[str]:
    """All checkpoints that a config names."""
    parts = [file for *_, files in _pretrained(cfg.model, 'model') for file in files]
    return [cfg.load_from, *parts] if cfg.get('load_from') else parts


def named_config(cfg: Config, key: str = 'warm_start_config') -> str:
    """The other phase's config that the user's own file names; an inherited one may not fit."""
    own = re.search(rf'^{key}\s*=', Path(cfg.filename).read_text(encoding='utf-8'), re.MULTILINE)
    return cfg[key] if own else 'CONFIG'


def _pretrained(section: object, name: str) -> Iterator[tuple[str, dict, list[str]]]:
    """Sections of a model's config that start from files: dotted name, section, files."""
    if isinstance(section, dict):
        given = section.get('init_cfg') or []
        each = [given] if isinstance(given, dict) else given
        if files := [one['checkpoint'] for one in each if one.get('type') == 'Pretrained']:
            yield name, section, files
    keys = section if isinstance(section, dict) else range(len(section))
    for key in keys:
        if key != 'init_cfg' and isinstance(section[key], dict | list | tuple):
            yield from _pretrained(section[key], f'{name}.{key}')
