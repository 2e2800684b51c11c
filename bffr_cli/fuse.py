"""Fuse a pair of images, two folders of pairs, two videos or two live sources, of any size.

The images of two folders are paired by stem. A fused video keeps size, frame rate and length.
Cameras and streams are fused until Ctrl-C is pressed.
"""

import argparse

from bffr_cli.configs import config_file

CONFIG = 'transfuser_segformer_mit-b0_preavgfuser6'


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
    parser.add_argument(
        '--config', type=config_file, metavar='C', help=f'default with --checkpoint: {CONFIG}'
    )
    by = parser.add_mutually_exclusive_group()
    by.add_argument('--model', metavar='NAME', help='of the zoo (default: default)')
    by.add_argument('--checkpoint', metavar='F', help='a checkpoint of your own')
    by.add_argument('--runtime', metavar='DIR', help='an exported model, which a CPU runs')
    by.add_argument(
        '--method',
        choices=['average', 'max', 'laplacian', 'exposure'],
        help='fuse by a classical rule instead of a network; by default without a stretch',
    )
    parser.add_argument('--device', metavar='D', help='cpu or cuda:N (default: cuda, if any)')
    return parser


def main(args: argparse.Namespace) -> None:
    """Fuse."""
    if args.method and args.seg:
        raise argparse.ArgumentError(None, '--seg needs a network, not --method')
    if args.config and not args.checkpoint:
        raise argparse.ArgumentError(None, '--config needs the --checkpoint that belongs to it')
    if args.runtime and args.device not in (None, 'cpu'):
        raise argparse.ArgumentError(None, '--runtime fuses on the CPU; leave out --device')
    from bffr_runtime import load
    from bffr_runtime.command_line import fuse_options
    from mmseg_bffr.apis import fuse_files, init_model
    from mmseg_bffr.visualization import save_sheet

    options = fuse_options(args)
    if args.sheet:
        options.sheet = save_sheet
    config = args.config or (config_file(CONFIG) if args.checkpoint else None)
    if args.runtime:
        model = load(args.runtime)
    else:
        model = args.method or init_model(config, args.checkpoint, args.device, args.model)
    fuse_files(model, args.vis, args.ir, args.out, options)
