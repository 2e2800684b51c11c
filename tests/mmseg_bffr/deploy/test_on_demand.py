"""Branches of ONNX graphs: what is in them, and what an engine then computes."""

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from mmseg_bffr.deploy.on_demand import compute_on_demand


@pytest.fixture
def model():
    """`a` = x + 1; `b` = 2 a, of which `c` is a cast; `d` = b + 3."""
    nodes = [
        helper.make_node('Add', ['x', 'one'], ['a']),
        helper.make_node('Mul', ['a', 'two'], ['b1']),
        helper.make_node('Cast', ['b1'], ['c'], to=TensorProto.INT64),
        helper.make_node('Add', ['b1', 'three'], ['d']),
    ]
    kinds = dict(x=TensorProto.FLOAT, a=TensorProto.FLOAT, c=TensorProto.INT64, d=TensorProto.FLOAT)
    values = {name: helper.make_tensor_value_info(name, kinds[name], ['n']) for name in 'xacd'}
    constants = [
        numpy_helper.from_array(np.float32([number]), name)
        for number, name in enumerate(('one', 'two', 'three'), 1)
    ]
    outputs = [values[name] for name in 'acd']
    graph = helper.make_graph(nodes, 'model', [values['x']], outputs, constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid('', 20)], ir_version=10)


def branch(model, number):
    """What the `If` at a place computes if it is wanted."""
    (then,) = (x.g for x in model.graph.node[number].attribute if x.name == 'then_branch')
    return then


def test_branches_within_what_they_need(model):
    for name in 'cd':
        compute_on_demand(model.graph, name, f'with_{name}', name == 'c')
    onnx.checker.check_model(model)
    assert [node.op_type for node in model.graph.node] == ['Add', 'Mul', 'If', 'If']
    assert [constant.name for constant in branch(model, 3).initializer] == ['three']
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=['CPUExecutionProvider']
    )
    x = {'x': np.float32([1, 2])}
    wanted = {'a': [2, 3], 'c': [4, 6], 'd': [7, 9]}
    for given in ({}, {'with_d': True}, {'with_c': False}, {'with_c': False, 'with_d': True}):
        feeds = {name: np.array(value) for name, value in given.items()}
        there = {'a': True, 'c': True, 'd': False, **{k[-1]: v for k, v in given.items()}}
        for name, value in zip('acd', session.run(list('acd'), {**x, **feeds}), strict=True):
            assert value.tolist() == (wanted[name] if there[name] else [])


def test_what_only_a_branch_needs_goes_with_it(model):
    del model.graph.output[2], model.graph.node[3]
    compute_on_demand(model.graph, 'c', 'with_c', True)
    assert [node.op_type for node in model.graph.node] == ['Add', 'If']
    assert [node.op_type for node in branch(model, 1).node] == ['Mul', 'Cast']
