"""ONNX Runtime: the engine that comes with the package."""

from pathlib import Path

import numpy as np
import onnxruntime

from bffr.errors import InputError
from bffr.models.engine import Boxes

PROVIDERS = {
    'cpu': 'CPUExecutionProvider',
    'cuda': 'CUDAExecutionProvider',
    'tensorrt': 'TensorrtExecutionProvider',
    'openvino': 'OpenVINOExecutionProvider',
    'dml': 'DmlExecutionProvider',
    'coreml': 'CoreMLExecutionProvider',
}
"""Device -> execution provider, of which an installed build has some."""


class OnnxRuntimeEngine:
    """Runs a session, see `Engine`; labels that are not asked for are not computed."""

    def __init__(self, session: onnxruntime.InferenceSession):
        self._session = session
        _, *others = [output.name for output in session.get_outputs()]
        self._found = [name for name in others if name != 'sums']
        self._optional = {each.name for each in session.get_overridable_initializers()}

    def run(
        self,
        visible: np.ndarray,
        infrared: np.ndarray,
        find: bool,
        sums: np.ndarray | None = None,
    ) -> tuple[np.ndarray, np.ndarray | list[Boxes] | None]:
        """Run a batch, see `Engine`; pair by pair where the file has boxes."""
        names = ['fused', *self._found] if find else ['fused']
        if 'boxes' not in self._found:
            known = {} if sums is None or not sums.size else {'known_sums': sums}
            if 'with_labels' in self._optional:
                known['with_labels'] = np.array(find)
            fused, *found = self._outputs_of(names, visible, infrared, **known)
            return fused, found[0] if find else None
        pairs = ((visible[[i]], infrared[[i]]) for i in range(len(visible)))
        each = [self._outputs_of(names, *pair) for pair in pairs]
        boxes = [Boxes(*found) for _, *found in each] if find else None
        return np.concatenate([fused for fused, *_ in each]), boxes

    def sums(self, visible: np.ndarray, infrared: np.ndarray, inside: np.ndarray) -> np.ndarray:
        """Sum over a part of a batch, see `Engine`."""
        if 'with_sums' not in self._optional:
            return np.zeros((len(visible), 0), np.float32)
        part = dict(with_sums=np.array(True), inside=inside)
        return self._outputs_of(['sums'], visible, infrared, **part)[0]

    def _outputs_of(
        self, names: list[str], visible: np.ndarray, infrared: np.ndarray, **more: np.ndarray
    ) -> list[np.ndarray]:
        return self._session.run(names, {'visible': visible, 'infrared': infrared, **more})


def open_model(
    file: Path, precision: str, device: str | None, threads: int | None
) -> OnnxRuntimeEngine:
    """Open an ONNX file.

    Args:
        file: `model.onnx`.
        precision: Of the file, which ONNX Runtime computes in.
        device: Key of `PROVIDERS`, perhaps with a number, `cuda:1`; the CPU by default.
        threads: On the CPU; by default one a core.

    Raises:
        InputError: The installed build does not have the device.
    """
    kind, _, number = (device or 'cpu').partition(':')
    provider = PROVIDERS.get(kind)
    installed = onnxruntime.get_available_providers()
    there = ', '.join(name for name, of_it in PROVIDERS.items() if of_it in installed)
    if provider not in installed:
        raise InputError(
            f'device {device}: the installed ONNX Runtime does not have it; it has {there}.'
        )
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # float16: without what it says of each folded constant
    options.intra_op_num_threads = threads or 0
    options.add_session_config_entry('session.intra_op.allow_spinning', '0')
    chosen = (provider, {'device_id': number}) if number else provider
    session = onnxruntime.InferenceSession(file, options, [chosen])
    if session.get_providers()[0] != provider:
        raise InputError(f'device {device}: cannot be used here; choose from {there}.')
    return OnnxRuntimeEngine(session)
