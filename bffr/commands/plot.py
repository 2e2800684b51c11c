"""Draw what trainings logged: a panel a key, a line a run; of losses, the smoothed values."""

import argparse

from bffr.commands.arguments import by_name, named_folder


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('out', metavar='OUT', help='image file to write, e.g. .png or .pdf')
    parser.add_argument(
        'runs',
        nargs='+',
        type=named_folder,
        metavar='NAME=WORK_DIR',
        help='resumed runs are joined',
    )
    parser.add_argument(
        '--keys',
        nargs='+',
        default=['loss', 'mIoU'],
        metavar='KEY',
        help='as in the logs, e.g. decode.loss_ce IoU.person (default: loss mIoU)',
    )
    return parser


def main(args: argparse.Namespace) -> None:
    runs = by_name(args.runs)
    from bffr.figures import draw_training_curves

    draw_training_curves(args.out, runs, args.keys)
