"""OpenVINO: the fastest engine on Intel's processors."""

import threading
from pathlib import Path

import numpy as np
import openvino

from bffr.errors import InputError


class OpenVinoEngine:
    """Runs a compiled model, see `Engine`; each thread has a request of its own."""

    def __init__(self, core: openvino.Core, model: openvino.Model, device: str, options: dict):
        self._core, self._model, self._device, self._options = core, model, device, options
        self._compiled, self._lock, self._requests = {}, threading.Lock(), threading.local()

    def run(
        self, visible: np.ndarray, infrared: np.ndarray, find: bool
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """Run a batch, see `Engine`."""
        outputs = self._request(find).infer({'visible': visible, 'infrared': infrared})
        return outputs['fused'], outputs['labels'] if find else None

    def _request(self, find: bool) -> openvino.InferRequest:
        requests = vars(self._requests)
        if find not in requests:
            with self._lock:
                if find not in self._compiled:
                    self._compiled[find] = self._compile(find)
            requests[find] = self._compiled[find].create_infer_request()
        return requests[find]

    def _compile(self, find: bool) -> openvino.CompiledModel:
        outputs = [self._model.output(name) for name in ('fused', 'labels')[: 1 + find]]
        part = openvino.Model(outputs, self._model.get_parameters())
        return self._core.compile_model(part, self._device, self._options)


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
        raise InputError(f'{file}: has boxes, which ONNX Runtime finds; take engine onnxruntime.')
    options = {'INFERENCE_PRECISION_HINT': 'bf16' if precision == 'bf16' else 'f32'}
    if name == 'CPU':
        # OpenVINO 2026.4 takes kernels of smaller images for larger ones from it: wrong labels.
        options['CPU_RUNTIME_CACHE_CAPACITY'] = 0
        options['INFERENCE_NUM_THREADS'] = threads or 0
    return OpenVinoEngine(core, model, name, options)
