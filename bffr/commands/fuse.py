"""Fuse a visible and an infrared image, or two folders, videos, cameras or streams.

    bffr fuse --vis visible.jpg --ir infrared.png --out fused.png

Both must show the same things at the same pixels; `bffr align` finds out how to move one onto the
other. Images of two folders are paired by name. Press Ctrl-C to stop cameras and streams.
"""

import argparse

from bffr.commands.fuse_arguments import (
    add_fuse_options,
    add_model_choice,
    fuse_options,
    model_loader,
)
from bffr.errors import UsageError


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    add_fuse_options(parser)
    add_model_choice(parser)
    return parser


def main(args: argparse.Namespace) -> None:
    if not (args.vis and args.ir) if args.flir is None else args.vis or args.ir:
        raise UsageError('give --vis and --ir, or --flir')
    if args.flir and (args.pair_by or args.vis_range or args.page):
        raise UsageError('--flir: leave out --pair-by, --vis-range and --page')
    load_model, options = model_loader(args), fuse_options(args)
    if args.flir is None:
        from bffr.fusing.fuse_files import fuse_files

        fuse_files(load_model(), args.vis, args.ir, args.out, options)
    else:
        from bffr.fusing.fuse_flir import fuse_flir

        fuse_flir(load_model(), args.flir, args.out, options)
