"""Draw what trainings logged: a panel a key, a line a run; of losses, the smoothed values."""

import argparse

from arguments import by_name, named_folder, parse, run


def main():
    """Parse the command line and draw."""
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
    args = parse(parser)
    runs = by_name(parser, args.runs)
    from mmseg_bffr.visualization import draw_training_curves

    draw_training_curves(args.out, runs, args.keys)


if __name__ == '__main__':
    run(main)
