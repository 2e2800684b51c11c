"""Fuse a pair of images, two folders of pairs, two videos or two live sources, of any size.

The images of two folders are paired by stem. A fused video keeps size, frame rate and length.
Cameras and streams are fused until Ctrl-C is pressed.
"""

import argparse

from bffr_cli.model_choice import add_model_choice, model_loader


def make_parser() -> argparse.ArgumentParser:
    """The parser of this command."""
    from bffr_runtime.command_line import add_fuse_options

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_fuse_options(parser)
    parser.add_argument(
        '--sheet',
        action='store_true',
        help='also write all side by side, NAME_sheet.png; not of videos',
    )
    add_model_choice(parser)
    parser.add_argument('--device', metavar='D', help='cpu or cuda:N (default: cuda, if any)')
    return parser


def main(args: argparse.Namespace) -> None:
    """Fuse."""
    if args.runtime and args.device not in (None, 'cpu'):
        raise argparse.ArgumentError(None, '--runtime fuses on the CPU; leave out --device')
    load_model = model_loader(args, args.device)
    from bffr_runtime.command_line import fuse_options
    from mmseg_bffr.apis import fuse_files
    from mmseg_bffr.visualization import save_sheet

    options = fuse_options(args)
    if args.sheet:
        options.sheet = save_sheet
    fuse_files(load_model(), args.vis, args.ir, args.out, options)
