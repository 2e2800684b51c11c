"""Which model fuses: the options, and what loads the one that they name."""

import argparse
from collections.abc import Callable
from functools import partial
from typing import Any

from bffr_cli.configs import config_file

CONFIG = 'transfuser_segformer_mit-b0_preavgfuser6'


def add_model_choice(parser: argparse.ArgumentParser) -> None:
    """Add what `model_loader` takes; without any of them, it is the default of the zoo."""
    parser.add_argument(
        '--config', type=config_file, metavar='C', help=f'default with --checkpoint: {CONFIG}'
    )
    by = parser.add_mutually_exclusive_group()
    by.add_argument('--model', metavar='NAME', help='of the zoo (default: default)')
    by.add_argument('--checkpoint', metavar='F', help='a checkpoint of your own')
    by.add_argument('--runtime', metavar='DIR', help='an exported model, which a CPU runs')
    by.add_argument(
        '--method',
        choices=['average', 'max', 'laplacian', 'exposure'],
        help='fuse by a classical rule instead of a network; by default without a stretch',
    )


def model_loader(args: argparse.Namespace, device: str | None) -> Callable[[], Any]:
    """What loads the model: a network on a device, an exported model, or the name of a method.

    Raises:
        ArgumentError: The options contradict one another.
    """
    if args.method and args.seg:
        raise argparse.ArgumentError(None, '--seg needs a network, not --method')
    if args.config and not args.checkpoint:
        raise argparse.ArgumentError(None, '--config needs the --checkpoint that belongs to it')
    if args.method:
        return lambda: args.method
    if args.runtime:
        from bffr_runtime import load

        return partial(load, args.runtime)
    from mmseg_bffr.apis import init_model

    config = args.config or (config_file(CONFIG) if args.checkpoint else None)
    return partial(init_model, config, args.checkpoint, device, args.model)
