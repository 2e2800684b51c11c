"""Writing models as files for ONNX Runtime and OpenVINO."""

import json
import logging
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch
from mmengine.logging import print_log

from bffr_runtime.exported_model import METADATA_KEY
from mmseg_bffr.deploy.fewer_passes import join_gates
from mmseg_bffr.deploy.pair_to_image import PairToImage
from mmseg_bffr.deploy.quantising import quantise
from mmseg_bffr.deploy.structured_pairs import structured_pair
from mmseg_bffr.errors import require_installed

Pairs = Iterable[tuple[np.ndarray, np.ndarray]]


def write_onnx(
    module: PairToImage, folder: Path, metadata: dict, calibration: Pairs | None = None
) -> str:
    """Write `model.onnx`, for every height and width that the model takes.

    Args:
        module: What to write, in eval mode.
        folder: Where.
        metadata: Of `ExportedModel`.
        calibration: Pairs to quantise with, see `quantise`; None: no quantisation.

    Returns:
        str: All metadata as JSON, which the file holds, too.

    Raises:
        InputError: onnx or onnxscript or, to quantise, nncf or onnxruntime is not installed.
    """
    require_installed('onnx', 'onnxscript', extra='onnx')
    if calibration is not None:
        require_installed('nncf', 'onnxruntime', extra='int8')
    logging.getLogger('onnxscript').setLevel(logging.ERROR)  # constants that it does not fold
    visible, infrared = map(torch.from_numpy, structured_pair(96, 130))
    dynamic = {0: torch.export.Dim.DYNAMIC, 1: torch.export.Dim.DYNAMIC}
    program = torch.onnx.export(
        module,
        (visible, infrared, torch.tensor(True)),
        input_names=['visible', 'infrared', 'stretch'],
        output_names=metadata['outputs'],
        dynamic_shapes=(dynamic, dynamic, {}),
        dynamo=True,
        verbose=False,
    )
    program.model = join_gates(program.model)
    text = json.dumps(metadata)
    program.model.metadata_props[METADATA_KEY] = text
    program.save(folder / 'model.onnx')
    if calibration is not None:
        quantise(folder / 'model.onnx', calibration)
    return text


def write_openvino(
    module: PairToImage, folder: Path, metadata: dict, calibration: Pairs | None = None
) -> None:
    """Write `model.xml` and `model.bin`, by way of ONNX; else as `write_onnx`.

    Raises:
        InputError: openvino, onnx or onnxscript is not installed.
    """
    require_installed('openvino', 'onnx', 'onnxscript', extra='openvino')
    import openvino

    can = openvino.Core().get_property('CPU', 'OPTIMIZATION_CAPABILITIES')
    if metadata['precision'] == 'bf16' and 'BF16' not in can:
        print_log('This CPU has no bfloat16, so the file is compared in float32.')
    text = write_onnx(module, folder, metadata, calibration)
    model = openvino.convert_model(folder / 'model.onnx')
    (folder / 'model.onnx').unlink()
    model.set_rt_info(text, [METADATA_KEY])
    openvino.save_model(model, folder / 'model.xml', compress_to_fp16=False)
