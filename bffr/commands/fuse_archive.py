"""Fuse many pairs, in two folders or tar files, on a Ray cluster or all cores of this machine.

After a stop, start it again: it continues with the pairs that have no result. The variable
RAY_ADDRESS names the cluster. Folders and files are paths, or URLs such as s3://bucket/folder.
"""

import argparse

from bffr.commands.arguments import count
from bffr.commands.fuse_arguments import (
    add_align,
    add_finds,
    add_model_choice,
    add_raw_infrared,
    add_reading,
    fuse_options,
    model_loader,
)
from bffr.errors import UsageError, require_installed


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--vis', metavar='DIR', help='folder of visible images')
    parser.add_argument(
        '--ir', metavar='DIR', help='folder of infrared images, named as the visible ones'
    )
    parser.add_argument(
        '--shards',
        nargs='+',
        metavar='TAR',
        help="instead of --vis and --ir: tar files in WebDataset's form, with KEY.vis.png (.jpg, "
        '...) beside KEY.ir.png; the results of each go to a folder',
    )
    parser.add_argument('--out', required=True, metavar='DIR', help='folder to write to')
    add_finds(parser)
    parser.add_argument(
        '--stretch', choices=['none', 'image'], help='see `bffr fuse` (default: image)'
    )
    add_align(parser)
    add_reading(parser)
    add_raw_infrared(parser)
    add_model_choice(parser)
    cluster = parser.add_argument_group('cluster')
    cluster.add_argument(
        '--workers',
        type=count,
        metavar='N',
        help='number of processes, each with a model (default: as many as there is room for)',
    )
    cluster.add_argument(
        '--cpus', type=float, default=1, metavar='N', help='cores of each process (default: 1)'
    )
    cluster.add_argument(
        '--gpus',
        type=float,
        default=0,
        metavar='N',
        help='GPUs of each process, or a share of one, such as 0.5 (default: 0, the CPU)',
    )
    return parser


def main(args: argparse.Namespace) -> None:
    if (args.vis is None) != (args.ir is None) or (args.vis is None) == (args.shards is None):
        raise UsageError('give --vis and --ir, or --shards')
    load_model, options = model_loader(args), fuse_options(args)
    require_installed('ray', extra='ray')
    from bffr.fusing.fuse_archive import folder_sources, fuse_archive, shard_sources

    if args.shards:
        sources = shard_sources(args.shards)
    else:
        sources = folder_sources(args.vis, args.ir, args.out)
    cluster = dict(workers=args.workers, cpus=args.cpus, gpus=args.gpus)
    fuse_archive(load_model, sources, args.out, options, **cluster)
