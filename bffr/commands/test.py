"""Segment a test set with a trained joint model, evaluate it and write label maps."""

import argparse

from bffr.commands.arguments import config_parser, take


def make_parser() -> argparse.ArgumentParser:
    parser = config_parser(__doc__)
    parser.add_argument('checkpoint', metavar='CHECKPOINT', help='checkpoint of joint training')
    parser.add_argument(
        '--eval',
        nargs='+',
        default=(),
        metavar='METRIC',
        dest='metrics',
        help='metrics: mIoU, mDice, ...',
    )
    parser.add_argument(
        '--confusion', metavar='F', help='file for the confusion matrix: .csv, .png or .pdf'
    )
    parser.add_argument('--show-dir', metavar='D', help='folder for painted label maps')
    parser.add_argument(
        '--opacity',
        type=float,
        default=1.0,
        metavar='X',
        help='opacity of the paint over the fused image, 0 to 1 (default: 1)',
    )
    parser.add_argument(
        '--aug-test',
        action='store_true',
        help='average the predictions over scales and mirror images',
    )
    parser.add_argument('--out', metavar='F.pkl', help='file for all label maps')
    return parser


def main(args: argparse.Namespace) -> None:
    from bffr.with_torch import with_torch

    apis = with_torch('apis')
    run = take(args, apis.RunOptions)
    apis.segment_dataset(run=run, **vars(args))
