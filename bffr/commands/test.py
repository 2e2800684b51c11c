"""Test a trained segmenter or detector on a test set: measure it, and write pictures."""

import argparse

from bffr.commands.arguments import config_parser, take
from bffr.errors import UsageError


def make_parser() -> argparse.ArgumentParser:
    parser = config_parser(__doc__)
    parser.add_argument('checkpoint', metavar='CHECKPOINT', help='checkpoint of the config')
    parser.add_argument(
        '--eval',
        nargs='+',
        default=(),
        metavar='METRIC',
        dest='metrics',
        help='metrics: mIoU, mDice or mFscore; for a detector bbox',
    )
    parser.add_argument(
        '--confusion', metavar='F', help='file to write the confusion matrix to: .csv, .png or .pdf'
    )
    parser.add_argument(
        '--show-dir',
        metavar='D',
        help='folder to write label maps in colours to, or images with boxes',
    )
    parser.add_argument(
        '--opacity',
        type=float,
        default=1.0,
        metavar='X',
        help='opacity of the colours over the fused image, 0 to 1 (default: 1)',
    )
    parser.add_argument(
        '--aug-test',
        action='store_true',
        help='average the predictions over scales and mirror images',
    )
    parser.add_argument('--out', metavar='F.pkl', help='file to write all label maps to')
    return parser


def main(args: argparse.Namespace) -> None:
    from bffr.with_torch import with_torch

    apis = with_torch('apis')
    run = take(args, apis.RunOptions)
    options = vars(args)
    if not with_torch('apis.config').is_of_detector(args.config, run.cfg_options):
        apis.segment_dataset(run=run, **options)
        return
    defaults = vars(make_parser().parse_args([args.config, args.checkpoint]))
    for name in ('confusion', 'opacity', 'aug_test', 'out'):
        if options.pop(name) != defaults[name]:
            raise UsageError(
                f'--{name.replace("_", "-")} is for label maps, which a detector does not make'
            )
    apis.detect_dataset(run=run, **options)
