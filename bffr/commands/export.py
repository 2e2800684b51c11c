"""Write a model as an ONNX file, which ONNX Runtime and OpenVINO run without torch.

The file computes the fused image, the labels or the boxes from 8-bit images of any size. The
command compares it with the original, and writes it only if both agree.
"""

import argparse
import signal
import sys

from bffr.commands.configs import config_file
from bffr.errors import UsageError


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        'config',
        nargs='?',
        type=config_file,
        metavar='CONFIG',
        help='config of your model: a file, or a name that `bffr configs` lists',
    )
    parser.add_argument('checkpoint', nargs='?', metavar='CHECKPOINT', help='checkpoint of CONFIG')
    parser.add_argument(
        '--model',
        metavar='NAME',
        help='instead of CONFIG and CHECKPOINT: name of a model of the zoo',
    )
    parser.add_argument('--out', required=True, metavar='DIR', help='new folder to write')
    parser.add_argument(
        '--engine',
        default='onnxruntime',
        choices=['onnxruntime', 'openvino'],
        help='what runs the file when it is compared with the original (default: onnxruntime)',
    )
    parser.add_argument(
        '--precision',
        default='fp32',
        choices=['fp32', 'fp16', 'bf16', 'int8'],
        help='number format that the file computes in (default: fp32)',
    )
    parser.add_argument(
        '--what',
        default='fuse',
        choices=['fuse', 'fuse+segment', 'fuse+detect'],
        help='what the file computes: only fused images (the default), or also labels or boxes',
    )
    parser.add_argument(
        '--whole',
        action='store_true',
        help='segment whole images at their own size, even if CONFIG uses windows or resizes '
        'images',
    )
    pairs = parser.add_argument_group(
        'calibration', 'Pairs for --precision int8. Use some that the model was trained on.'
    )
    pairs.add_argument('--vis', metavar='DIR', help='folder of visible images')
    pairs.add_argument('--ir', metavar='DIR', help='folder of infrared images')
    pairs.add_argument('--split', metavar='F', help='file with the stems to use (default: all)')
    return parser


def main(args: argparse.Namespace) -> None:
    if (args.model is None) != (args.checkpoint is not None) or (args.model and args.config):
        raise UsageError('give CONFIG and CHECKPOINT, or --model NAME')
    if (args.vis is None) != (args.ir is None) or (args.split and not args.vis):
        raise UsageError('give --vis and --ir, and --split only with them')
    from bffr.with_torch import with_torch

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what is half made goes
    options = vars(args)
    vis, ir = options.pop('vis'), options.pop('ir')
    with_torch('apis').export(**options, calibration=vis and (vis, ir))
