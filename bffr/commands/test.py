"""Segment a test set with a trained joint model, evaluate it and write label maps."""

import argparse

from bffr.commands.arguments import config_parser, take


def make_parser() -> argparse.ArgumentParser:
    parser = config_parser(__doc__)
    parser.add_argument('checkpoint', metavar='CHECKPOINT', help='joint checkpoint')
    parser.add_argument(
        '--eval', nargs='+', default=(), metavar='METRIC', dest='metrics', help='mIoU, mDice, ...'
    )
    parser.add_argument(
        '--confusion', metavar='F', help='file for the confusion matrix: .csv, .png or .pdf'
    )
    parser.add_argument('--show-dir', metavar='D', help='for painted label maps')
    parser.add_argument(
        '--opacity', type=float, default=1.0, metavar='X', help='of the paint over the fused image'
    )
    parser.add_argument(
        '--aug-test', action='store_true', help='average over scales and mirror images'
    )
    parser.add_argument('--out', metavar='F.pkl', help='file for all label maps')
    return parser


def main(args: argparse.Namespace) -> None:
    from bffr.with_torch import with_torch

    apis = with_torch('apis')
    run = take(args, apis.RunOptions)
    apis.segment_dataset(run=run, **vars(args))
