"""Write a trained model as two small files for inference: OUT_DIR/config.py, OUT_DIR/weights.pth.

Weights become 16-bit floats, without optimizer; the config stands alone. This makes what ships, and
enters it in the zoo's list:
python tools/model_converters/publish.py CONFIG CHECKPOINT mmseg_bffr/zoo/NAME
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))  # of tools/
from bffr_cli.run import run  # noqa: E402


def main():
    """Parse the command line and publish."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('config', metavar='CONFIG', help='config of a fuser or a joint model')
    parser.add_argument('checkpoint', metavar='CHECKPOINT', help='its checkpoint')
    parser.add_argument('out_dir', metavar='OUT_DIR', help='folder to write to')
    args = parser.parse_args()
    from tools.model_converters.published_model import publish

    for path in publish(args.config, args.checkpoint, args.out_dir):
        print(f'{path}: {path.stat().st_size / 1e6:.2f} MB')


if __name__ == '__main__':
    run(main)
