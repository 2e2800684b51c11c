"""Loading pairs and label maps.

A pair becomes one array, so that no later transform can move its halves apart.
"""

import os
from collections.abc import Callable
from functools import partial

import cv2
import numpy as np
from mmcv.transforms import BaseTransform
from mmseg.registry import TRANSFORMS

from bffr.errors import InputError
from bffr.images.image_io import read_image, read_infrared, read_labels, read_visible
from bffr.images.pair import read_pair, stack
from bffr.images.thermal import InfraredScale
from bffr.rigs.rig import Rig

IGNORE_INDEX = 255


class KeptFiles:
    """A reader that keeps what it has read, in memory, and hands out copies.

    Args:
        read: Makes an array of one or more paths.
        keep: Whether to keep it; otherwise every call reads.
    """

    def __init__(self, read: Callable[..., np.ndarray], keep: bool):
        self._read, self._keep, self._kept = read, keep, {}

    def __call__(self, *paths: str) -> np.ndarray:
        """Read, or copy what was read; the caller may write to the array."""
        if not self._keep:
            return self._read(*paths)
        if paths not in self._kept:
            self._kept[paths] = self._read(*paths)
        return self._kept[paths].copy()


def read_four_channels(path: str | os.PathLike) -> np.ndarray:
    """Read one of MFNet's 4-channel PNGs as uint8 (H, W, 4): B, G, R, infrared.

    Raises:
        InputError: The file cannot be read or is of another kind.
    """
    image = read_image(path)
    if image.shape[2:] != (4,) or image.dtype != np.uint8:
        raise InputError(
            f'{path}: is not an 8-bit image with 4 channels (as in MFNet: R, G, B and '
            f'infrared); give separate folders for visible and infrared images.'
        )
    return image


@TRANSFORMS.register_module()
class LoadPair(BaseTransform):
    """Load a visible and an infrared image as one (H, W, 4) uint8 array `img`: B, G, R, infrared.

    A sample with a `modality` has one image, which becomes (H, W, 3): it is read as in a pair, so
    that a baseline sees what a fuser sees; the channel of an infrared one is repeated.

    Required keys: `img_path`, and `modality` or `ir_path`; with neither the file is one of MFNet's
    4-channel PNGs. A sample with no other key than `img_path`, as mmsegmentation's
    `inference_model` makes one, is a single image.
    Added keys: `img`, `img_shape`, `ori_shape`, both (H, W), and with `align` `rig`.

    Args:
        keep: Whether to keep every image in memory once it is decoded, in each worker of a data
            loader: 1.2 MB for a pair of 480x640. Decoding is most of a training sample's time.
        infrared: Arguments of `InfraredScale`; give a `range` for one mapping over a data set.
        align: `rig.json` of the pairs; then `img` is their overlap.
    """

    def __init__(self, keep: bool = False, infrared: dict | None = None, align: str | None = None):
        scale = InfraredScale(**(infrared or {}))
        self.rig = Rig.read(align) if align else None
        self._read = KeptFiles(partial(_read, scale, self.rig), keep)

    def transform(self, results: dict) -> dict:
        """Load the pair, see the class.

        Raises:
            InputError: A file cannot be read as what it should be, or the sizes differ.
        """
        if set(results) == {'img_path'}:
            results['modality'] = 'visible'
        keys = 'img_path', 'ir_path', 'modality'
        image = self._read(*map(results.get, keys))
        results.update(img=image, img_shape=image.shape[:2], ori_shape=image.shape[:2])
        if self.rig:
            results['rig'] = self.rig
        return results


def _read(
    scale: InfraredScale,
    rig: Rig | None,
    path: str,
    infrared_path: str | None,
    modality: str | None,
) -> np.ndarray:
    if modality == 'infrared':
        return cv2.cvtColor(read_infrared(path, scale), cv2.COLOR_GRAY2BGR)
    if modality == 'visible':
        return read_visible(path)
    if infrared_path:
        pair = read_pair(path, infrared_path, scale, rig)
        return stack(pair.visible, pair.infrared)
    return read_four_channels(path)


@TRANSFORMS.register_module()
class LoadLabels(BaseTransform):
    """Load a label map as mmsegmentation's `LoadAnnotations` does, but checked.

    Samples of no data set, which have neither a `seg_map_path` nor `seg_fields`, stay as they are.

    Required keys: `seg_map_path`, `ori_shape`, `seg_fields`, and as mmsegmentation's data sets give
    them, `label_map` (None, or a dict from stored label to label to learn) and `reduce_zero_label`
    (first of all, 0 becomes 255 and k becomes k - 1). `num_classes`, where it is given, is the
    number of labels that a file may hold.
    Added keys: `gt_seg_map`, uint8 (H, W), 255 where a pixel is ignored.

    Args:
        keep: Whether to keep every label map in memory once it is decoded, see `LoadPair`.
    """

    def __init__(self, keep: bool = False):
        self._read = KeptFiles(read_labels, keep)

    def transform(self, results: dict) -> dict:
        """Load the labels, see the class.

        Raises:
            InputError: The file cannot be read, is not of the image's size, or holds labels
                outside the classes.
        """
        if 'seg_map_path' not in results:
            if 'seg_fields' not in results:
                return results
            raise InputError(
                f'{results["img_path"]}: has no label map, which LoadLabels is to load; name the '
                f'folder in data_prefix.seg_map_path, or leave out LoadLabels.'
            )
        path, first = results['seg_map_path'], int(results['reduce_zero_label'])
        end = first + results.get('num_classes', IGNORE_INDEX)
        stored = self._read(path)
        problems = []
        if stored.shape != tuple(results['ori_shape']):
            problems.append(
                f'{path}: has {stored.shape[1]}x{stored.shape[0]} pixels, its image '
                f'{results["ori_shape"][1]}x{results["ori_shape"][0]}; they must be of one size.'
            )
        wrong = np.unique(stored[(stored < 0) | (stored >= end) & (stored != IGNORE_INDEX)])
        if wrong.size:
            problems.append(
                f'{path}: has label(s) {", ".join(map(str, wrong))}; the classes are '
                f'{first}..{end - 1}, and {"0 and " * first}{IGNORE_INDEX} is ignored.'
            )
        if problems:
            raise InputError(' '.join(problems))
        learnt = np.full(IGNORE_INDEX + 1, IGNORE_INDEX, np.uint8)
        learnt[first : min(end, IGNORE_INDEX)] = np.arange(min(end, IGNORE_INDEX) - first)
        for old, new in (results['label_map'] or {}).items():
            learnt[old + first] = new
        results['gt_seg_map'] = learnt[stored]
        results['seg_fields'].append('gt_seg_map')
        return results
