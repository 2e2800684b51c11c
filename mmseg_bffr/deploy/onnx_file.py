"""Writing a model as an ONNX file."""

import logging
import warnings
from pathlib import Path

import numpy as np
import torch

from bffr.errors import require_installed
from mmseg_bffr.deploy.on_demand import compute_on_demand
from mmseg_bffr.deploy.pair_to_boxes import PairToBoxes
from mmseg_bffr.deploy.pair_to_image import PairToImage
from mmseg_bffr.deploy.structured_pairs import structured_pair

OPSET = 20
_SMALL = 256  # numbers, of which nothing is saved


def write_onnx(module: PairToImage | PairToBoxes, file: Path) -> None:
    """Write a model for every batch, height and width that it takes.

    The inputs are `visible` and `infrared`, and those that the module has defaults for; the outputs
    are those that it names. The dimensions of a module that takes several pairs are named `batch`,
    `height` and `width`.

    Args:
        module: What to write, in eval mode.
        file: `.onnx`.

    Raises:
        InputError: onnx or onnxscript is not installed.
    """
    require_installed('onnx', 'onnxscript', extra='mmseg')
    logging.getLogger('onnxscript').setLevel(logging.ERROR)  # constants that it does not fold
    pairs = 1 + module.batched
    images = [torch.from_numpy(np.stack([image] * pairs)) for image in structured_pair(96, 130)]
    defaults = module.defaults
    sizes = {dim: torch.export.Dim(name) for dim, name in enumerate(('batch', 'height', 'width'))}
    if not module.batched:  # named, torch 2.14 cannot word what padding derives from them
        sizes = dict.fromkeys((1, 2), torch.export.Dim.DYNAMIC)
    with warnings.catch_warnings():
        warnings.filterwarnings('ignore', '`create_unbacked_symint`', FutureWarning)  # torchvision
        warnings.filterwarnings('ignore', '.*The axis name: .* will not be used', UserWarning)
        program = torch.onnx.export(
            module,
            (*images, *defaults.values()),
            input_names=['visible', 'infrared', *defaults],
            output_names=module.outputs,
            dynamic_shapes=(sizes, sizes, *[None] * len(defaults)),
            opset_version=OPSET,
            dynamo=True,
            verbose=False,
        )
    import onnx
    from onnx import numpy_helper

    model = program.model_proto
    _store_in_half_precision(model.graph)
    model.graph.initializer.extend(
        numpy_helper.from_array(value.numpy(), name) for name, value in defaults.items()
    )
    for name, default in module.on_demand.items():
        if name in module.outputs:
            compute_on_demand(model.graph, name, f'with_{name}', default)
    onnx.save(model, file)


def _store_in_half_precision(graph) -> None:
    """Store the constants in 16 bit that lose nothing; engines convert them once, on loading."""
    from onnx import TensorProto, helper, numpy_helper

    casts = []
    for constant in graph.initializer:
        values = numpy_helper.to_array(constant)
        halves = values.astype(np.float16) if values.dtype == np.float32 else values
        if values.size < _SMALL or halves is values or not np.array_equal(halves, values):
            continue
        name = constant.name
        constant.CopyFrom(numpy_helper.from_array(halves, f'{name}.half'))
        casts.append(helper.make_node('Cast', [f'{name}.half'], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
