"""Train a fuser alone, such as in the warm start, where it learns to imitate the average image."""

from arguments import parse, run, training_parser


def main():
    """Parse the command line and train."""
    args = parse(training_parser(__doc__))
    from mmseg_bffr.apis import train

    train(**vars(args), warm_start=True)


if __name__ == '__main__':
    run(main)
