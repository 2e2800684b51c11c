"""The options of fusing, which several commands share: which model, files, raw infrared, rig."""

from __future__ import annotations

import argparse
import math
import re
from collections.abc import Callable
from dataclasses import fields
from functools import partial
from typing import TYPE_CHECKING

from bffr.commands.arguments import count
from bffr.commands.configs import config_file
from bffr.errors import UsageError

if TYPE_CHECKING:
    from bffr.fusing.fuse_options import FuseOptions
    from bffr.models.model import Model

PALETTES = [
    *('autumn', 'bone', 'cividis', 'cool', 'deepgreen', 'hot', 'inferno', 'iron', 'jet', 'magma'),
    *('ocean', 'parula', 'pink', 'plasma', 'rainbow', 'spring', 'summer', 'turbo', 'viridis'),
    'winter',
]
CONFIG = 'transfuser_segformer_mit-b0_preavgfuser6'


def add_model_choice(parser: argparse.ArgumentParser) -> None:
    """Add what `model_loader` takes; without any of them, it is the default of the zoo."""
    model = parser.add_argument_group('model')
    model.add_argument(
        '--model',
        metavar='NAME|DIR|RULE',
        help='name of a model of the zoo (default: default), folder that `bffr export` wrote, or '
        'one of the rules average, max, laplacian, exposure',
    )
    model.add_argument('--checkpoint', metavar='F', help='your own checkpoint; needs torch')
    model.add_argument(
        '--config',
        type=config_file,
        metavar='C',
        help=f'config of the checkpoint (default: {CONFIG})',
    )
    model.add_argument(
        '--engine',
        choices=['onnxruntime', 'openvino', 'torch'],
        help='what runs the model: onnxruntime (the default) and openvino run exported models, '
        'torch models of the zoo and checkpoints',
    )
    model.add_argument(
        '--device',
        metavar='D',
        help='where the engine runs: cpu, cuda:N, ... (default: cpu; torch: cuda, if any)',
    )
    model.add_argument(
        '--threads', type=int, metavar='N', help='CPU threads (default: one for each core)'
    )


def model_loader(args: argparse.Namespace) -> Callable[[], Model]:
    """What loads the model that the options name.

    Raises:
        UsageError: The options contradict one another.
    """
    if args.config and not args.checkpoint:
        raise UsageError('--config needs the --checkpoint that belongs to it')
    if args.checkpoint and args.model:
        raise UsageError('--model and --checkpoint exclude one another')
    from bffr.models.loading import load

    model = (args.config or config_file(CONFIG)) if args.checkpoint else args.model
    chosen = dict(engine=args.engine, device=args.device, threads=args.threads)
    return partial(load, model, args.checkpoint, **chosen)


