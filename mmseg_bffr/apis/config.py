"""Configs as the command lines use them."""

import argparse
import difflib
import inspect
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from mmengine.config import Config, DictAction
from mmengine.runner import Runner
from mmseg.registry import DATASETS, MODELS

from mmseg_bffr.apis.device import set_devices
from mmseg_bffr.errors import InputError
from mmseg_bffr.models import BaseFuser, FuserSegmenter


def load_config(
    path: str | os.PathLike,
    cfg_options: Sequence[str] = (),
    work_dir: str | None = None,
) -> Config:
    """Read a config file and override what the command line asks for.

    Args:
        path: Config file.
        cfg_options: `KEY=VALUE` strings, as mmsegmentation's `--cfg-options` takes them.
        work_dir: Overrides the config's `work_dir`, which is `work_dirs/<config name>` by default.

    Raises:
        InputError: The file is missing, or an option cannot be applied or has an unknown name.
    """
    if not Path(path).is_file():
        raise InputError(f'{path}: there is no such config file.')
    cfg = Config.fromfile(path)
    parser = argparse.ArgumentParser(exit_on_error=False)
    parser.add_argument('--cfg-options', nargs='*', action=DictAction, default={})
    try:
        options = parser.parse_args(['--cfg-options', *cfg_options]).cfg_options
        for option in options:
            _require_section(cfg, option)
        cfg.merge_from_dict(options)
    except InputError:
        raise
    except (ValueError, TypeError, KeyError, IndexError, AssertionError) as error:
        raise InputError(
            f'--cfg-options: {" ".join(cfg_options)} does not fit ({error}).'
        ) from None
    cfg.work_dir = work_dir or cfg.get('work_dir') or f'work_dirs/{Path(path).stem}'
    return cfg


_TOP_LEVEL = (
    *(name for name in inspect.signature(Runner).parameters if name != 'cfg'),
    *('activation_checkpointing', 'compile', 'efficient_conv_bn_eval', 'find_unused_parameters'),
)
"""What mmengine's Runner reads, whether the config has it or not."""


def _require_section(cfg: Config, option: str) -> None:
    """Refuse an option of which the config has not even the section, a slip of the pen.

    A new last part is passed on: whoever reads the section may know it.
    """
    *sections, last = option.split('.')
    here = cfg
    for number, name in enumerate(sections or [last]):
        known = list(here) if isinstance(here, dict | Config) else []
        if isinstance(here, list | tuple):
            known = [str(index) for index in range(len(here))]
        elif number == 0:
            known += _TOP_LEVEL
        if name not in known:
            similar = difflib.get_close_matches(name, known, n=1)
            hint = f'; did you mean {similar[0]}?' if similar else '.'
            raise InputError(f'--cfg-options {option}: the config has no {name}{hint}')
        here = here[int(name)] if isinstance(here, list | tuple) else here.get(name, {})


def make_work_dir(cfg: Config) -> None:
    """Make the config's work dir, before any work is done.

    Raises:
        InputError: It cannot be made or written to.
    """
    try:
        Path(cfg.work_dir).mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=cfg.work_dir).close()
    except OSError as error:
        raise InputError(
            f'{cfg.work_dir}: cannot be written to ({error.strerror}); choose another --work-dir.'
        ) from None


def load_test_config(
    path: str | os.PathLike,
    checkpoint: str,
    cfg_options: Sequence[str] = (),
    work_dir: str | None = None,
    gpu_id: int | None = None,
    device: str | None = None,
    launcher: str = 'none',
) -> Config:
    """Read a config to test a checkpoint with it; arguments as in `load_config`, `set_devices`.

    Raises:
        InputError: Something that the user gave is wrong.
    """
    cfg = load_config(path, cfg_options, work_dir)
    make_work_dir(cfg)
    set_devices(cfg, launcher, device, gpu_id)
    cfg.load_from = checkpoint
    cfg.resume = False
    return cfg


def class_metainfo(cfg: Config) -> dict:
    """The classes of the config's training set: `classes` and `palette`, in label order."""
    return DATASETS.get(cfg.train_dataloader.dataset.type).METAINFO


def refuse_input_folder(cfg: Config, folder: str | os.PathLike) -> None:
    """Refuse to write results where the test set's images or labels are.

    Raises:
        InputError: `folder` is one of the test set's folders.
    """
    dataset = cfg.test_dataloader.dataset
    for prefix in dataset.get('data_prefix', {}).values():
        if Path(dataset.get('data_root') or '', prefix).resolve() == Path(folder).resolve():
            raise InputError(f'{folder}: holds test data; choose another folder for results.')


def is_fuser(model: dict) -> bool:
    """Whether a model's config is that of a fuser alone."""
    return issubclass(MODELS.get(model['type']), BaseFuser)


def has_fuser(model: dict) -> bool:
    """Whether a model's config is that of a joint model."""
    return issubclass(MODELS.get(model['type']), FuserSegmenter)
