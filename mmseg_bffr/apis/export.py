"""Exporting a model to run without torch."""

import copy
import json
import math
import os
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from torch import nn

from bffr.errors import InputError, UsageError
from bffr.images.matching import match_stems
from bffr.images.pair import read_pair
from bffr.images.splits import read_split
from bffr.models.engine import Boxes
from bffr.models.exported import FILE, METADATA, load_exported, sha256
from bffr.models.model import Model
from mmseg_bffr.apis.config import require_fuser
from mmseg_bffr.apis.inference import init_model
from mmseg_bffr.apis.torch_engine import as_model, describe
from mmseg_bffr.apis.zoo import zoo_model
from mmseg_bffr.datasets.dataset_configs import base_datasets
from mmseg_bffr.deploy import OPSET, PairToBoxes, PairToImage, quantise, structured_pair, write_onnx
from mmseg_bffr.deploy.fewer_passes import with_fewer_passes

TOLERANCES = {
    'fp32': (1, 0, 0.9999),
    'fp16': (255, 50, 0.999),
    'bf16': (255, 45, 0.995),
    'int8': (255, 40, 0.98),
}
"""Precision -> largest difference in grey levels, lowest PSNR in dB of a fused image, and lowest
share of pixels with the same label, against the original."""

_CALIBRATION_PAIRS = 32
_PLAIN_STEPS = ('LoadPair', 'LoadLabels', 'PackSegInputs', 'LoadBoxes', 'PackBoxes')
_FOUND = {'fuse+segment': 'labels', 'fuse+detect': 'boxes'}

Pairs = Sequence[tuple[np.ndarray, np.ndarray]]


def export(
    config: str | os.PathLike | None,
    checkpoint: str | os.PathLike | None,
    out: str | os.PathLike,
    *,
    model: str | None = None,
    precision: str = 'fp32',
    what: str = 'fuse',
    whole: bool = False,
    calibration: tuple[str | os.PathLike, str | os.PathLike] | None = None,
    split: str | os.PathLike | None = None,
    engine: str = 'onnxruntime',
) -> None:
    """Write a model as `model.onnx`, what is known of it as `model.json`, and compare both.

    Args:
        config, checkpoint, model: See `init_model`; a config needs its checkpoint.
        out: A new folder, for `bffr.load`. It appears once all is well, or not at all.
        precision: `fp32`; `fp16`; `bf16`: weights stay float32, and OpenVINO computes in bfloat16
            on CPUs that can; `int8`: convolutions do, see `quantise`.
        what: `fuse`, or `fuse+segment` for labels, too, or `fuse+detect` for boxes, of FCOS in
            `fp32`.
        whole: Segment whole images at their own size even if the config does not.
        calibration: For `int8`, folders of visible and infrared images of the same stems, of which
            up to 32, evenly spread, are run.
        split: File with the stems to take of them; None: all.
        engine: What runs the file to compare it with the original.

    Raises:
        InputError: As `init_model`; the engine is not installed, the config segments otherwise than
            whole, `out` exists, calibration pairs are missing or given for another precision, or
            results differ beyond `TOLERANCES`.
    """
    if (precision == 'int8') != (calibration is not None):
        raise UsageError('--vis and --ir are for --precision int8, which needs both.')
    if precision == 'bf16' and engine != 'openvino':
        raise UsageError('--precision bf16: only OpenVINO computes in it; add --engine openvino.')
    if whole and what == 'fuse':
        raise UsageError('--whole is for label maps; add --what fuse+segment, or leave it out.')
    if what == 'fuse+detect' and (precision != 'fp32' or engine != 'onnxruntime'):
        raise UsageError('--what fuse+detect is for --precision fp32 and --engine onnxruntime.')
    pairs = calibration and _calibration_pairs(*calibration, split)
    out = Path(out).absolute()
    if out.is_file() or (out.is_dir() and any(out.iterdir())):
        raise InputError(f'{out}: is there already; remove it or choose another folder.')
    if config is None:
        config, checkpoint = zoo_model(model)
    network = init_model(config, checkpoint, 'cpu').requires_grad_(False)
    require_fuser(network.cfg)
    found = _FOUND.get(what)
    original = as_model(network, found is not None)
    if found:
        original.require(found)
        _take_whole(network, whole)
    written = with_fewer_passes(copy.deepcopy(network))
    written = written.half() if precision == 'fp16' else written
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=out.parent, prefix=f'.{out.name}.') as temporary:
            folder = Path(temporary, out.name)
            folder.mkdir()
            quantised = precision == 'int8'
            module = (
                PairToBoxes(written)
                if found == 'boxes'
                else PairToImage(written, found == 'labels', quantised)
            )
            write_onnx(module.eval(), folder / FILE)
            known = describe(network, found is not None)
            if quantised:
                quantise(folder / FILE, pairs)
                known['tiles'] = []
            metadata = dict(
                known,
                precision=precision,
                opset=OPSET,
                checkpoint_sha256=sha256(Path(checkpoint)),
                model_sha256=sha256(folder / FILE),
            )
            (folder / METADATA).write_text(json.dumps(metadata, indent=1) + '\n')
            _compare(original, load_exported(folder, engine))
            folder.rename(out)
    except OSError as error:
        raise InputError(f'{out}: cannot be written ({error.strerror}).') from None