def add_fuse_options(parser: argparse.ArgumentParser) -> None:
    """Add files to fuse, and what `fuse_options` makes of the rest."""
    sources = 'image, folder, video, camera (0, /dev/video1) or URL (rtsp://, http://)'
    parser.add_argument('--vis', metavar='SOURCE', help=f'visible {sources}')
    parser.add_argument('--ir', metavar='SOURCE', help=f'infrared {sources}')
    parser.add_argument(
        '--flir',
        metavar='FILE|DIR',
        help='instead of --vis and --ir: radiometric JPEG of FLIR, which holds photo and '
        'temperatures, or a folder of them',
    )
    parser.add_argument(
        '--out',
        required=True,
        metavar='FILE|DIR',
        help='file to write (.png; .mp4, .mkv, .mov, .avi or .ts for videos), or a folder',
    )
    add_finds(parser)
    parser.add_argument(
        '--keep-going',
        action='store_true',
        help='if a pair fails, skip it; if a frame fails, repeat the one before; the exit status '
        'is then 1 at the end',
    )
    parser.add_argument(
        '--skip-existing',
        action='store_true',
        help='folders: skip pairs that already have their results, whichever options made them',
    )
    parser.add_argument(
        '--shard',
        type=shard,
        default=(1, 1),
        metavar='I/N',
        help='folders: fuse only part I of N, to share the work among several machines',
    )
    parser.add_argument(
        '--stretch',
        choices=['none', 'image', 'sequence'],
        help='use the full range from black to white in each image (image), use it with a steady '
        'brightness (sequence), or leave values as they are (none). Default: image; for videos and '
        'live sources sequence',
    )
    parser.add_argument(
        '--show', action='store_true', help='also show videos and live sources in a window'
    )
    parser.add_argument(
        '--track',
        action='store_true',
        help='videos and live sources, with --align: follow cameras that drift slowly',
    )
    parser.add_argument(
        '--parallax',
        choices=['rows', 'dense'],
        help='with --align, for cameras side by side: also undo the shifts of things nearer or '
        'farther away, one shift for each row (rows, for level ground) or for each place (dense); '
        'where edges contradict it, the visible image stays',
    )
    parser.add_argument(
        '--max-shift',
        type=float,
        metavar='PIXELS',
        help="with --parallax: largest shift, in visible pixels (default: a 50th of the overlap's "
        'width)',
    )
    parser.add_argument(
        '--sheet',
        action='store_true',
        help='images: also write NAME_sheet.png, sources and results side by side',
    )
    add_pair_by(parser)
    add_align(parser)
    add_reading(parser)
    video = parser.add_argument_group('videos')
    video.add_argument(
        '--rate',
        type=frame_rate,
        default='visible',
        metavar='visible|infrared|R',
        help='fuse at each visible frame (default), at each infrared frame, or R times a second, '
        'always the frames nearest in time',
    )
    video.add_argument(
        '--offset',
        type=seconds,
        default=0.0,
        metavar='SECONDS',
        help='how much later the infrared video starts (default: 0)',
    )
    video.add_argument(
        '--codec',
        choices=['h264', 'mpeg4', 'mjpeg', 'ffv1'],
        help='codec of the result (default: h264, in .avi mjpeg); ffv1, in .mkv, .avi or .mp4, is '
        'lossless',
    )
    video.add_argument(
        '--crf',
        type=int,
        metavar='N',
        help='quality of h264, from 0 (best) to 51 (default: 18)',
    )
    add_raw_infrared(parser).add_argument(
        '--ir-scope',
        choices=['pair', 'sequence'],
        help='take the percentiles of each pair, or of all images together (sequence, the default '
        'for folders and videos)',
    )


def add_finds(parser: argparse.ArgumentParser) -> None:
    """Add the options for what a model finds beside fusing."""
    found = parser.add_mutually_exclusive_group()
    found.add_argument(
        '--seg',
        action='store_true',
        help='also write what the model sees, in colours: NAME_labels.png (.mp4, ...)',
    )
    found.add_argument(
        '--boxes',
        action='store_true',
        help='also write NAME_boxes.png, with the boxes that a detector finds',
    )


