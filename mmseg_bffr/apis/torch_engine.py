"""Networks as models of `bffr`."""

import numpy as np
import torch
from mmengine.dataset import Compose
from torch import nn

from bffr import __version__
from bffr.errors import InputError
from bffr.images.pair import stack
from bffr.models.model import Model
from mmseg_bffr.datasets.dataset_configs import base_datasets, infrared_arguments
from mmseg_bffr.models import BaseFuser, FuserSegmenter
from mmseg_bffr.models.color import CHANNEL_ORDER
from mmseg_bffr.models.fuses_first import outputs_of


def as_model(network: nn.Module, segments: bool = True) -> Model:
    """What `bffr` calls a model, of a network from `init_model`.

    Args:
        network: A fuser or a joint model.
        segments: Whether labels are wanted, too, of a joint model.

    Raises:
        InputError: It does not fuse.
    """
    return Model(TorchEngine(network), describe(network, segments))


def describe(network: nn.Module, segments: bool = True) -> dict:
    """The metadata that `Model` asks for, and what is known besides.

    Args:
        network: A fuser or a joint model from `init_model`.
        segments: Whether to describe the segmenter, too, if there is one.

    Raises:
        InputError: It does not fuse.
    """
    fuser = fuser_of(network)
    segments = segments and isinstance(network, FuserSegmenter)
    classes = network.dataset_meta if segments else dict(classes=[], palette=[])
    return dict(
        classes=list(classes['classes']),
        palette=[list(colour) for colour in classes['palette']],
        min_size=(network if segments else fuser).min_size,
        infrared=dict(infrared_arguments(network.cfg)),
        precision='fp32',
        channel_order=CHANNEL_ORDER,
        version=__version__,
    )


def fuser_of(network: nn.Module) -> BaseFuser:
    """The fuser in a network.

    Raises:
        InputError: There is none.
    """
    fuser = getattr(network, 'fuser', network)
    if not isinstance(fuser, BaseFuser):
        raise InputError('This model does not fuse; give the config of a fuser or a joint model.')
    return fuser


class TorchEngine:
    """Runs a network, see `bffr.models.engine.Engine`.

    Images are segmented one by one, with the config's test pipeline (its resizing) and `test_cfg`
    (its windows).

    Args:
        network: A fuser or a joint model from `init_model`.
    """

    def __init__(self, network: nn.Module):
        self.network = network

    @torch.inference_mode()
    def run(
        self, visible: np.ndarray, infrared: np.ndarray, segment: bool
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """Run a batch, see `Engine`."""
        pairs = list(map(stack, visible, infrared))
        if not segment:
            return self._fuse(pairs), None
        results = [self._fuse_and_segment(pair) for pair in pairs]
        return tuple(map(np.concatenate, zip(*results, strict=True)))

    def _fuse(self, pairs: list[np.ndarray]) -> np.ndarray:
        channels_first = [torch.from_numpy(pair).permute(2, 0, 1) for pair in pairs]
        inputs = self.network.data_preprocessor({'inputs': channels_first})['inputs']
        return _as_arrays(fuser_of(self.network)(inputs))

    def _fuse_and_segment(self, pair: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Of one pair, of one run of the fuser where it can do both."""
        with outputs_of(self.network.fuser) as fused:
            labels = self._segment(pair)
        if len(fused) == 1 and fused[0].shape[2:] == labels.shape[1:]:
            return _as_arrays(fused[0]), labels
        return self._fuse([pair]), labels

    def _segment(self, pair: np.ndarray) -> np.ndarray:
        steps = next(base_datasets(self.network.cfg.test_dataloader.dataset)).pipeline
        pipeline = Compose([step for step in steps if step['type'] not in _LOADING])
        shape = pair.shape[:2]
        data = pipeline({'img': pair, 'img_shape': shape, 'ori_shape': shape})
        (result,) = self.network.test_step({key: [value] for key, value in data.items()})
        return result.pred_sem_seg.data.cpu().numpy().astype(np.uint8)


_LOADING = ('LoadPair', 'LoadLabels')


def _as_arrays(fused: torch.Tensor) -> np.ndarray:
    """(N, 3, H, W) as float32 (N, H, W, 3)."""
    return np.ascontiguousarray(fused.float().permute(0, 2, 3, 1).cpu().numpy())
