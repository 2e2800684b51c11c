"""Exporting a model to run without torch: what `tools/export.py` does."""

import copy
import math
import os
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from torch import nn

import bffr_runtime
from bffr_runtime.load_pair import load_pair
from bffr_runtime.pairs import match_stems
from mmseg_bffr.apis.config import require_fuser
from mmseg_bffr.apis.inference import fuse, init_model, require_segmenter, segment
from mmseg_bffr.apis.zoo import sha256, zoo_model
from mmseg_bffr.datasets.dataset_configs import base_datasets
from mmseg_bffr.datasets.splits import read_split
from mmseg_bffr.deploy import PairToImage, structured_pair, write_onnx, write_openvino
from mmseg_bffr.deploy.fewer_passes import fold_layer_norms
from mmseg_bffr.errors import InputError
from mmseg_bffr.models.color import CHANNEL_ORDER

_WRITERS = {'onnx': write_onnx, 'openvino': write_openvino}

TOLERANCES = {
    ('onnx', 'fp32'): (1, 0, 0.9999),
    ('onnx', 'fp16'): (255, 50, 0.999),
    ('onnx', 'int8'): (255, 40, 0.98),
    ('openvino', 'fp32'): (1, 0, 0.9999),
    ('openvino', 'bf16'): (255, 45, 0.995),
    ('openvino', 'int8'): (255, 40, 0.98),
}
"""(format, precision) -> largest difference in grey levels, lowest PSNR in dB of a fused image, and
lowest share of pixels with the same label, against `fuse` and `segment`."""


def export(
    config: str | os.PathLike | None,
    checkpoint: str | os.PathLike | None,
    out: str | os.PathLike,
    file_format: str,
    *,
    model: str | None = None,
    precision: str = 'fp32',
    what: str = 'fuse',
    whole: bool = False,
    calibration: tuple[str | os.PathLike, str | os.PathLike] | None = None,
    split: str | os.PathLike | None = None,
) -> None:
    """Write a model for ONNX Runtime or OpenVINO, and compare it with the original.

    Args:
        config, checkpoint, model: See `init_model`; a config needs its checkpoint.
        out: A new folder, for `bffr_runtime.load`. It appears once all is well, or not at all.
        file_format: `onnx` or `openvino`.
        precision: `fp32`; `fp16` for ONNX; for OpenVINO `bf16`: weights stay float32, and CPUs that
            can compute in bfloat16; `int8`: convolutions do, see `quantise`.
        what: `fuse`, or `fuse+segment` for labels, too.
        whole: Segment whole images at their own size even if the config does not.
        calibration: For `int8`, folders of visible and infrared images of the same stems, of which
            up to 32, evenly spread, are run.
        split: File with the stems to take of them; None: all.

    Raises:
        InputError: As `init_model`; the engine cannot do this or is not installed, the config
            segments otherwise than whole, `out` exists, calibration pairs are missing or given for
            another precision, or results differ beyond `TOLERANCES`.
    """
    tolerance = TOLERANCES.get((file_format, precision))
    if tolerance is None:
        known = ', '.join(p for f, p in TOLERANCES if f == file_format)
        raise InputError(
            f'--precision {precision}: with --format {file_format} there is {known} only.'
        )
    if (precision == 'int8') != (calibration is not None):
        raise InputError('--precision int8, and no other, needs --vis and --ir to calibrate with.')
    pairs = calibration and _calibration_pairs(*calibration, split)
    out = Path(out).absolute()
    if out.is_file() or (out.is_dir() and any(out.iterdir())):
        raise InputError(f'{out}: is there already; remove it or choose another folder.')
    if config is None:
        config, checkpoint = zoo_model(model)
    built = init_model(config, checkpoint, 'cpu').requires_grad_(False)
    require_fuser(built.cfg)
    segments = what == 'fuse+segment'
    if segments:
        require_segmenter(built)
        _segment_whole(built, whole)
    metadata = dict(
        outputs=['fused', 'unclamped', 'labels'][: 2 + segments],
        min_size=built.min_size if segments else getattr(built, 'fuser', built).min_size,
        precision=precision,
        channel_order=CHANNEL_ORDER,
        classes=list(built.dataset_meta['classes']),
        palette=[list(colour) for colour in built.dataset_meta['palette']],
        version=bffr_runtime.__version__,
        checkpoint_sha256=sha256(Path(checkpoint)),
    )
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=out.parent, prefix=f'.{out.name}.') as temporary:
            folder = Path(temporary, out.name)
            folder.mkdir()
            written = fold_layer_norms(copy.deepcopy(built))
            written = written.half() if precision == 'fp16' else written
            module = PairToImage(written, segments).eval()
            _WRITERS[file_format](module, folder, metadata, pairs)
            _compare(built, bffr_runtime.load(folder), tolerance)
            folder.rename(out)
    except OSError as error:
        raise InputError(f'{out}: cannot be written ({error.strerror}).') from None


