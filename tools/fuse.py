"""Fuse a pair of images, or two folders of pairs, of any size."""

import argparse
from pathlib import Path

from arguments import parse, run

ROOT = Path(__file__).parents[1]
CONFIG = 'configs/fuser_segmenters/transfuser_segformer_mit-b0_preavgfuser6.py'


def main():
    """Parse the command line and fuse."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--vis', required=True, metavar='FILE|DIR', help='visible image(s)')
    parser.add_argument('--ir', required=True, metavar='FILE|DIR', help='infrared image(s)')
    parser.add_argument('--out', required=True, metavar='FILE|DIR', help='.png file, or folder')
    parser.add_argument('--config', metavar='C', help=f'default with --checkpoint: {CONFIG}')
    parser.add_argument('--checkpoint', metavar='F', help='default: the shipped model')
    parser.add_argument(
        '--method',
        choices=['average', 'max', 'laplacian', 'exposure'],
        help='fuse by a classical rule instead of a network',
    )
    parser.add_argument('--seg', action='store_true', help='also write NAME_labels.png')
    parser.add_argument(
        '--sheet', action='store_true', help='also write all side by side, NAME_sheet.png'
    )
    parser.add_argument('--device', default='cpu', metavar='D', help='cpu (default) or cuda:N')
    args = parse(parser)
    if args.method and args.seg:
        parser.error('--seg needs a network, not --method')
    if args.config and not args.checkpoint:
        parser.error('--config needs the --checkpoint that belongs to it')
    from mmseg_bffr.apis import fuse_files, init_model

    config = args.config or (ROOT / CONFIG if args.checkpoint else None)
    model = args.method or init_model(config, args.checkpoint, args.device)
    fuse_files(model, args.vis, args.ir, args.out, args.seg, args.sheet)


if __name__ == '__main__':
    run(main)
