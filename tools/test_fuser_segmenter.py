"""Segment a test set with a trained joint model, evaluate it and write label maps."""

from arguments import config_parser, parse, run


def main():
    """Parse the command line and segment."""
    parser = config_parser(__doc__)
    parser.add_argument('checkpoint', metavar='CHECKPOINT', help='joint checkpoint')
    parser.add_argument(
        '--eval', nargs='+', default=(), metavar='METRIC', dest='metrics', help='mIoU, mDice, ...'
    )
    parser.add_argument('--show-dir', metavar='D', help='for painted label maps')
    parser.add_argument(
        '--opacity', type=float, default=1.0, metavar='X', help='of the paint over the fused image'
    )
    parser.add_argument(
        '--aug-test', action='store_true', help='average over scales and mirror images'
    )
    parser.add_argument('--out', metavar='F.pkl', help='file for all label maps')
    args = parse(parser)
    from mmseg_bffr.apis import segment_dataset

    segment_dataset(**vars(args))


if __name__ == '__main__':
    run(main)
