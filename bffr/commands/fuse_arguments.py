"""The options of fusing, which several commands share: which model, files, raw infrared, rig."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from dataclasses import fields
from functools import partial
from typing import TYPE_CHECKING

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
        help='of the zoo (default: default), a folder of `bffr export`, or average, max, '
        'laplacian, exposure',
    )
    model.add_argument('--checkpoint', metavar='F', help='a checkpoint of your own, by torch')
    model.add_argument(
        '--config', type=config_file, metavar='C', help=f'of the checkpoint (default: {CONFIG})'
    )
    model.add_argument(
        '--engine',
        choices=['onnxruntime', 'openvino', 'torch'],
        help='of exported models (default: onnxruntime), or torch for those of the zoo',
    )
    model.add_argument(
        '--device',
        metavar='D',
        help='of the engine: cpu, cuda:N, ... (default: cpu; of torch cuda, if any)',
    )
    model.add_argument('--threads', type=int, metavar='N', help='on a CPU (default: one a core)')


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
    sources = 'image(s), video, camera (0, /dev/video1) or URL (rtsp://, http://)'
    parser.add_argument('--vis', metavar='SOURCE', help=f'visible {sources}')
    parser.add_argument('--ir', metavar='SOURCE', help=f'infrared {sources}')
    parser.add_argument(
        '--flir',
        metavar='FILE|DIR',
        help='instead of the two: radiometric JPEG(s) of FLIR, with a photo and temperatures',
    )
    parser.add_argument(
        '--out',
        required=True,
        metavar='FILE|DIR',
        help='.png, folder, or .mp4, .mkv, .mov, .avi, .ts',
    )
    parser.add_argument('--seg', action='store_true', help='also write NAME_labels.png (.mp4, ...)')
    parser.add_argument(
        '--keep-going',
        action='store_true',
        help='report a pair or frame that fails and skip it (a frame: repeat the one before); the '
        'exit status is then still 1',
    )
    parser.add_argument(
        '--skip-existing',
        action='store_true',
        help='of folders: pass by pairs whose results are all there, whatever they were made with',
    )
    parser.add_argument(
        '--shard',
        type=shard,
        default=(1, 1),
        metavar='I/N',
        help='of folders: fuse every N-th pair from the I-th on; 1/N to N/N together fuse all',
    )
    parser.add_argument(
        '--stretch',
        choices=['none', 'image', 'sequence'],
        help="range that becomes 0..255: none keeps the network's, image takes each image's own, "
        'sequence one that keeps the brightness of frames steady (default: image; of videos '
        'and live sources sequence)',
    )
    parser.add_argument(
        '--show', action='store_true', help='show videos and live sources in a window, too'
    )
    parser.add_argument(
        '--track',
        action='store_true',
        help='of videos and live sources, with --align: follow cameras that drift slowly',
    )
    parser.add_argument(
        '--sheet',
        action='store_true',
        help='also write all side by side, NAME_sheet.png; not of videos',
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
        help='fuse at the times of the visible frames (default), of the infrared ones, or R times '
        'a second; each takes the frames nearest in time',
    )
    video.add_argument(
        '--offset',
        type=float,
        default=0.0,
        metavar='SECONDS',
        help='how much later the infrared video starts (default: 0)',
    )
    video.add_argument(
        '--codec',
        choices=['h264', 'mpeg4', 'mjpeg', 'ffv1'],
        help='of the result; ffv1, in .mkv or .avi, is lossless (default: h264, in .avi mjpeg)',
    )
    video.add_argument(
        '--crf', type=int, metavar='N', help='of h264: 0, the best, to 51 (default: 18)'
    )
    add_raw_infrared(parser).add_argument(
        '--ir-scope',
        choices=['pair', 'sequence'],
        help='whose percentiles (default: sequence of folders and videos)',
    )


def add_raw_infrared(parser: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    """Add the options for infrared that is not 8 bit; returns their group."""
    raw = parser.add_argument_group('raw infrared', '8-bit images stay as they are without these')
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
        help='the same as percentiles (default: 1 99 of what is not 8 bit)',
    )
    raw.add_argument(
        '--ir-black-hot', action='store_true', help='what is hot is black: invert the image'
    )
    raw.add_argument(
        '--ir-clahe',
        type=float,
        metavar='LIMIT',
        help="raise local contrast, OpenCV's CLAHE, e.g. 2",
    )
    raw.add_argument(
        '--ir-hot-pixels',
        choices=['keep', 'remove'],
        help='single pixels far beyond all neighbours (default: remove, of what is scaled)',
    )
    raw.add_argument(
        '--ir-nodata',
        type=float,
        metavar='V',
        help='raw value that means that there is none: not counted, not fused; what a file '
        'declares, and NaN, needs no option',
    )
    raw.add_argument(
        '--ir-palette',
        choices=PALETTES,
        metavar='NAME',
        help=f'colours of 8-bit images, which become brightness: {", ".join(PALETTES)}',
    )
    return raw


def add_reading(parser: argparse.ArgumentParser) -> None:
    """Add the options for files that can be read in several ways."""
    parser.add_argument(
        '--vis-range',
        nargs=2,
        type=float,
        metavar=('LOW', 'HIGH'),
        help='visible values that become 0 and 255, e.g. 0 4095 of 12 bits (default: the whole '
        'range of the type)',
    )
    parser.add_argument(
        '--page', type=int, metavar='N', help='of TIFFs of several pages (default: the largest)'
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


def add_align(parser: argparse.ArgumentParser) -> None:
    """Add the options for pairs that are not aligned."""
    parser.add_argument(
        '--align', metavar='rig.json', help='how the two cameras stand, from `bffr align`'
    )
    parser.add_argument(
        '--crop',
        choices=['overlap', 'visible'],
        default='visible',
        help='with --align: keep what both cameras see, or all of the visible image (default)',
    )


def add_pair_by(parser: argparse.ArgumentParser) -> None:
    """Add the option for folders whose images are not named alike."""
    parser.add_argument(
        '--pair-by',
        nargs='+',
        metavar=('order|time|PATTERN', 'PATTERN'),
        help='pair the images of folders by their order, by the time that EXIF data or names say, '
        "or by two patterns, such as 'NAMEv' 'NAMEi' for 1800v.bmp and 1800i.bmp (default: by "
        'equal names, or names that end in _W or _V and _T)',
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
    from bffr.rigs.rig import Rig

    if args.seg and args.model in RULES:
        raise UsageError(f'--seg needs a model with classes, and {args.model} is a rule')
    if args.crop == 'overlap' and not args.align:
        raise UsageError('--crop overlap needs --align')
    if getattr(args, 'track', False) and not args.align:
        raise UsageError('--track needs --align')
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
    given['align'] = Rig.read(args.align, args.crop) if args.align else None
    return FuseOptions(**given)
