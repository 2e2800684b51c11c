"""Loading label maps, with a check that they belong to the image and to the classes."""

import numpy as np
from mmcv.transforms import BaseTransform
from mmseg.registry import TRANSFORMS

from bffr.errors import InputError
from bffr.images.image_io import read_labels
from mmseg_bffr.datasets.transforms.kept_files import KeptFiles

IGNORE_INDEX = 255


@TRANSFORMS.register_module()
class LoadLabels(BaseTransform):
    """Load a label map as mmsegmentation's `LoadAnnotations` does, but checked.

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
        path, first = results['seg_map_path'], int(results['reduce_zero_label'])
        end = first + results.get('num_classes', IGNORE_INDEX)
        stored = self._read(path)
        if stored.shape != tuple(results['ori_shape']):
            raise InputError(
                f'{path}: has {stored.shape[1]}x{stored.shape[0]} pixels, its image '
                f'{results["ori_shape"][1]}x{results["ori_shape"][0]}; they must be of one size.'
            )
        wrong = np.unique(stored[(stored >= end) & (stored != IGNORE_INDEX)])
        if wrong.size:
            raise InputError(
                f'{path}: has label(s) {", ".join(map(str, wrong))}; the classes are '
                f'{first}..{end - 1}, and {"0 and " * first}{IGNORE_INDEX} is ignored.'
            )
        learnt = np.full(IGNORE_INDEX + 1, IGNORE_INDEX, np.uint8)
        learnt[first : min(end, IGNORE_INDEX)] = np.arange(min(end, IGNORE_INDEX) - first)
        for old, new in (results['label_map'] or {}).items():
            learnt[old + first] = new
        results['gt_seg_map'] = learnt[stored]
        results['seg_fields'].append('gt_seg_map')
        return results
