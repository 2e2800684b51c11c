"""Fuse a pair of images, two folders of pairs or two videos, of any size.

The images of two folders are paired by stem. A fused video keeps size, frame rate and length.
"""

import argparse

from bffr_cli.arguments import add_align, add_pair_by
from bffr_cli.configs import config_file

CONFIG = 'transfuser_segformer_mit-b0_preavgfuser6'


def make_parser() -> argparse.ArgumentParser:
    """The parser of this command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        '--vis', required=True, metavar='FILE|DIR', help='visible image(s) or video'
    )
    parser.add_argument(
        '--ir', required=True, metavar='FILE|DIR', help='infrared image(s) or video'
    )
    parser.add_argument(
        '--out', required=True, metavar='FILE|DIR', help='.png file, folder, .mp4 or .avi file'
    )
    parser.add_argument(
        '--config', type=config_file, metavar='C', help=f'default with --checkpoint: {CONFIG}'
    )
    by = parser.add_mutually_exclusive_group()
    by.add_argument('--model', metavar='NAME', help='of the zoo (default: default)')
    by.add_argument('--checkpoint', metavar='F', help='a checkpoint of your own')
    by.add_argument(
        '--method',
        choices=['average', 'max', 'laplacian', 'exposure'],
        help='fuse by a classical rule instead of a network',
    )
    parser.add_argument(
        '--seg', action='store_true', help='also write NAME_labels.png (.mp4, .avi)'
    )
    parser.add_argument(
        '--sheet',
        action='store_true',
        help='also write all side by side, NAME_sheet.png; not of videos',
    )
    parser.add_argument(
        '--keep-going',
        action='store_true',
        help='report a pair or frame that fails and skip it (a frame: repeat the one before); the '
        'exit status is then still 1',
    )
    parser.add_argument(
        '--stretch',
        choices=['none', 'image', 'sequence'],
        help="range that becomes 0..255: none keeps the network's, image takes each image's own, "
        'sequence one that keeps the brightness of frames steady (default: image; of videos '
        'sequence; of --method none)',
    )
    add_pair_by(parser)
    add_align(parser)
    raw = parser.add_argument_group('raw infrared', '8-bit images stay as they are without these')
    raw.add_argument(
        '--ir-range',
        nargs=2,
        type=float,
        metavar=('LOW', 'HIGH'),
        help='raw values that become 0 and 255',
    )
    raw.add_argument(
        '--ir-percentiles',
        nargs=2,
        type=float,
        metavar=('P', 'Q'),
        help='the same as percentiles (default: 1 99 of what is not 8 bit)',
    )
    raw.add_argument(
        '--ir-scope',
        choices=['pair', 'sequence'],
        help='whose percentiles (default: sequence of folders and videos)',
    )
    raw.add_argument(
        '--ir-black-hot', action='store_true', help='what is hot is black: invert the image'
    )
    raw.add_argument(
        '--ir-clahe',
        type=float,
        metavar='LIMIT',
        help="raise local contrast, OpenCV's CLAHE, e.g. 2",
    )
    parser.add_argument('--device', metavar='D', help='cpu or cuda:N (default: cuda, if any)')
    return parser


def main(args: argparse.Namespace) -> None:
    """Fuse."""
    if args.method and args.seg:
        raise argparse.ArgumentError(None, '--seg needs a network, not --method')
    if args.config and not args.checkpoint:
        raise argparse.ArgumentError(None, '--config needs the --checkpoint that belongs to it')
    from bffr_runtime import Rig
    from bffr_runtime.thermal import InfraredScale
    from mmseg_bffr.apis import fuse_files, init_model

    scale = InfraredScale(args.ir_range, args.ir_percentiles, args.ir_black_hot, args.ir_clahe)
    rig = Rig.read(args.align, args.crop) if args.align else None
    config = args.config or (config_file(CONFIG) if args.checkpoint else None)
    model = args.method or init_model(config, args.checkpoint, args.device, args.model)
    fuse_files(
        model,
        args.vis,
        args.ir,
        args.out,
        seg=args.seg,
        sheet=args.sheet,
        keep_going=args.keep_going,
        stretch=args.stretch,
        infrared=scale,
        ir_scope=args.ir_scope,
        align=rig,
        pair_by=args.pair_by,
    )
