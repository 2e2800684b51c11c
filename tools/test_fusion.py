"""Fuse a test set, or two folders, with a trained fuser, and write the fused images."""

from arguments import config_parser, parse, run


def main():
    """Parse the command line and fuse."""
    parser = config_parser(__doc__)
    parser.add_argument('checkpoint', metavar='CHECKPOINT', help="a fuser's or joint checkpoint")
    parser.add_argument(
        '--show-dir', metavar='D', help='for NAME.png (default: WORK_DIR/test_result)'
    )
    parser.add_argument('--vis-dir', metavar='D', help='fuse this folder of visible images ...')
    parser.add_argument('--ir-dir', metavar='D', help='... with this folder of infrared images')
    parser.add_argument(
        '--eval', nargs='+', default=(), metavar='METRIC', dest='metrics', help='e.g. EN SD VIF'
    )
    parser.add_argument('--out', metavar='F', help='.json or .csv file for the metrics')
    parser.add_argument(
        '--no-stretch', action='store_true', help="keep the network's range of grey levels"
    )
    args = parse(parser)
    from mmseg_bffr.apis import fuse_dataset

    fuse_dataset(**vars(args))


if __name__ == '__main__':
    run(main)
