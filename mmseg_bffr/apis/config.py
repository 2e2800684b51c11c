"""Configs as the command lines use them."""

import argparse
import difflib
import inspect
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from traceback import walk_tb

from mmengine.config import Config, DictAction
from mmengine.registry import init_default_scope
from mmengine.runner import Runner
from mmseg.registry import MODELS
from torch import nn

from bffr.errors import InputError
from mmseg_bffr.datasets.dataset_configs import class_metainfo, unread_datasets
from mmseg_bffr.models import BaseFuser, Detector, FusesFirst


def load_config(path: str | os.PathLike, cfg_options: Sequence[str] = ()) -> Config:
    """Read a config file, override what the command line asks for, and enter its scope.

    Args:
        path: Config file; its `work_dir` is `work_dirs/<config name>` by default, and its model's
            `SegDataPreProcessor` pads to the data set's `crop_size`, unless it names a `size`.
        cfg_options: `KEY=VALUE` strings, as mmsegmentation's `--cfg-options` takes them.

    Raises:
        InputError: The file is missing or no Python, or an option cannot be applied or has an
            unknown name.
    """
    if not Path(path).is_file():
        raise InputError(f'{path}: there is no such config file.')
    try:
        cfg = Config.fromfile(path)
    except FileNotFoundError as error:
        raise InputError(f'{path}: its base is missing ({error}).') from None
    except ImportError as error:
        raise InputError(
            f'{path}: {error.__context__ or error}; put the file of what custom_imports names on '
            f"Python's path (PYTHONPATH)."
        ) from None
    except SyntaxError as error:
        # mmengine parses a file, perhaps a base of this one, without its name; its callers know it.
        names = (frame.f_locals.get('filename') for frame, _ in walk_tb(error.__traceback__))
        *_, file = (name for name in names if name not in (None, '<unknown>'))
        raise InputError(
            f'{file}, line {error.lineno}: is not Python ({error.msg}); correct it.'
        ) from None
    preprocessor = cfg.get('model', {}).get('data_preprocessor') or {}
    sized = {'size', 'size_divisor'} & set(preprocessor)
    if preprocessor.get('type') == 'SegDataPreProcessor' and 'crop_size' in cfg and not sized:
        preprocessor.size = cfg.crop_size
    for word in cfg_options:
        if re.search(r'=.*(\bdict\(|{)', word):  # mmengine reads strings, or recurses for ever
            raise InputError(
                f'--cfg-options {word}: holds a dictionary; give its keys one by one '
                f'(LIST.0.KEY=VALUE), or write a config that inherits from {path}.'
            )
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
    cfg.work_dir = cfg.get('work_dir') or f'work_dirs/{Path(path).stem}'
    cfg.custom_hooks = cfg.get('custom_hooks') or []
    init_default_scope(cfg.setdefault('default_scope', 'mmseg'))
    return cfg


_TOP_LEVEL = (
    *(name for name in inspect.signature(Runner).parameters if name != 'cfg'),
    *('activation_checkpointing', 'compile', 'efficient_conv_bn_eval', 'find_unused_parameters'),
    *('model_wrapper_cfg', 'sync_bn'),
)
"""What mmengine's Runner reads, whether the config has it or not."""

_OURS = 'tta_model', 'tta_pipeline', 'visual_dataloader', 'joint_config', 'warm_start_config'
"""What is read here besides, where the config has it."""


def _require_section(cfg: Config, option: str) -> None:
    """Refuse an option of which the config has not even the section, a slip of the pen.

    A new last part is passed on: whoever reads the section may know it. A variable that only the
    file itself uses is refused, too: it has been used by now.
    """
    wrapper = cfg.get('optim_wrapper', {})
    if option.startswith('optim_wrapper.clip_grad.') and not wrapper.get('clip_grad'):
        wrapper.clip_grad = {}  # which every OptimWrapper takes
    *sections, last = option.split('.')
    first = (sections or [last])[0]
    unread = 'custom_imports', 'data_preprocessor' * ('data_preprocessor' in cfg.get('model', {}))
    if first in cfg and (first not in (*_TOP_LEVEL, *_OURS) or first in unread):
        sections = ((name, cfg[name]) for name in (*_TOP_LEVEL, *_OURS) if name in cfg)
        places = [
            place + option.removeprefix(first)
            for name, section in sections
            for place in _places(section, name, first, cfg[first])
            if place != first
        ]
        raise InputError(
            f'--cfg-options {option}: has no effect, as the file has already used {first}; set '
            f'{", ".join(places[:6]) or "what it was for, or write a config"} instead.'
        )
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


