"""Compare fusion methods: train the same segmenter or detector on the images of each.

After a stop, start it again: it skips what is finished and continues with the rest.
"""

import argparse

from bffr.commands.arguments import CFG_OPTIONS, by_name, named_folder
from bffr.commands.configs import config_file
from bffr.errors import UsageError


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, epilog='docs/downstream.md explains the protocol.'
    )
    parser.add_argument(
        '--fused',
        nargs='+',
        required=True,
        type=named_folder,
        metavar='NAME=DIR',
        help='each method and the folder of its images of all training and test pairs; DIR may be '
        'VIS,IR for both images without fusion',
    )
    parser.add_argument(
        '--data',
        required=True,
        type=config_file,
        metavar='CONFIG',
        help='config of the segmenter or detector: a name, such as '
        'segformer_mit-b0_1xb4-1k_msrs-96x128, or a file',
    )
    parser.add_argument(
        '--task',
        choices=('segmentation', 'detection'),
        default='segmentation',
        help='what the config is for (default: segmentation)',
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
        help='split files of parts of the test set to report, too (default: day and night, if all '
        'names end in D or N)',
    )
    parser.add_argument(
        '--boxes',
        nargs='+',
        default=[],
        type=named_folder,
        metavar='NAME=FILE',
        help='other sets of boxes to test the detectors with, too',
    )
    parser.add_argument(
        '--work-dir',
        default='work_dirs/downstream',
        metavar='D',
        help='folder for the runs (default: work_dirs/downstream)',
    )
    parser.add_argument(
        '--devices',
        nargs='+',
        metavar='D',
        help='where to run: cpu or cuda:N, one process on each (default: all GPUs, or else the '
        'CPU)',
    )
    parser.add_argument(
        '--cfg-options',
        **CFG_OPTIONS,
        help='change values of the config; the table then names another recipe',
    )
    return parser


def main(args: argparse.Namespace) -> None:
    args.fused = by_name(args.fused)
    args.lists = by_name(args.lists)
    args.boxes = by_name(args.boxes)
    if len(set(args.seeds)) < len(args.seeds):
        raise UsageError('--seeds: a seed is given twice; name each once')
    from bffr.with_torch import with_torch

    with_torch('apis').downstream(**vars(args))
