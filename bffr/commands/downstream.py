"""Compare fusion methods by the same segmenter, trained on the images of each.

Started again after a stop, it skips what is finished and goes on with the rest.
"""

import argparse

from bffr.commands.arguments import CFG_OPTIONS, by_name, named_folder
from bffr.commands.configs import config_file
from bffr.errors import UsageError


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, epilog='docs/downstream.md has the protocol.'
    )
    parser.add_argument(
        '--fused',
        nargs='+',
        required=True,
        type=named_folder,
        metavar='NAME=DIR',
        help='images of each method, of all training and test pairs; VIS,IR: pairs, unfused',
    )
    parser.add_argument(
        '--data',
        required=True,
        type=config_file,
        metavar='CONFIG',
        help='config of the segmenter, such as segformer_mit-b0_1xb4-1k_msrs-96x128, or a file',
    )
    parser.add_argument(
        '--seeds',
        nargs='+',
        type=int,
        default=[0],
        metavar='N',
        help='seeds of the trainings (default: 0)',
    )
    parser.add_argument('--out', required=True, metavar='F.csv|F.md', help='table to write')
    parser.add_argument(
        '--lists',
        nargs='+',
        default=[],
        type=named_folder,
        metavar='PART=FILE',
        help='report these parts of the test set, too (default: day and night, where all names '
        'end in D or N)',
    )
    parser.add_argument(
        '--work-dir', default='work_dirs/downstream', metavar='D', help='folder for the runs'
    )
    parser.add_argument(
        '--devices',
        nargs='+',
        metavar='D',
        help='cpu or cuda:N; one process each (default: all CUDA devices, or else the CPU)',
    )
    parser.add_argument(
        '--cfg-options', **CFG_OPTIONS, help='override the config, which makes another recipe'
    )
    return parser


def main(args: argparse.Namespace) -> None:
    args.fused = by_name(args.fused)
    args.lists = by_name(args.lists)
    if len(set(args.seeds)) < len(args.seeds):
        raise UsageError('--seeds: each counts once')
    from bffr.with_torch import with_torch

    with_torch('apis').downstream(**vars(args))
