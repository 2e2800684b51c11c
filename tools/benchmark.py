"""Measure the time and memory of fusing, segmenting, training or loading pairs."""

import argparse

from arguments import parse, run


def main():
    """Parse the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config', metavar='CONFIG', help='config file')
    parser.add_argument('--checkpoint', metavar='F', help='default: random weights')
    parser.add_argument(
        '--shape',
        dest='sides',
        nargs='+',
        type=int,
        default=[480, 640],
        metavar='H W',
        help='size of the pairs, or several sizes (default: 480 640)',
    )
    parser.add_argument(
        '--batch',
        dest='batches',
        nargs='+',
        type=int,
        default=[1],
        metavar='N',
        help='pairs at a time, or several numbers of them (default: 1)',
    )
    parser.add_argument(
        '--mode', choices=['fuse', 'segment', 'train', 'data'], default='fuse', help='what to do'
    )
    parser.add_argument('--rounds', type=int, default=5, metavar='N', help='default: 5')
    parser.add_argument('--device', metavar='D', help='cpu or cuda:N (default: cuda, if any)')
    parser.add_argument('--json', metavar='F', help='write the result to F')
    parser.add_argument('--plot', metavar='F', help='draw cost against size, batch (.png, .pdf)')
    parser.add_argument(
        '--cfg-options', nargs='+', default=(), metavar='KEY=VALUE', help='override the config'
    )
    args = parse(parser)
    sides = args.sides
    if len(sides) % 2 or min(*sides, *args.batches, args.rounds) < 1:
        parser.error('--shape takes pairs of H W; sizes, --batch and --rounds are at least 1')
    from mmseg_bffr.benchmark import run_benchmark

    options = {key: value for key, value in vars(args).items() if key != 'sides'}
    run_benchmark(shapes=list(zip(sides[::2], sides[1::2], strict=True)), **options)


if __name__ == '__main__':
    run(main)
