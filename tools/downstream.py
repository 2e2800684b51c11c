"""Compare fusion methods by the same segmenter, trained on the images of each.

Started again after a stop, it skips what is finished and goes on with the rest.
"""

import argparse

from arguments import by_name, named_folder, parse, run


def main():
    """Parse the command line and compare."""
    parser = argparse.ArgumentParser(
        description=__doc__, epilog='docs/downstream.md has the protocol.'
    )
    parser.add_argument(
        '--fused',
        nargs='+',
        required=True,
        type=named_folder,
        metavar='NAME=DIR',
        help='images of each method, of all training and test pairs',
    )
    parser.add_argument(
        '--data',
        required=True,
        metavar='CONFIG',
        help='e.g. configs/segformer/segformer_mit-b0_fused_msrs.py',
    )
    parser.add_argument('--seeds', nargs='+', type=int, default=[0], metavar='N', help='default: 0')
    parser.add_argument('--out', required=True, metavar='F.csv|F.md', help='the table')
    parser.add_argument(
        '--lists',
        nargs='+',
        default=[],
        type=named_folder,
        metavar='PART=FILE',
        help='report these parts of the test set, too (default: day and night, where all names '
        'end in D or N)',
    )
    parser.add_argument('--work-dir', default='work_dirs/downstream', metavar='D', help='for runs')
    parser.add_argument(
        '--devices',
        nargs='+',
        metavar='D',
        help='cpu or cuda:N; one process each (default: all CUDA devices, or else the CPU)',
    )
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        default=(),
        metavar='KEY=VALUE',
        help='override the config, which makes another recipe',
    )
    args = parse(parser)
    args.fused = by_name(parser, args.fused)
    args.lists = by_name(parser, args.lists)
    if len(set(args.seeds)) < len(args.seeds):
        parser.error('--seeds: each counts once')
    from mmseg_bffr.apis import downstream

    downstream(**vars(args))


if __name__ == '__main__':
    run(main)
