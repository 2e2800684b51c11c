"""Convert a checkpoint to this project's names, weights only.

It takes the authors' mmcv-1.x files, and mit_b0.pth in the SegFormer authors' format. You can use
them without conversion. Convert one to share a smaller file.
"""

import argparse

from bffr.commands.run import run


def main() -> None:
    """Parse the command line and convert."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('src', metavar='SRC', help='checkpoint to read')
    parser.add_argument('out', metavar='OUT', help='checkpoint to write')
    args = parser.parse_args()
    from mmseg_bffr.checkpoints import load_from_file, save_weights

    weights = load_from_file(args.src, map_location='cpu')['state_dict']
    save_weights(args.out, weights)
    print(f'{args.out}: {len(weights)} tensors')


if __name__ == '__main__':
    run(main)
