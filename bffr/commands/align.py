"""Find how the two cameras of a rig stand to one another, by points or by edges in both images.

The file that it writes is for `--align` of the commands that fuse; the picture beside it shows
whether it is right.
"""

import argparse
import sys

from bffr.commands.fuse_arguments import add_pair_by


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        '--vis', required=True, metavar='SOURCE', help='visible image(s) or video of the rig'
    )
    parser.add_argument(
        '--ir', required=True, metavar='SOURCE', help='infrared image(s) or video of the rig'
    )
    add_pair_by(parser)
    by = parser.add_mutually_exclusive_group(required=True)
    by.add_argument(
        '--points',
        metavar='P.csv',
        help='columns vis_x,vis_y,ir_x,ir_y: the same points in both images, in pixels, of one '
        'pair or of several',
    )
    by.add_argument(
        '--checkerboard',
        nargs=2,
        type=int,
        metavar=('COLUMNS', 'ROWS'),
        help='inner corners of a board that both cameras see, in one pair or in several',
    )
    by.add_argument(
        '--auto',
        action='store_true',
        help='compare the edges of one or many pairs; where they do not tell surely, nothing is '
        'written and the exit status is 3',
    )
    parser.add_argument(
        '--matcher',
        default='edges',
        metavar='edges|FILE',
        help='with --auto: what tells about where the images meet: edges, or the matches of '
        'another tool, a CSV file as of --points; many may be wrong (default: edges)',
    )
    parser.add_argument(
        '--model',
        choices=['similarity', 'affine', 'homography'],
        help='takes at least 2, 3 or 4 points; more are fitted robustly (default: similarity; of '
        'boards and two lenses, how the cameras stand in space)',
    )
    for end, camera in (('vis', 'visible'), ('ir', 'infrared')):
        parser.add_argument(
            f'--{end}-lens',
            metavar='FILE[:CAMERA]',
            help=f'how the lens of the {camera} camera bends: a YAML file of OpenCV, Kalibr or ROS',
        )
    parser.add_argument(
        '--calibrate',
        choices=['pinhole', 'fisheye', 'none'],
        help='with --checkerboard: the kind of lens to find, of each camera without a file '
        '(default: pinhole, if there are 6 boards or more and they tell)',
    )
    parser.add_argument(
        '--square',
        type=float,
        default=1.0,
        metavar='SIDE',
        help='with --checkerboard: side of a square, in the unit of --distance (default: 1)',
    )
    parser.add_argument(
        '--distance',
        type=float,
        metavar='D',
        help='with --checkerboard and two lenses: how far away is what will lie on itself, or inf '
        "(default: the boards' distance)",
    )
    parser.add_argument('--out', required=True, metavar='rig.json')
    return parser


def main(args: argparse.Namespace) -> None:
    from bffr.align_cameras import align_cameras
    from bffr.rigs.automatic import UncertainError

    del args.auto  # is what is done without points and a board
    try:
        align_cameras(**vars(args))
    except UncertainError as error:
        print(f'error: {error}', file=sys.stderr)
        sys.exit(3)
