"""Draw curves of trainings from their logs: a panel for each key, a line for each run.

Losses are smoothed.
"""

import argparse

from bffr.commands.arguments import by_name, named_folder


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('out', metavar='OUT', help='image file to write, such as .png or .pdf')
    parser.add_argument(
        'runs',
        nargs='+',
        type=named_folder,
        metavar='NAME=WORK_DIR',
        help='name of a training in the plot, and its work dir; a resumed training is one line',
    )
    parser.add_argument(
        '--keys',
        nargs='+',
        default=['loss', 'mIoU'],
        metavar='KEY',
        help='what to draw, by the names in the logs, such as IoU.person (default: loss mIoU)',
    )
    return parser


def main(args: argparse.Namespace) -> None:
    runs = by_name(args.runs)
    from bffr.figures import draw_training_curves

    draw_training_curves(args.out, runs, args.keys)
