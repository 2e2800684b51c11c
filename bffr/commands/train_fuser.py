"""Train a fuser alone, as in the warm start, in which it learns to imitate the average image."""

import argparse

from bffr.commands.arguments import take, training_parser


def make_parser() -> argparse.ArgumentParser:
    return training_parser(__doc__)


def main(args: argparse.Namespace) -> None:
    from bffr.with_torch import with_torch

    apis = with_torch('apis')
    apis.train(args.config, take(args, apis.TrainingOptions), warm_start=True)
