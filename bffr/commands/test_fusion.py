"""Fuse a test set, or two folders, with a trained fuser, write the images and measure them."""

import argparse

from bffr.commands.arguments import config_parser, take
from bffr.commands.fuse_arguments import add_align


def make_parser() -> argparse.ArgumentParser:
    parser = config_parser(__doc__)
    parser.add_argument(
        'checkpoint', metavar='CHECKPOINT', help='checkpoint of a fuser or of joint training'
    )
    parser.add_argument(
        '--show-dir',
        metavar='D',
        help='folder to write NAME.png to (default: WORK_DIR/test_result)',
    )
    parser.add_argument('--vis-dir', metavar='D', help='fuse this folder of visible images ...')
    parser.add_argument('--ir-dir', metavar='D', help='... with this folder of infrared images')
    add_align(parser)
    parser.add_argument(
        '--eval',
        nargs='+',
        default=(),
        metavar='METRIC',
        dest='metrics',
        help='metrics, such as EN SD VIF',
    )
    parser.add_argument(
        '--out', metavar='F', help='file to write the metrics to: .json, .csv, .md or .tex'
    )
    parser.add_argument(
        '--no-stretch',
        action='store_true',
        help='save values as they are; by default each image is stretched to its full range',
    )
    return parser


def main(args: argparse.Namespace) -> None:
    from bffr.with_torch import with_torch

    apis = with_torch('apis')
    run = take(args, apis.RunOptions)
    apis.fuse_dataset(run=run, **vars(args))
