"""What a user writes, for a type checker: never run."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from torch import Tensor, nn

import bffr
from bffr.evaluation import evaluate_images
from mmseg_bffr.apis import fuse, init_model, segment
from mmseg_bffr.apis.cpu import tune_for_cpu
from mmseg_bffr.models import BaseFuser, TransFuser

version: str = bffr.__version__
try:
    model: bffr.Model = bffr.load('content-t', engine='openvino', device='cpu', threads=2)
    fused: np.ndarray = model.fuse('a.png', Path('b.png'), stretch='none')
except bffr.InputError as error:
    raise SystemExit(str(error)) from error
rig: bffr.Rig = bffr.Rig.read('rig.json')
scale = bffr.InfraredScale(range=(7000.0, 9000.0), black_hot=True)
labels: np.ndarray = model.segment(fused, fused[..., 0], align=rig, infrared=scale)
both: tuple[np.ndarray, np.ndarray] = model.fuse_and_segment(fused, 'b.png')
classes: Sequence[str] = model.classes
smallest: int = model.min_size
scores: dict[str, float] = evaluate_images(fused, labels, labels, ['EN'], protocol='tang-2022')

network: nn.Module = init_model()
tune_for_cpu(init_model('config.py', Path('weights.pth'), device='cpu'))
fused = fuse(network, 'a.png', Path('b.png'), stretch=False)
labels = segment(network, fused, fused[..., 0])


class Mean(BaseFuser):
    def fuse_luma(self, visible_luma: Tensor, infrared: Tensor) -> Tensor:
        return (visible_luma + infrared) / 2


luma: Tensor = TransFuser(channels=(4, 4, 4, 4, 4)).fuse_luma(*Mean().lumas(Tensor())[1:])
model.fuse(1, 2)  # type: ignore[arg-type]
fuse(network, 1, 2)  # type: ignore[arg-type]
evaluate_images(fused, fused).keys()  # type: ignore[call-arg]
