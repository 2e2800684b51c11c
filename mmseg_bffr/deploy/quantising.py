"""Post-training quantisation of convolutions to 8 bit, by NNCF."""

import logging
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from mmseg_bffr.deploy.structured_pairs import structured_pair

_FLOATING = (
    *('Add', 'Sub', 'Mul', 'Div', 'Where', 'Clip', 'ReduceMin', 'ReduceMax', 'Resize', 'Tanh'),
    *('MatMul', 'Gemm', 'Einsum', 'Softmax', 'LayerNormalization', 'Gelu'),
)
"""What stays in floating point: colours, the stretch, attention. With matrix products quantised,
ONNX Runtime 1.32 fails: `b zero point is not valid`."""


def quantise(file: Path, pairs: Iterable[tuple[np.ndarray, np.ndarray]]) -> None:
    """Replace `model.onnx` by one whose convolutions compute in 8 bit.

    Convolutions from and to images, with fewer than four channels, stay in floating point.

    Args:
        file: What `write_onnx` wrote.
        pairs: uint8 (H, W, 3) and (H, W) images, whose activations set the ranges beside those of a
            drawn pair, which has the full range.
    """
    import nncf
    import onnx
    import onnxruntime

    nncf.set_log_level(logging.ERROR)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(file)  # weights that are computed become constants
    onnxruntime.InferenceSession(file.read_bytes(), options, providers=['CPUExecutionProvider'])
    model = onnx.load(file)
    shapes = {constant.name: constant.dims for constant in model.graph.initializer}
    images = [
        node.name
        for node in model.graph.node
        if node.op_type == 'Conv' and min(shapes[node.input[1]][:2]) < 4
    ]
    inputs = [
        dict(visible=visible[None], infrared=infrared[None])
        for visible, infrared in (*pairs, structured_pair(240, 320))
    ]
    quantised = nncf.quantize(
        model,
        nncf.Dataset(inputs),
        subset_size=len(inputs),
        ignored_scope=nncf.IgnoredScope(names=images, types=list(_FLOATING), validate=False),
    )
    onnx.save(quantised, file)
