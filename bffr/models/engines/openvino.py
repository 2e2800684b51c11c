"""OpenVINO: the fastest engine on Intel's processors."""

import threading
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import openvino
from openvino import opset15 as opset
from openvino.utils import replace_node

from bffr.errors import InputError


class OpenVinoEngine:
    """Runs a compiled model, see `Engine`; each thread has a request of its own."""

    def __init__(self, core: openvino.Core, model: openvino.Model, device: str, options: dict):
        self._core, self._model, self._device, self._options = core, model, device, options
        self._compiled, self._lock, self._requests = {}, threading.Lock(), threading.local()

    def run(
        self,
        visible: np.ndarray,
        infrared: np.ndarray,
        find: bool,
        sums: np.ndarray | None = None,
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """Run a batch, see `Engine`."""
        if sums is not None and sums.size:
            return self._outputs_of(('fused',), visible, infrared, known_sums=sums)['fused'], None
        outputs = self._outputs_of(('fused', 'labels')[: 1 + find], visible, infrared)
        return outputs['fused'], outputs['labels'] if find else None

    def sums(self, visible: np.ndarray, infrared: np.ndarray, inside: np.ndarray) -> np.ndarray:
        """Sum over a part of a batch, see `Engine`."""
        if not any('sums' in output.names for output in self._model.outputs):
            return np.zeros((len(visible), 0), np.float32)
        return self._outputs_of(('sums',), visible, infrared, inside=inside)['sums']

    def _outputs_of(
        self, names: tuple[str, ...], visible: np.ndarray, infrared: np.ndarray, **more: np.ndarray
    ) -> Mapping[str, np.ndarray]:
        requests, what = vars(self._requests), ' '.join([*names, *more])
        if what not in requests:
            with self._lock:
                if what not in self._compiled:
                    self._compiled[what] = self._compile(names, more)
            requests[what] = self._compiled[what].create_infer_request()
        return requests[what].infer({'visible': visible, 'infrared': infrared, **more})

    def _compile(self, names: Sequence[str], more: Iterable[str]) -> openvino.CompiledModel:
        """The part of the model for some outputs, given inputs that else have their defaults."""
        whole = self._model.clone()
        outputs, parameters = [whole.output(name) for name in names], whole.get_parameters()
        if 'sums' in names:
            outputs = [_taken_out(outputs[0].get_node().input_value(0).get_node())]
        part = openvino.Model(outputs, parameters)
        for node in part.get_ordered_ops():
            if node.friendly_name in more:
                parameter = opset.parameter(node.shape, node.get_element_type(), node.friendly_name)
                parameter.output(0).set_names({node.friendly_name})
                replace_node(node, parameter)
                parameters.append(parameter)
        part = openvino.Model(outputs, parameters)
        return self._core.compile_model(part, self._device, self._options)


def _taken_out(condition: openvino.Node) -> openvino.Output:
    """What the first branch of an `If` gives, without the condition: its inputs are not constants.

    OpenVINO puts constants into branches, where no parameter can take their place.
    """
    body = condition.get_function(0)
    parameters = body.get_parameters()
    for taken in condition.get_input_descriptions(0):
        source = condition.input_value(taken.input_index)
        parameters[taken.body_parameter_index].output(0).replace(source)
    output = body.get_results()[0].input_value(0)
    output.set_names({'sums'})
    return output


def open_model(
    file: Path, precision: str, device: str | None, threads: int | None
) -> OpenVinoEngine:
    """Open an ONNX file.

    Args:
        file: `model.onnx`.
        precision: Of the file; `bf16` asks OpenVINO to compute in bfloat16 where it can.
        device: One of OpenVINO's, such as `cpu`, `gpu` or `gpu:1`; the CPU by default.
        threads: On the CPU; by default one a core.

    Raises:
        InputError: OpenVINO does not find the device.
    """
    core = openvino.Core()
    name = (device or 'cpu').upper().replace(':', '.')
    if name not in core.available_devices:
        there = ', '.join(core.available_devices).lower()
        raise InputError(f'device {device}: OpenVINO does not find it; it has {there}.')
    model = core.read_model(file)
    if any('boxes' in output.names for output in model.outputs):
        raise InputError(f'{file}: is a detector, which only the engine onnxruntime runs; use it.')
    options = {'INFERENCE_PRECISION_HINT': 'bf16' if precision == 'bf16' else 'f32'}
    if name == 'CPU':
        # OpenVINO 2026.4 takes kernels of smaller images for larger ones from it: wrong labels.
        options['CPU_RUNTIME_CACHE_CAPACITY'] = 0
        options['INFERENCE_NUM_THREADS'] = threads or 0
    return OpenVinoEngine(core, model, name, options)
