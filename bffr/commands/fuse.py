"""Fuse a pair of images, two folders of pairs, two videos or two live sources, of any size.

The images of two folders are paired by stem. A fused video keeps size, frame rate and length.
Cameras and streams are fused until Ctrl-C is pressed.
"""

import argparse

from bffr.commands.fuse_arguments import (
    add_fuse_options,
    add_model_choice,
    fuse_options,
    model_loader,
)


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    add_fuse_options(parser)
    add_model_choice(parser)
    return parser


def main(args: argparse.Namespace) -> None:
    from bffr.fusing.fuse_files import fuse_files

    load_model, options = model_loader(args), fuse_options(args)
    fuse_files(load_model(), args.vis, args.ir, args.out, options)
