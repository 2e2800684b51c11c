"""The options that commands share."""

import argparse
import re
from collections.abc import Sequence
from typing import TypeVar

from bffr.commands.configs import CONFIG_HELP, config_file
from bffr.errors import UsageError

Options = TypeVar('Options')
Value = TypeVar('Value')

CFG_OPTIONS = dict(nargs='+', default=(), metavar='KEY=VALUE')


def config_parser(description: str) -> argparse.ArgumentParser:
    """A parser with CONFIG and the options that every command with a config has."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument('config', type=config_file, metavar='CONFIG', help=CONFIG_HELP)
    parser.add_argument(
        '--work-dir',
        metavar='D',
        help='folder for logs and results (default: work_dirs/<config name>; in tests, the '
        "checkpoint's folder)",
    )
    device = parser.add_mutually_exclusive_group()
    device.add_argument(
        '--gpu-id', type=int, metavar='N', help='run on CUDA device N, if there is one'
    )
    device.add_argument('--device', metavar='D', help='where to run: cpu or cuda:N')
    parser.add_argument(
        '--cfg-options',
        **CFG_OPTIONS,
        help='change values of the config, such as train_dataloader.batch_size=2; write lists as '
        'key="[a,b]" or key=a,b',
    )
    parser.add_argument(
        '--launcher',
        choices=['none', 'pytorch', 'slurm', 'mpi'],
        help='what starts the processes, if there are several',
    )
    return parser


def training_parser(description: str) -> argparse.ArgumentParser:
    """The parser of both training phases."""
    parser = config_parser(description)
    start = parser.add_mutually_exclusive_group()
    start.add_argument('--load-from', metavar='F', help='start from the weights in this checkpoint')
    start.add_argument(
        '--resume-from', metavar='F', help='continue the training that wrote this checkpoint'
    )
    used = parser.add_mutually_exclusive_group()
    used.add_argument(
        '--auto-resume',
        action='store_true',
        help='continue from the latest checkpoint in the work dir; if there is none, start a new '
        'training',
    )
    used.add_argument(
        '--overwrite', action='store_true', help='first delete the training in the work dir'
    )
    parser.add_argument(
        '--no-validate',
        action='store_true',
        help='do not validate, and do not fuse images, during training',
    )
    parser.add_argument('--seed', type=int, metavar='N', help='random seed')
    parser.add_argument(
        '--deterministic', action='store_true', help='use only deterministic algorithms'
    )
    parser.add_argument('--amp', action='store_true', help='train in mixed precision')
    return parser


def take(args: argparse.Namespace, options: type[Options]) -> Options:
    """Make a dataclass of the parsed arguments that are its fields, and take them out."""
    from dataclasses import fields

    return options(**{field.name: vars(args).pop(field.name) for field in fields(options)})


def count(text: str) -> int:
    """Read a number of things, 1 or more, a type for `add_argument`."""
    if not re.fullmatch(r'0*[1-9]\d{0,8}', text):
        raise argparse.ArgumentTypeError(f'{text!r} is not a whole number above 0')
    return int(text)


def named_folder(text: str) -> tuple[str, str]:
    """Split NAME=DIR, a type for `add_argument`."""
    name, equals, folder = text.partition('=')
    if not (name and equals and all(folder.split(','))):
        raise argparse.ArgumentTypeError(f'{text!r} is not NAME=DIR')
    return name, folder


def by_name(pairs: Sequence[tuple[str, Value]]) -> dict[str, Value]:
    """Make a dict of (name, value) pairs.

    Raises:
        UsageError: A name is given twice.
    """
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(f'{name!r} is given twice; each needs a name of its own')
    return dict(pairs)
