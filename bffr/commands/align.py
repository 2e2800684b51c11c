"""Find how to move infrared images onto visible ones, from points, checkerboards or edges.

This writes a rig file for `--align` of the commands that fuse, and a picture beside it. Look at the
picture: in it, both cameras show the same things at the same places.
"""

import argparse
import sys

from bffr.commands.fuse_arguments import add_pair_by


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    for end, camera in (('vis', 'visible'), ('ir', 'infrared')):
        parser.add_argument(
            f'--{end}',
            required=True,
            metavar='SOURCE',
            help=f'{camera} image(s), video, camera or URL of the rig, as of `bffr fuse`',
        )
    add_pair_by(parser)
    by = parser.add_mutually_exclusive_group(required=True)
    by.add_argument(
        '--points',
        metavar='P.csv',
        help='file of points that you see in both images, one in each line, in pixels, with the '
        'columns vis_x,vis_y,ir_x,ir_y',
    )
    by.add_argument(
        '--checkerboard',
        nargs=2,
        type=int,
        metavar=('COLUMNS', 'ROWS'),
        help='numbers of inner corners of a checkerboard that both cameras see, in one pair of '
        'images or more',
    )
    by.add_argument(
        '--auto',
        action='store_true',
        help='find it automatically, from the edges in one pair or more; if the result is not '
        'sure, nothing is written, and the exit status is 3',
    )
    parser.add_argument(
        '--matcher',
        default='edges',
        metavar='edges|xfeat|FILE',
        help='with --auto: what finds matching points: edges (the default); xfeat, a network '
        '(needs the extra match); or a file with matches of another tool, in the form of '
        '--points, of which many may be wrong',
    )
    parser.add_argument(
        '--model',
        choices=['similarity', 'affine', 'homography'],
        help='what may differ between the images: similarity (the default) is shift, rotation and '
        'size, from 2 points; affine is also shear, from 3; homography is also perspective, from '
        '4. With boards and two lenses, the default is the position of the cameras in space',
    )
    for end, camera in (('vis', 'visible'), ('ir', 'infrared')):
        parser.add_argument(
            f'--{end}-lens',
            metavar='FILE[:CAMERA]',
            help=f'calibration of the lens of the {camera} camera: a YAML file of OpenCV, Kalibr '
            'or ROS',
        )
    parser.add_argument(
        '--calibrate',
        choices=['pinhole', 'fisheye', 'none'],
        help='with --checkerboard: calibrate lenses of this kind, for cameras without a lens file '
        '(default: pinhole, if there are 6 boards or more, and they suffice)',
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
        help='with --checkerboard and two lenses: the distance at which the images should meet, '
        "or inf (default: the boards' distance)",
    )
    parser.add_argument('--out', required=True, metavar='rig.json', help='rig file to write')
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