def add_raw_infrared(parser: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    """Add the options for infrared that is not 8 bit; returns their group."""
    raw = parser.add_argument_group(
        'raw infrared', 'Without these options, 8-bit images stay as they are.'
    )
    values = raw.add_mutually_exclusive_group()
    values.add_argument(
        '--ir-range',
        nargs=2,
        type=float,
        metavar=('LOW', 'HIGH'),
        help='raw values that become 0 and 255',
    )
    values.add_argument(
        '--ir-percentiles',
        nargs=2,
        type=float,
        metavar=('P', 'Q'),
        help='percentiles that become 0 and 255 (default: 1 99; 8-bit images stay)',
    )
    raw.add_argument(
        '--ir-black-hot',
        action='store_true',
        help='invert images of a camera that shows hot things in black',
    )
    raw.add_argument(
        '--ir-clahe',
        type=float,
        metavar='LIMIT',
        help="raise the local contrast by OpenCV's CLAHE; 2 is usual",
    )
    raw.add_argument(
        '--ir-hot-pixels',
        choices=['keep', 'remove'],
        help='what to do with pixels far above or below all their neighbours (default: remove them '
        'from raw images)',
    )
    raw.add_argument(
        '--ir-nodata',
        type=float,
        metavar='V',
        help='raw value that means "no value"; such pixels are not fused. NaN and what a file '
        'declares need no option',
    )
    raw.add_argument(
        '--ir-palette',
        choices=PALETTES,
        metavar='NAME',
        help='turn the colours of 8-bit images back into brightness; the palette is one of: '
        f'{", ".join(PALETTES)}',
    )
    return raw


def add_reading(parser: argparse.ArgumentParser) -> None:
    """Add the options for files that can be read in several ways."""
    parser.add_argument(
        '--vis-range',
        nargs=2,
        type=float,
        metavar=('LOW', 'HIGH'),
        help='visible values that become 0 and 255, such as 0 4095 for 12 bits (default: all that '
        'the type holds)',
    )
    parser.add_argument(
        '--page',
        type=count,
        metavar='N',
        help='page to read of a TIFF with several (default: the largest)',
    )


def shard(text: str) -> tuple[int, int]:
    """Read I/N, a type for `add_argument`."""
    match = re.fullmatch(r'(\d+)/(\d+)', text)
    if not match or not 1 <= int(match[1]) <= int(match[2]):
        raise argparse.ArgumentTypeError(f'{text!r} is not I/N, with I from 1 to N')
    return int(match[1]), int(match[2])


def frame_rate(text: str) -> str | float:
    """Read visible, infrared or frames a second, a type for `add_argument`."""
    if text in ('visible', 'infrared'):
        return text
    try:
        rate = float(text)
    except ValueError:
        rate = 0
    if not 0 < rate <= 1000:
        raise argparse.ArgumentTypeError(f'{text!r} is not visible, infrared or 0 to 1000')
    return rate


def seconds(text: str) -> float:
    """Read a finite number, a type for `add_argument`."""
    value = float(text)
    if not math.isfinite(value):
        raise argparse.ArgumentTypeError(f'{text!r} is not a number of seconds')
    return value


def add_align(parser: argparse.ArgumentParser) -> None:
    """Add the options for pairs that are not aligned."""
    parser.add_argument(
        '--align',
        metavar='rig.json',
        help='move infrared onto visible by this file of `bffr align`',
    )
    parser.add_argument(
        '--crop',
        choices=['overlap', 'visible'],
        default='visible',
        help='with --align: keep only what both cameras see, or all of the visible image (default)',
    )


def add_pair_by(parser: argparse.ArgumentParser) -> None:
    """Add the option for folders whose images are not named alike."""
    parser.add_argument(
        '--pair-by',
        nargs='+',
        metavar=('order|time|PATTERN', 'PATTERN'),
        help='folders: pair images by their order, by the time in EXIF data or names, or by two '
        "patterns, such as 'NAMEv' 'NAMEi' for 1800v.bmp and 1800i.bmp (default: by equal names, "
        'or names that end in _W or _V and _T)',
    )


def fuse_options(args: argparse.Namespace) -> FuseOptions:
    """The options on a command line, which has at least those of `fuse-archive`.

    Raises:
        UsageError: They contradict one another.
        InputError: The rig file cannot be read.
    """
    from bffr.fusing.fuse_options import FuseOptions
    from bffr.images.thermal import InfraredScale
    from bffr.models.rules import RULES
    from bffr.rigs.parallax import Parallax
    from bffr.rigs.rig import Rig

    if args.seg and args.model in RULES:
        raise UsageError(f'--seg needs a model with classes, and {args.model} is a rule')
    if args.boxes and args.model in RULES:
        raise UsageError(f'--boxes needs a detector, and {args.model} is a rule')
    if args.crop == 'overlap' and not args.align:
        raise UsageError('--crop overlap needs --align')
    if getattr(args, 'track', False) and not args.align:
        raise UsageError('--track needs --align')
    kind, largest = (getattr(args, name, None) for name in ('parallax', 'max_shift'))
    if kind and not args.align:
        raise UsageError('--parallax needs --align')
    if largest is not None and not kind:
        raise UsageError('--max-shift needs --parallax')
    given = {
        field.name: getattr(args, field.name) for field in fields(FuseOptions) if field.name in args
    }
    infrared = InfraredScale(
        range=args.ir_range,
        percentiles=args.ir_percentiles,
        black_hot=args.ir_black_hot,
        clahe=args.ir_clahe,
        keep_hot_pixels=args.ir_hot_pixels == 'keep',
        nodata=args.ir_nodata,
        palette=args.ir_palette,
    )
    given['infrared'] = infrared if infrared != InfraredScale() else None
    parallax = Parallax(kind, largest) if kind else None
    given['align'] = Rig.read(args.align, args.crop, parallax) if args.align else None
    return FuseOptions(**given)
