"""Outputs of an ONNX graph that are computed only where they are asked for.

ONNX Runtime runs all nodes of a graph, whatever outputs a call names.
"""

from collections.abc import Iterator

import numpy as np


def compute_on_demand(graph, output: str, wanted: str, default: bool) -> None:
    """Move what an output alone needs into a branch, in place.

    Args:
        graph: `onnx.GraphProto`.
        output: Name of an output, a tensor.
        wanted: Name of a new input, bool (), which need not be given.
        default: Its value then.
    """
    from onnx import TensorProto, helper, numpy_helper

    (own,) = (value for value in graph.output if value.name == output)
    shared = _needed(graph, [value.name for value in graph.output if value is not own])
    inside = [node for node in graph.node if not shared.issuperset(node.output)]
    outside = [node for node in graph.node if shared.issuperset(node.output)]
    result = f'{output}.wanted'
    for node in inside:
        node.output[:] = [result if name == output else name for name in node.output]
    kind = own.type.tensor_type
    empty = np.zeros([0] * len(kind.shape.dim), helper.tensor_dtype_to_np_dtype(kind.elem_type))
    nothing = helper.make_node('Constant', [], [result], value=numpy_helper.from_array(empty))
    value = helper.make_tensor_value_info(result, kind.elem_type, None)
    stay = {name for node in outside for name in _read(node)} | {each.name for each in graph.input}
    constants = [each for each in graph.initializer if each.name not in stay]
    others = [each for each in graph.initializer if each.name in stay]
    branches = dict(
        then_branch=helper.make_graph(inside, output, [], [value], constants),
        else_branch=helper.make_graph([nothing], f'no_{output}', [], [value]),
    )
    for field, kept in (
        (graph.node, [*outside, helper.make_node('If', [wanted], [output], **branches)]),
        (graph.initializer, [*others, numpy_helper.from_array(np.array(default), wanted)]),
    ):
        copies = [type(each).FromString(each.SerializeToString()) for each in kept]
        del field[:]
        field.extend(copies)
    graph.input.append(helper.make_tensor_value_info(wanted, TensorProto.BOOL, []))


def _needed(graph, names: list[str]) -> set[str]:
    """All names of tensors that some are made of, themselves included."""
    needed = set(names)
    for node in reversed(graph.node):
        if needed.intersection(node.output):
            needed.update(node.output, _read(node))
    return needed


def _read(node) -> Iterator[str]:
    """Names of tensors that a node or a node in its branches takes."""
    yield from node.input
    for attribute in node.attribute:
        for inner in attribute.g.node:
            yield from _read(inner)
