"""Train a model of the zoo from its recipe, and write weights, exported model and numbers.

After a stop, start it again: it skips what is finished and continues with the rest.
"""

import argparse
from pathlib import Path

from bffr.commands.configs import FOLDER

_RECIPES = FOLDER / 'zoo'


def make_parser() -> argparse.ArgumentParser:
    known = ', '.join(sorted(folder.name for folder in _RECIPES.iterdir()))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('recipe', metavar='NAME|DIR', help=f'{known}, or a folder of configs')
    parser.add_argument(
        '--seed', type=int, required=True, metavar='N', help='random seed of all phases'
    )
    parser.add_argument(
        '--work-dir',
        default='work_dirs/zoo',
        metavar='D',
        help='folder for the runs (default: work_dirs/zoo)',
    )
    parser.add_argument('--device', metavar='D', help='where to run: cpu or cuda:N')
    return parser


def main(args: argparse.Namespace) -> None:
    from bffr.with_torch import with_torch

    if not Path(args.recipe).is_dir() and (_RECIPES / args.recipe).is_dir():
        args.recipe = _RECIPES / args.recipe
    with_torch('apis.train_zoo').train_zoo(**vars(args))
