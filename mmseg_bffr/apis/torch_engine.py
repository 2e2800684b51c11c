"""Networks as models of `bffr`."""

import numpy as np
import torch
from mmengine.dataset import Compose
from torch import nn

from bffr import __version__
from bffr.errors import InputError
from bffr.images.pair import stack
from bffr.models.engine import Boxes
from bffr.models.model import Model
from mmseg_bffr.datasets.dataset_configs import base_datasets, infrared_arguments
from mmseg_bffr.models import BaseFuser, Detector
from mmseg_bffr.models.color import CHANNEL_ORDER
from mmseg_bffr.models.fuses_first import outputs_of


def as_model(network: nn.Module, finds: bool = True) -> Model:
    """What `bffr` calls a model, of a network from `init_model`.

    Args:
        network: A fuser or a joint model.
        finds: Whether labels or boxes are wanted, too, of a joint model.

    Raises:
        InputError: It does not fuse.
    """
    return Model(TorchEngine(network), describe(network, finds))


def describe(network: nn.Module, finds: bool = True) -> dict:
    """The metadata that `Model` asks for, and what is known besides.

    Args:
        network: A fuser or a joint model from `init_model`.
        finds: Whether to describe the segmenter or detector, too, if there is one.

    Raises:
        InputError: It does not fuse.
    """
    fuser = fuser_of(network)
    finds = finds and fuser is not network
    classes = network.dataset_meta if finds else dict(classes=[], palette=[])
    return dict(
        classes=list(classes['classes']),
        palette=[list(colour) for colour in classes['palette']],
        min_size=(network if finds else fuser).min_size,
        boxes=finds and isinstance(network, Detector),
        infrared=dict(infrared_arguments(network.cfg)),
        precision='fp32',
        channel_order=CHANNEL_ORDER,
        tiles=list(fuser.tiles or ()),
        license=network.cfg.get('license', ''),
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

    Labels or boxes are found image by image, with the config's test pipeline (its resizing) and
    `test_cfg` (its windows).

    Args:
        network: A fuser or a joint model from `init_model`.
    """

    def __init__(self, network: nn.Module):
        self.network = network

    @torch.inference_mode()
    def run(
        self,
        visible: np.ndarray,
        infrared: np.ndarray,
        find: bool,
        sums: np.ndarray | None = None,
    ) -> tuple[np.ndarray, np.ndarray | list[Boxes] | None]:
        """Run a batch, see `Engine`."""
        pairs = list(map(stack, visible, infrared))
        if sums is not None and sums.size:
            inputs = self._inputs(pairs)
            known = torch.from_numpy(sums).to(inputs.device)
            return _as_arrays(fuser_of(self.network).fuse(inputs, known)), None
        if not find:
            return self._fuse(pairs), None
        fused, found = zip(*map(self._fuse_and_find, pairs), strict=True)
        boxes = isinstance(self.network, Detector)
        return np.concatenate(fused), list(found) if boxes else np.stack(found)

    @torch.inference_mode()
    def sums(self, visible: np.ndarray, infrared: np.ndarray, inside: np.ndarray) -> np.ndarray:
        """Sum over a part of a batch, see `Engine`."""
        inputs = self._inputs(list(map(stack, visible, infrared)))
        return fuser_of(self.network).sums(inputs, torch.from_numpy(inside)).cpu().numpy()

    def _inputs(self, pairs: list[np.ndarray]) -> torch.Tensor:
        channels_first = [torch.from_numpy(pair).permute(2, 0, 1) for pair in pairs]
        return self.network.data_preprocessor({'inputs': channels_first})['inputs']

    def _fuse(self, pairs: list[np.ndarray]) -> np.ndarray:
        return _as_arrays(fuser_of(self.network)(self._inputs(pairs)))

    def _fuse_and_find(self, pair: np.ndarray) -> tuple[np.ndarray, np.ndarray | Boxes]:
        """Of one pair, of one run of the fuser where it can do both."""
        with outputs_of(self.network.fuser) as fused:
            found = self._find(pair)
        if len(fused) == 1 and fused[0].shape[2:] == pair.shape[:2]:
            return _as_arrays(fused[0]), found
        return self._fuse([pair]), found

    def _find(self, pair: np.ndarray) -> np.ndarray | Boxes:
        """Labels (H, W), or boxes."""
        steps = next(base_datasets(self.network.cfg.test_dataloader.dataset)).pipeline
        pipeline = Compose([step for step in steps if step['type'] not in _LOADING])
        shape = pair.shape[:2]
        data = pipeline({'img': pair, 'img_shape': shape, 'ori_shape': shape})
        (result,) = self.network.test_step({key: [value] for key, value in data.items()})
        if isinstance(self.network, Detector):
            found = result.pred_instances
            return Boxes(*(found[key].cpu().numpy() for key in ('bboxes', 'scores', 'labels')))
        return result.pred_sem_seg.data[0].cpu().numpy().astype(np.uint8)


_LOADING = ('LoadPair', 'LoadLabels', 'LoadBoxes')


def _as_arrays(fused: torch.Tensor) -> np.ndarray:
    """(N, 3, H, W) as float32 (N, H, W, 3)."""
    return np.ascontiguousarray(fused.float().permute(0, 2, 3, 1).cpu().numpy())
