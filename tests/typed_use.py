"""What a user writes, for a type checker: never run."""

from pathlib import Path

import numpy as np
from mmseg_bffr.evaluation import evaluate_images
from torch import Tensor, nn

import bffr
import mmseg_bffr
from bffr.errors import InputError
from bffr.models.rules import fuse_classically
from mmseg_bffr.apis import fuse, init_model, segment
from mmseg_bffr.apis.cpu import tune_for_cpu
from mmseg_bffr.models import BaseFuser, TransFuser

version: str = mmseg_bffr.__version__
model: nn.Module = init_model()
tune_for_cpu(init_model('config.py', Path('weights.pth'), device='cpu'))
try:
    fused: np.ndarray = fuse(model, 'a.png', Path('b.png'), stretch=False)
    labels: np.ndarray = segment(model, fused, fused[..., 0])
except InputError as error:
    raise SystemExit(str(error)) from error
scores: dict[str, float] = evaluate_images(fused, labels, labels, ['EN'], protocol='tang')
rule: np.ndarray = fuse_classically('max', fused, labels)

exported: bffr.ExportedModel = bffr.load(Path('exported'))
both: tuple[np.ndarray, np.ndarray] = exported.fuse_and_segment(fused, 'b.png')


class Mean(BaseFuser):
    def fuse_luma(self, visible_luma: Tensor, infrared: Tensor) -> Tensor:
        return (visible_luma + infrared) / 2


luma: Tensor = TransFuser(channels=(4, 4, 4, 4, 4)).fuse_luma(*Mean().lumas(Tensor())[1:])
fuse(model, 1, 2)  # type: ignore[arg-type]
evaluate_images(fused, fused).keys()  # type: ignore[call-arg]
