"""Write a trained model as two small files to share: OUT_DIR/config.py, OUT_DIR/weights.pth.

The weights become 16-bit floats and lose the optimizer. The config needs no other file.
"""

import argparse

from bffr.commands.configs import CONFIG_HELP, config_file


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config', type=config_file, metavar='CONFIG', help=CONFIG_HELP)
    parser.add_argument('checkpoint', metavar='CHECKPOINT', help='checkpoint of the config')
    parser.add_argument('out_dir', metavar='OUT_DIR', help='folder to write to')
    return parser


def main(args: argparse.Namespace) -> None:
    from bffr.with_torch import with_torch

    publish = with_torch('apis.publish').publish
    for path in publish(args.config, args.checkpoint, args.out_dir):
        print(f'{path}: {path.stat().st_size / 1e6:.2f} MB')
