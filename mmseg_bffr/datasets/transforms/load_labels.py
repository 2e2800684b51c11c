"""Loading label maps, with a check that they belong to the image and to the classes."""

import functools

import numpy as np
from mmcv.transforms import BaseTransform
from mmseg.registry import TRANSFORMS

from mmseg_bffr.datasets.image_io import read_labels
from mmseg_bffr.errors import InputError

IGNORE_INDEX = 255


@TRANSFORMS.register_module()
class LoadLabels(BaseTransform):
    """Load a label map as mmsegmentation's `LoadAnnotations` does, but checked.

    Required keys: `seg_map_path`, `ori_shape`, `num_classes`, `label_map` (None, or a dict from
    stored label to label to learn), `seg_fields`.
    Added keys: `gt_seg_map`, uint8 (H, W), values below `num_classes` or 255.

    Args:
        keep: Whether to keep every label map in memory once it is decoded, see `LoadPair`.
    """

    def __init__(self, keep: bool = False):
        self._read = functools.cache(read_labels) if keep else read_labels

    def transform(self, results: dict) -> dict:
        """Load the labels, see the class.

        Raises:
            InputError: The file cannot be read, is not of the image's size, or holds labels
                outside the classes.
        """
        path, num_classes = results['seg_map_path'], results['num_classes']
        stored = self._read(path)
        if stored.shape != tuple(results['ori_shape']):
            raise InputError(
                f'{path}: has {stored.shape[1]}x{stored.shape[0]} pixels, its image '
                f'{results["ori_shape"][1]}x{results["ori_shape"][0]}; they must be of one size.'
            )
        wrong = np.unique(stored[(stored >= num_classes) & (stored != IGNORE_INDEX)])
        if wrong.size:
            raise InputError(
                f'{path}: has label(s) {", ".join(map(str, wrong))}; the classes are '
                f'0..{num_classes - 1}, and {IGNORE_INDEX} is ignored.'
            )
        labels = stored.astype(np.uint8)
        for old, new in (results['label_map'] or {}).items():
            labels[stored == old] = new
        results['gt_seg_map'] = labels
        results['seg_fields'].append('gt_seg_map')
        return results
