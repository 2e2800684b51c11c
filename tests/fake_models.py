"""Models that are functions of a few lines, behind the interface that every engine has."""

import json

import numpy as np

from bffr.models.exported import FILE, METADATA, sha256
from bffr.models.model import Model


class FakeEngine:
    """Runs functions of a batch: `fuse(visible, infrared)` and perhaps `segment`, likewise."""

    def __init__(self, fuse, segment=None):
        self._fuse, self._segment = fuse, segment

    def run(self, visible, infrared, segment):
        return self._fuse(visible, infrared), self._segment(visible, infrared) if segment else None


def fake_model(fuse, segment=None, *, palette=((0, 0, 0), (40, 50, 60)), min_size=1, **metadata):
    """A model of functions from uint8 (N, H, W, 3) and (N, H, W) to images and labels."""
    palette = [list(colour) for colour in palette] if segment else []
    known = dict(classes=[f'class {index}' for index in range(len(palette))], palette=palette)
    known.update(dict(min_size=min_size, infrared={}), **metadata)
    return Model(FakeEngine(fuse, segment), known)


def visible_model(**metadata):
    """Gives back the visible image."""
    return fake_model(lambda visible, infrared: visible / np.float32(255), **metadata)


def drawn_pair(index):
    """Gradients, uint8 (32, 48, 3) and (32, 48); infrared is brighter with the index."""
    y, x = np.mgrid[:32, :48].astype(np.uint8)
    return np.stack([x + 50, y + 40, x + y], axis=-1), 2 * x + 30 + 10 * index


def mean_and_bright(visible, infrared):
    """What the functions of `mean_model` give: the mean of both, and where infrared is bright."""
    return (visible + infrared[..., None].astype(np.float32)) / 510, infrared // 128


def mean_model(calls=None):
    """Fuses to the mean, labels what is bright in infrared, and appends to `calls`."""

    def fuse(visible, infrared):
        if calls is not None:
            calls.append(len(visible))
        return mean_and_bright(visible, infrared)[0]

    return fake_model(fuse, lambda *pair: mean_and_bright(*pair)[1])


def write_exported(folder, segments=True, **metadata):
    """Write `mean_model` as `bffr export` writes models, for the real engines; returns `folder`."""
    import onnx
    from onnx import TensorProto, helper

    def value(name, kind, *more):
        return helper.make_tensor_value_info(name, kind, ['batch', 'height', 'width', *more])

    nodes = [
        helper.make_node('Cast', ['visible'], ['v'], to=TensorProto.FLOAT),
        helper.make_node('Cast', ['infrared'], ['i'], to=TensorProto.FLOAT),
        helper.make_node('Unsqueeze', ['i', 'last'], ['i1']),
        helper.make_node('Add', ['v', 'i1'], ['sum']),
        helper.make_node('Div', ['sum', 'most'], ['fused']),
        helper.make_node('GreaterOrEqual', ['i', 'half'], ['bright']),
        helper.make_node('Cast', ['bright'], ['labels'], to=TensorProto.UINT8),
    ]
    constants = [
        helper.make_tensor('last', TensorProto.INT64, [1], [3]),
        helper.make_tensor('most', TensorProto.FLOAT, [], [510.0]),
        helper.make_tensor('half', TensorProto.FLOAT, [], [128.0]),
    ]
    inputs = [value('visible', TensorProto.UINT8, 3), value('infrared', TensorProto.UINT8)]
    outputs = [value('fused', TensorProto.FLOAT, 3), value('labels', TensorProto.UINT8)]
    graph = helper.make_graph(
        nodes[: 5 + 2 * segments], 'mean', inputs, outputs[: 1 + segments], constants
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 20)], ir_version=10)
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(model, folder / FILE)
    known = dict(
        classes=['dark', 'bright'] if segments else [],
        palette=[[0, 0, 0], [40, 50, 60]] if segments else [],
        min_size=16,
        infrared={},
        precision='fp32',
        channel_order='BGR',
        license='CC0-1.0',
        opset=20,
        version='1',
        checkpoint_sha256='0',
        model_sha256=sha256(folder / FILE),
    )
    (folder / METADATA).write_text(json.dumps({**known, **metadata}))
    return folder
