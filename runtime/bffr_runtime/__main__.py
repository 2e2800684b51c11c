"""`bffr-runtime`, which is `python -m bffr_runtime`, too: fuses without torch."""

import argparse
import sys

from tqdm import tqdm

from bffr_runtime.command_line import add_fuse_options, fuse_options
from bffr_runtime.errors import InputError
from bffr_runtime.exported_model import load
from bffr_runtime.fuse_files import fuse_files
from bffr_runtime.version import __version__


def make_parser() -> argparse.ArgumentParser:
    """The parser of the command line."""
    parser = argparse.ArgumentParser(
        'bffr-runtime', description='Infrared-visible image fusion by exported models.'
    )
    parser.add_argument('--version', action='version', version=__version__)
    commands = parser.add_subparsers(required=True, metavar='COMMAND')
    what = 'fuse a pair of images, two folders of pairs, two videos or two live sources'
    fuse = commands.add_parser('fuse', help=what, description=f'{what}.'.capitalize())
    fuse.add_argument('--model', required=True, metavar='DIR', help='what `bffr export` wrote')
    add_fuse_options(fuse)
    return parser


def main() -> None:
    """Fuse; a user's mistake ends it with one sentence and exit status 1."""
    args = make_parser().parse_args()
    try:
        fuse_files(load(args.model), args.vis, args.ir, args.out, fuse_options(args))
    except InputError as error:
        tqdm.write(f'error: {error}', file=sys.stderr)
        sys.exit(1)


if __name__ == '__main__':
    main()
