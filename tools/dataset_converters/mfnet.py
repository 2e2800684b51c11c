"""Convert MFNet's original distribution to OUT/{vis,ir,labels}/NAME.png and split files.

SRC holds images/ (4-channel PNGs: RGB and thermal), labels/ and train.txt, val.txt, test.txt.
Start an interrupted conversion again to go on with it.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))  # of tools/
from bffr.commands.run import run  # noqa: E402


def parse_args():
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('src', metavar='SRC', help="MFNet's folder")
    parser.add_argument('out', metavar='OUT', help='folder to write to')
    parser.add_argument(
        '--flip',
        action='store_true',
        help='also write each training pair mirrored, as NAME_flip, and list it in train.txt '
        '(redundant beside the random flip of the training pipeline)',
    )
    return parser.parse_args()


def main():
    """Convert and say how many pairs each split has."""
    args = parse_args()
    from tools.dataset_converters.mfnet_conversion import convert_mfnet

    counts = convert_mfnet(args.src, args.out, args.flip)
    print(f'{args.out}: ' + ', '.join(f'{split} {count}' for split, count in counts.items()))


if __name__ == '__main__':
    run(main)
