"""Draw a small synthetic data set: street scenes by day and night, visible, infrared, labels."""

import argparse
import sys
from pathlib import Path

from bffr.commands.run import run

sys.path.insert(0, str(Path(__file__).parents[2]))  # of demo/, which is not installed


def main() -> None:
    """Write the data set and say how many pairs each split has."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('out_dir', metavar='OUT_DIR', help='folder to write the data set to')
    parser.add_argument(
        '--pairs', type=int, default=48, help='number of pairs, at least 6 (default: 48)'
    )
    parser.add_argument(
        '--size',
        type=int,
        nargs=2,
        default=(96, 128),
        metavar=('H', 'W'),
        help='size of the images in pixels (default: 96 128)',
    )
    parser.add_argument(
        '--seed',
        type=int,
        default=0,
        help='random seed (default: 0); another seed draws other scenes',
    )
    args = parser.parse_args()
    from demo.synthetic.dataset import write_synthetic_dataset

    splits = write_synthetic_dataset(args.out_dir, args.pairs, tuple(args.size), args.seed)
    counts = ', '.join(f'{split} {len(names)}' for split, names in splits.items())
    print(f'{args.out_dir}: {counts}')


if __name__ == '__main__':
    run(main)
