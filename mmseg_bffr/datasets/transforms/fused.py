"""Loading a pair as the image that a finished fuser makes of it."""

import os
from functools import cached_property

import numpy as np
import torch
from mmseg.registry import MODELS, TRANSFORMS
from mmseg.structures import SegDataSample
from torch import nn

from mmseg_bffr.checkpoints import safe_loading
from mmseg_bffr.datasets.transforms.loading import KeptFiles, LoadPair


@TRANSFORMS.register_module()
class LoadFused(LoadPair):
    """Load a pair as its fused image: uint8 (H, W, 3), channels B, G, R, not stretched.

    A segmenter so learns on the images of a finished fuser at the cost of images on disk: with
    `keep`, each pair is fused once.

    Args:
        fuser: Config of the fuser; `init_cfg` names its weights.
        keep: Whether to keep every fused image in memory, see `LoadPair`.
        **kwargs: Those of `LoadPair`.
    """

    def __init__(self, fuser: dict, keep: bool = False, **kwargs):
        super().__init__(**kwargs)
        self._config, self._read_pair = fuser, self._read
        self._read = KeptFiles(self._fuse, keep)

    def _fuse(self, *paths: str | os.PathLike) -> np.ndarray:
        pair = torch.from_numpy(self._read_pair(*paths))
        with torch.inference_mode():
            inputs = pair.permute(2, 0, 1)[None] / 255
            [sample] = self._fuser(inputs, [SegDataSample()], mode='predict')
        return sample.fused.data.permute(1, 2, 0).contiguous().numpy()

    @cached_property
    def _fuser(self) -> nn.Module:  # built by the first image: its weights may not be there before
        fuser = MODELS.build(dict(self._config, stretch=False))
        with safe_loading():  # this may be a worker or a thread
            fuser.init_weights()
        return fuser.eval()