def _calibration_pairs(
    vis: str | os.PathLike, ir: str | os.PathLike, split: str | os.PathLike | None
) -> list[tuple[np.ndarray, np.ndarray]]:
    matched = match_stems(vis, ir, stems=split and read_split(split))
    spread = matched[:: math.ceil(len(matched) / _CALIBRATION_PAIRS)]
    loaded = (load_pair(visible, infrared) for _, visible, infrared in spread)
    return [tuple(map(np.ascontiguousarray, (pair[..., :3], pair[..., 3]))) for pair in loaded]


_CALIBRATION_PAIRS = 32


def _segment_whole(model: nn.Module, whole: bool) -> None:
    """Let `segment` take the whole image at its own size if `whole` allows to change that."""
    dataset = next(base_datasets(model.cfg.test_dataloader.dataset))
    plain = [step for step in dataset.pipeline if step['type'] in _PLAIN_STEPS]
    if not whole and (model.test_cfg.mode != 'whole' or plain != dataset.pipeline):
        raise InputError(
            f'{model.cfg.filename}: segments in windows or resized images, which an exported model '
            f'does not; with --whole it segments whole images at their own size.'
        )
    model.test_cfg.mode = 'whole'
    dataset.pipeline = plain


_PLAIN_STEPS = ('LoadPair', 'LoadLabels', 'PackSegInputs')


def _compare(
    model: nn.Module, exported: bffr_runtime.ExportedModel, tolerance: tuple[float, float, float]
) -> None:
    """Print the largest difference to the original, and raise if it is beyond a tolerance."""
    least = exported.metadata['min_size']
    levels, decibels, agreement = 0, math.inf, []
    for size in ((least, least), (least + 1, least + 14), (75, 101), (161, 120), (480, 640)):
        pair = structured_pair(*size)
        for stretch in (True, False):
            difference = np.abs(
                exported.fuse(*pair, stretch).astype(int) - fuse(model, *pair, stretch)
            )
            levels = max(levels, difference.max())
            error = (difference**2).mean()
            decibels = min(decibels, 10 * math.log10(255**2 / error) if error else math.inf)
        if 'labels' in exported.metadata['outputs']:
            agreement.append(exported.segment(*pair) == segment(model, *pair))
    labels = np.concatenate([same.ravel() for same in agreement]).mean() if agreement else 1.0
    same_labels = f', same labels {labels:.3%}' if agreement else ''
    print(
        f'largest difference to torch: {levels} grey level(s), PSNR {decibels:.1f} dB{same_labels}'
    )
    most, least_decibels, least_labels = tolerance
    if levels > most or decibels < least_decibels or labels < least_labels:
        raise InputError(
            f'The exported model differs from the original by more than '
            f'{exported.metadata["precision"]} may, see docs/deploy.md, and is not written.'
        )
