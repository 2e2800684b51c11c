"""Joint training: the segmentation loss teaches the fuser. Also trains plain segmenters."""

from arguments import parse, run, training_parser


def main():
    """Parse the command line and train."""
    args = parse(training_parser(__doc__))
    from mmseg_bffr.apis import train

    train(**vars(args), warm_start=False)


if __name__ == '__main__':
    run(main)
