"""List the configs that come with the package, or copy them to a folder where you can edit them."""

import argparse
import shutil
from pathlib import Path

from bffr.errors import InputError

_ROOT = Path(__file__).parents[2]
_INSTALLED = _ROOT / 'mmseg_bffr/.mim/configs'
FOLDER = _INSTALLED if _INSTALLED.is_dir() else _ROOT / 'configs'
"""Of the configs, in an installed package or in a checkout."""

CONFIG_HELP = 'config file, or the name of one that `bffr configs` lists'


def shipped_configs() -> dict[str, Path]:
    """Name -> file of the configs that come with the package, without those that they are made of.

    A name is that of the file, without suffix.
    """
    return {path.stem: path for path in sorted(FOLDER.glob('[!_]*/*.py'))}


def config_file(text: str) -> str:
    """The path of a config, a type for `add_argument`.

    Args:
        text: A path, or the name of a shipped config, or its path as the documentation has it,
            `configs/...`.
    """
    if Path(text).is_file():
        return text
    shipped = shipped_configs()
    shipped |= {path.relative_to(FOLDER.parent).as_posix(): path for path in shipped.values()}
    return str(shipped.get(text, text))


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--copy', metavar='DIR', help='new folder to copy them to')
    return parser


def main(args: argparse.Namespace) -> None:
    """List, or copy."""
    if not args.copy:
        lines = (
            f'{name}\n    {path.read_text(encoding="utf-8").splitlines()[0].lstrip("# ")}'
            for name, path in shipped_configs().items()
        )
        print('\n'.join(lines))
        return
    try:
        shutil.copytree(FOLDER, args.copy, ignore=shutil.ignore_patterns('__pycache__'))
    except OSError as error:
        raise InputError(
            f'{args.copy}: cannot be made ({error.strerror}); name a new folder.'
        ) from None
