"""Train a fuser and a segmenter or detector jointly, or a segmenter or detector alone."""

import argparse

from bffr.commands.arguments import take, training_parser


def make_parser() -> argparse.ArgumentParser:
    return training_parser(__doc__)


def main(args: argparse.Namespace) -> None:
    from bffr.with_torch import with_torch

    apis = with_torch('apis')
    apis.train(args.config, take(args, apis.TrainingOptions), warm_start=False)