def _places(here: object, path: str, name: str, value: object) -> Iterator[str]:
    """Where, within a section, an entry has a name or a value that is no mere number."""
    if not isinstance(here, dict | list | tuple):
        return
    for key in here if isinstance(here, dict) else range(len(here)):
        telling = isinstance(value, dict | list | tuple | str) and value
        if key == name or (telling and here[key] == value):
            yield f'{path}.{key}'
        else:
            yield from _places(here[key], f'{path}.{key}', name, value)


def classes_of(path: str | os.PathLike) -> dict:
    """Classes and palette of a config file, see `class_metainfo`."""
    return class_metainfo(load_config(path))


def is_of_detector(path: str | os.PathLike, cfg_options: Sequence[str] = ()) -> bool:
    """Whether a config file's model is a detector, see `load_config`."""
    return has_detector(load_config(path, cfg_options).get('model', {'type': nn.Module}))


def is_fuser(model: dict) -> bool:
    """Whether a model's config is that of a fuser alone."""
    return issubclass(_model_type(model), BaseFuser)


def has_fuser(model: dict) -> bool:
    """Whether a model's config is that of a joint model."""
    return issubclass(_model_type(model), FusesFirst)


def has_detector(model: dict) -> bool:
    """Whether a model's config is that of a detector, with or without a fuser."""
    return issubclass(_model_type(model), Detector)


def min_size(model: dict) -> int:
    """Smallest height and width that a model's config takes, in pixels; 1 if it does not say."""
    return getattr(_model_type(model), 'min_size', 1)


def require_fuser(cfg: Config) -> None:
    """Refuse a config whose model neither is nor has a fuser.

    Raises:
        InputError: It is such a config.
    """
    if not (is_fuser(cfg.model) or has_fuser(cfg.model)):
        raise InputError(
            f'{cfg.filename}: has no fuser; give a config of a fuser or a joint model.'
        )


def build_model(model: dict) -> nn.Module:
    """Build a model of its config, with a sentence for an unknown type."""
    _model_type(model)
    return MODELS.build(model)


def _model_type(model: dict) -> type:
    name = model['type']
    found = MODELS.get(name) if isinstance(name, str) else name
    if found is None:
        similar = difflib.get_close_matches(name, list(MODELS.module_dict), n=1)
        hint = f'did you mean {similar[0]}' if similar else 'is its module in custom_imports'
        raise InputError(f'model.type: there is no model {name}; {hint}?')
    return found


def require_matching_classes(cfg: Config, *parts: str) -> None:
    """Check that data agree in their classes, and that each head has an output for each class.

    Args:
        cfg: Config of a segmenter or a detector.
        parts: Which data: `train`, `val`, `test`.

    Raises:
        InputError: They name other classes or another order, `num_classes` of a head is another
            number, or a loss's `class_weight` has another length.
    """
    found = {}
    for part in parts:
        loader = cfg.get(f'{part}_dataloader')
        for dataset in unread_datasets(loader.dataset) if loader else ():
            if dataset.metainfo.get('classes'):
                found.setdefault(tuple(dataset.metainfo['classes']), part)
    if not found:
        return
    (classes, part), *others = found.items()
    for other, where in others:
        raise InputError(
            f'{where}_dataloader: names the classes {", ".join(other)}, but {part}_dataloader '
            f'{", ".join(classes)}; name the same ones in one order.'
        )
    for name in ('decode_head', 'auxiliary_head', 'detector'):
        heads = cfg.model.get(name) or []
        for head in heads if isinstance(heads, list | tuple) else [heads]:
            _require_classes(f'model.{name}', head, classes)


def _require_classes(name: str, head: Mapping, classes: Sequence[str]) -> None:
    if head.get('num_classes') != len(classes):
        raise InputError(
            f'{name}.num_classes: is {head.get("num_classes")}, but the data has '
            f'{len(classes)} classes ({", ".join(classes)}); make them agree.'
        )
    losses = head.get('loss_decode') or []
    for loss in losses if isinstance(losses, list | tuple) else [losses]:
        weights, outputs = loss.get('class_weight'), head.get('out_channels') or len(classes)
        if isinstance(weights, list | tuple) and len(weights) != outputs:
            raise InputError(
                f'{name}.loss_decode.class_weight: has {len(weights)} weights, but the data has '
                f'{len(classes)} classes ({", ".join(classes)}); give one for each.'
            )
