"""Check all images, labels and boxes of a config, and list what is wrong.

The exit status is 1 if something is wrong.
"""

import argparse

from bffr.commands.arguments import CFG_OPTIONS, count
from bffr.commands.configs import CONFIG_HELP, config_file


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config', type=config_file, metavar='CONFIG', help=CONFIG_HELP)
    parser.add_argument(
        '--workers', type=count, metavar='N', help='number of threads (default: one for each core)'
    )
    parser.add_argument('--cfg-options', **CFG_OPTIONS, help='change values of the config')
    return parser


def main(args: argparse.Namespace) -> None:
    from bffr.with_torch import with_torch

    with_torch('apis').check_data(args.config, cfg_options=args.cfg_options, workers=args.workers)
