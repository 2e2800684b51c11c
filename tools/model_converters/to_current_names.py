"""Convert a checkpoint to this project's names, weights only.

Takes the authors' mmcv-1.x files and mit_b0.pth in the SegFormer authors' format. Not needed to use
them, as they are converted whenever they are loaded; good for sharing a small file.
"""

import argparse
import sys


def main():
    """Parse the command line and convert."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('src', metavar='SRC', help='checkpoint to read')
    parser.add_argument('out', metavar='OUT', help='checkpoint to write')
    args = parser.parse_args()
    from mmseg_bffr.checkpoints import load_from_file, save_weights
    from mmseg_bffr.errors import InputError

    try:
        weights = load_from_file(args.src, map_location='cpu')['state_dict']
        save_weights(args.out, weights)
    except InputError as error:
        sys.exit(f'error: {error}')
    print(f'{args.out}: {len(weights)} tensors')


if __name__ == '__main__':
    main()