def _calibration_pairs(
    vis: str | os.PathLike, ir: str | os.PathLike, split: str | os.PathLike | None
) -> Pairs:
    matched = match_stems(vis, ir, stems=split and read_split(split))
    spread = matched[:: math.ceil(len(matched) / _CALIBRATION_PAIRS)]
    return [read_pair(visible, infrared)[:2] for _, visible, infrared in spread]


def _take_whole(network: nn.Module, whole: bool) -> None:
    """Let a network take the whole image at its own size if `whole` allows to change that."""
    dataset = next(base_datasets(network.cfg.test_dataloader.dataset))
    plain = [step for step in dataset.pipeline if step['type'] in _PLAIN_STEPS]
    windows = network.test_cfg.get('mode', 'whole') != 'whole'
    if not whole and (windows or plain != dataset.pipeline):
        raise InputError(
            f'{network.cfg.filename}: segments windows or resized images, which an exported '
            f'model cannot; add --whole to segment whole images at their own size.'
        )
    network.test_cfg.mode = 'whole'
    dataset.pipeline = plain


def _compare(original: Model, exported: Model) -> None:
    """Print the largest difference to the original, and raise if it is beyond a tolerance."""
    least, precision = exported.min_size, exported.metadata['precision']
    levels, decibels, agreement = 0, math.inf, []
    for size in ((least, least), (least + 1, least + 14), (75, 101), (161, 120), (480, 640)):
        pair = structured_pair(*size)
        for stretch in ('none', 'image'):
            images = (model.fuse(*pair, stretch=stretch) for model in (exported, original))
            difference = np.subtract(*(image.astype(int) for image in images))
            levels = max(levels, abs(difference).max())
            error = (difference**2).mean()
            decibels = min(decibels, 10 * math.log10(255**2 / error) if error else math.inf)
        if exported.finds == 'labels':
            agreement.append(exported.segment(*pair) == original.segment(*pair))
        if exported.finds == 'boxes':
            agreement.append(_found_again(original.detect(*pair), exported.detect(*pair)))
    same = np.concatenate([one.ravel() for one in agreement]) if agreement else np.array([])
    labels = same.mean() if same.size else 1.0
    kind = f'same {exported.finds} {labels:.3%}' if same.size else f'no {exported.finds} to compare'
    same_labels = f', {kind}' if agreement else ''
    print(
        f'largest difference from torch: {levels} grey level(s), PSNR {decibels:.1f} '
        f'dB{same_labels}'
    )
    most, least_decibels, least_labels = TOLERANCES[precision]
    if levels > most or decibels < least_decibels or labels < least_labels:
        raise InputError(
            f'The exported model differs from the original by more than {precision} allows, '
            f'see docs/deploy.md, and is not written.'
        )


def _found_again(expected: Boxes, found: Boxes) -> np.ndarray:
    """Which of the expected boxes are found with the same label, to a pixel and 0.01 of score.

    Of those whose score is 0.01 above the lowest: rounding decides which of the lowest are kept.
    """
    sure = expected.scores > expected.scores.min(initial=1) + 0.01
    far = np.abs(expected.boxes[sure, None] - found.boxes).max(-1) > 1
    other = expected.labels[sure, None] != found.labels
    unlike = np.abs(expected.scores[sure, None] - found.scores) > 0.01
    return ~(far | other | unlike).all(1)
