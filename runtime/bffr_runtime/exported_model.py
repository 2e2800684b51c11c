"""Models that `tools/export.py` wrote: arrays in, arrays out, by ONNX Runtime or OpenVINO."""

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np

from bffr_runtime.errors import InputError
from bffr_runtime.load_pair import Image, load_pair, whole_image
from bffr_runtime.rig import Rig

METADATA_KEY = 'bffr'
"""Under which a file's metadata holds a JSON object, see `ExportedModel`."""

Run = Callable[[dict[str, np.ndarray]], Sequence[np.ndarray]]


class ExportedModel:
    """A fuser, and perhaps a segmenter, as one graph.

    Args:
        run: From `visible`, `infrared` and `stretch` to the `outputs`, in their order.
        metadata: `classes`, `palette` (R, G, B of each), `channel_order`, `min_size` (smallest
            height and width), `outputs` (`fused`, `unclamped` and perhaps `labels`), `precision`,
            `version` (of mmseg-bffr) and `checkpoint_sha256`.
    """

    def __init__(self, run: Run, metadata: dict):
        self.metadata = metadata
        self._run = run

    def fuse(
        self, vis: Image, ir: Image, stretch: bool = True, align: Rig | None = None
    ) -> np.ndarray:
        """Fuse a pair at its own size.

        Args:
            vis: Visible image: file, or uint8 (H, W, 3), BGR.
            ir: Infrared image: file, or uint8 (H, W), or uint16 or float32, scaled as files are,
                see `InfraredScale`.
            stretch: Whether the result is stretched to the full range, as saved images are.
            align: Rig that the images are of; otherwise they are taken for aligned.

        Returns:
            np.ndarray: uint8 (H, W, 3), BGR.

        Raises:
            InputError: An image cannot be read or has the wrong type, the sizes differ, or they are
                below `min_size`.
        """
        fused = self._outputs(load_pair(vis, ir, align=align), stretch)['fused']
        return whole_image(fused, vis, align)

    def segment(self, vis: Image, ir: Image, align: Rig | None = None) -> np.ndarray:
        """Segment a pair: labels, uint8 (H, W), 255 where infrared does not reach.

        Raises:
            InputError: The model has no labels; else as `fuse`.
        """
        return self.fuse_and_segment(vis, ir, align=align)[1]

    def fuse_and_segment(
        self, vis: Image, ir: Image, stretch: bool = True, align: Rig | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """What `fuse` and `segment` return, of one run."""
        self.require_labels()
        outputs = self._outputs(load_pair(vis, ir, align=align), stretch)
        labels = outputs['labels']
        if align:
            labels = align.complete_labels(labels)
        return whole_image(outputs['fused'], vis, align), labels

    def fuse_unclamped(self, pair: np.ndarray) -> np.ndarray:
        """What `fuse` makes 8 bit of, of what `load_pair` gives: float32 (H, W, 3), about 0..1."""
        return self._outputs(pair)['unclamped']

    def fuse_unclamped_and_segment(self, pair: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What `fuse_unclamped` and `segment` return, of one run."""
        self.require_labels()
        outputs = self._outputs(pair)
        return outputs['unclamped'], outputs['labels']

    @property
    def palette(self) -> list[list[int]]:
        """R, G, B of each label."""
        return self.metadata['palette']

    def require_labels(self) -> None:
        """Check that the model segments.

        Raises:
            InputError: It has no labels.
        """
        if 'labels' not in self.metadata['outputs']:
            raise InputError('This model only fuses; export it with --what fuse+segment.')

    def _outputs(self, pair: np.ndarray, stretch: bool = True) -> dict[str, np.ndarray]:
        height, width = pair.shape[:2]
        least = self.metadata['min_size']
        if min(height, width) < least:
            raise InputError(
                f'This model needs images of at least {least}x{least} pixels, not '
                f'{height}x{width}; enlarge them.'
            )
        visible, infrared = cv2.cvtColor(pair, cv2.COLOR_BGRA2BGR), cv2.extractChannel(pair, 3)
        inputs = dict(visible=visible, infrared=infrared, stretch=np.array(stretch))
        return dict(zip(self.metadata['outputs'], self._run(inputs), strict=True))


def load(folder: str | os.PathLike) -> ExportedModel:
    """Load what `tools/export.py` wrote; ONNX Runtime and OpenVINO then run it on the CPU.

    Args:
        folder: With `model.onnx`, or with `model.xml` and `model.bin`.

    Raises:
        InputError: There is no such file, it is damaged or was not made by `tools/export.py`, or
            its engine is not installed.
    """
    for name, load_file in (('model.onnx', _load_onnx), ('model.xml', _load_openvino)):
        path = Path(folder, name)
        if path.is_file():
            return load_file(path)
    raise InputError(
        f'{folder}: holds neither model.onnx nor model.xml; give a folder that tools/export.py '
        f'wrote.'
    )


def _load_onnx(path: Path) -> ExportedModel:
    try:
        import onnxruntime
    except ImportError:
        raise _not_installed('onnxruntime', 'onnx') from None
    try:
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3  # float16: without what it says of each folded constant
        session = onnxruntime.InferenceSession(path, options, ['CPUExecutionProvider'])
        metadata = json.loads(session.get_modelmeta().custom_metadata_map[METADATA_KEY])
    except Exception as error:  # of any type: ONNX Runtime has many of its own
        raise _unreadable(path) from error
    return ExportedModel(lambda inputs: session.run(None, inputs), metadata)


def _load_openvino(path: Path) -> ExportedModel:
    try:
        import openvino
    except ImportError:
        raise _not_installed('openvino', 'openvino') from None
    core = openvino.Core()
    try:
        model = core.read_model(path)
        metadata = json.loads(model.get_rt_info([METADATA_KEY]).astype(str))
    except Exception as error:  # of any type: RuntimeError for nearly everything
        raise _unreadable(path) from error
    options = {
        'INFERENCE_PRECISION_HINT': 'bf16' if metadata['precision'] == 'bf16' else 'f32',
        # OpenVINO 2026.4 takes kernels of smaller images for larger ones from it: wrong labels.
        'CPU_RUNTIME_CACHE_CAPACITY': 0,
    }
    compiled = core.compile_model(model, 'CPU', options)
    return ExportedModel(lambda inputs: compiled(inputs).to_tuple(), metadata)


def _not_installed(engine: str, extra: str) -> InputError:
    return InputError(
        f'{engine} is not installed; install it with `pip install "bffr-runtime[{extra}]"`.'
    )


def _unreadable(path: Path) -> InputError:
    return InputError(f'{path}: is damaged or not from tools/export.py; export the model again.')
