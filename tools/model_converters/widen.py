"""Make a TransFuser's weights those of one with twice the channels, which fuses the same.

For a larger model that goes on from what a smaller one has learned, as
configs/fuser/transfuser_content_1xb4-5k_msrs-roadscene-128x128.py does. The number of attention
heads stays.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))  # of tools/
from bffr.commands.run import run  # noqa: E402


def main():
    """Parse the command line and convert."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('config', metavar='CONFIG', help='config of a fuser or a joint model')
    parser.add_argument('checkpoint', metavar='CHECKPOINT', help='its checkpoint')
    parser.add_argument('out', metavar='OUT', help='weights of the larger fuser to write')
    args = parser.parse_args()
    from bffr.errors import InputError
    from mmseg_bffr.apis import init_model
    from mmseg_bffr.checkpoints import save_weights
    from mmseg_bffr.models import TransFuser
    from tools.model_converters.wide_weights import widen

    model = init_model(args.config, args.checkpoint, 'cpu')
    fuser = getattr(model, 'fuser', model)
    if not isinstance(fuser, TransFuser):
        raise InputError(f'{args.config}: its fuser is no TransFuser; only these are widened.')
    save_weights(args.out, widen(fuser.state_dict()))


if __name__ == '__main__':
    run(main)
