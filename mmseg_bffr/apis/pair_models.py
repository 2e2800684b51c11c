"""Networks as the loops of the runtime take them, see `PairModel`."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from torch import nn

from bffr_runtime import ExportedModel
from bffr_runtime.classical import Rule
from bffr_runtime.fuse_pair import PairModel
from mmseg_bffr.apis import inference


def pair_model(model: nn.Module | ExportedModel | str) -> PairModel:
    """What fuses by a model from `init_model`, by an exported one, or by a classical method."""
    if isinstance(model, str):
        return Rule(model)
    return _Network(model) if isinstance(model, nn.Module) else model


@dataclass
class _Network:
    model: nn.Module

    @property
    def palette(self) -> Sequence[Sequence[int]]:
        return self.model.dataset_meta['palette']

    def require_labels(self) -> None:
        inference.require_segmenter(self.model)

    def fuse_unclamped(self, pair: np.ndarray) -> np.ndarray:
        return inference.fuse_unclamped(self.model, pair)

    def fuse_unclamped_and_segment(self, pair: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return inference.fuse_unclamped_and_segment(self.model, pair)
