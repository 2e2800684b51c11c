"""Find how the two cameras of a rig stand to one another, from points in both images.

The file that it writes is for `--align` of the commands that fuse.
"""

import argparse

from bffr_cli.arguments import add_pair_by


def make_parser() -> argparse.ArgumentParser:
    """The parser of this command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        '--vis', required=True, metavar='FILE|DIR', help='visible image(s) of the rig'
    )
    parser.add_argument(
        '--ir', required=True, metavar='FILE|DIR', help='infrared image(s) of the rig'
    )
    add_pair_by(parser)
    parser.add_argument(
        '--points',
        required=True,
        metavar='P.csv',
        help='columns vis_x,vis_y,ir_x,ir_y: the same points in both images, in pixels, of one '
        'pair or of several',
    )
    parser.add_argument(
        '--model',
        choices=['similarity', 'affine', 'homography'],
        default='similarity',
        help='takes at least 2, 3 or 4 points; more are fitted robustly (default: similarity)',
    )
    parser.add_argument('--out', required=True, metavar='rig.json')
    return parser


def main(args: argparse.Namespace) -> None:
    """Align."""
    from mmseg_bffr.apis import align

    align(**vars(args))
