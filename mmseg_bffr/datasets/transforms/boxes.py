"""Boxes on their way from files to a network.

mmcv's Resize and RandomFlip move `gt_bboxes` with the image.
"""

import numpy as np
import torch
from mmcv.transforms import BaseTransform
from mmengine.structures import InstanceData
from mmseg.datasets.transforms import PackSegInputs, RandomCrop
from mmseg.registry import TRANSFORMS

from bffr.errors import InputError
from mmseg_bffr.datasets.box_files import read_box_file

BORDER = 2
"""How far outside the image, in pixels, a box may be drawn without a word."""


@TRANSFORMS.register_module()
class LoadBoxes(BaseTransform):
    """Load the boxes of an image; what is outside the image is cut off.

    Samples of no data set, which have no `boxes`, stay as they are.

    Required keys: `boxes`, `box_labels`, see `PairDetectionDataset`, `img_path`, `ori_shape`.
    Added keys: `gt_bboxes`, float32 (K, 4): x1, y1, x2, y2, edges in pixels; `gt_bboxes_labels`,
    int64 (K,); `boxes_outside`, how many were cut by more than `BORDER` pixels.
    """

    def transform(self, results: dict) -> dict:
        """Load the boxes, see the class.

        Raises:
            InputError: The file cannot be read, a class is unknown, or a box is empty or lies
                outside the image.
        """
        if 'boxes' not in results:
            return results
        drawn, size, place = results['boxes'], results['ori_shape'], results['img_path']
        rig = results.get('rig')
        if rig:  # boxes are drawn on the whole visible image, of which `img` is a part
            size = rig.visible_size[::-1]
        if isinstance(drawn, str):
            drawn, place = read_box_file(drawn, size), drawn
        labels = results['box_labels']
        unknown = sorted({str(name) for name, *_ in drawn if name not in labels})
        if unknown:
            known = ', '.join(name for name in labels if isinstance(name, str))
            raise InputError(
                f'{place}: has boxes of {", ".join(unknown)}, which is not a class of the data set '
                f'({known}); name it in metainfo, or say in class_names what it is.'
            )
        drawn = [(labels[name], *box) for name, *box in drawn if labels[name] is not None]
        boxes = np.array([box for _, *box in drawn], np.float32).reshape(-1, 4)
        edges = np.array(size[::-1] * 2, np.float32)
        cut = np.clip(boxes, 0, edges)
        empty = ~(cut[:, :2] < cut[:, 2:]).all(1)  # of NaN, too
        if empty.any():
            raise InputError(
                f'{place}: has {empty.sum()} box(es) that are empty or outside the image of '
                f'{size[1]}x{size[0]}, such as {boxes[empty][0].round(1).tolist()}; correct '
                f'or remove them.'
            )
        results['boxes_outside'] = int((np.abs(boxes - cut).max(1, initial=0) > BORDER).sum())
        labels = np.array([label for label, *_ in drawn], np.int64)
        if rig:
            left, top, width, height = rig.overlap
            cut = np.clip(cut - np.float32([left, top] * 2), 0, np.float32([width, height] * 2))
            inside = (cut[:, :2] < cut[:, 2:]).all(1)
            cut, labels = cut[inside], labels[inside]
        results['gt_bboxes'] = cut
        results['gt_bboxes_labels'] = labels
        return results


@TRANSFORMS.register_module()
class RandomBoxCrop(RandomCrop):
    """mmsegmentation's `RandomCrop` that cuts boxes, too.

    Modified keys: `img`, `img_shape`, `gt_bboxes`, `gt_bboxes_labels`.

    Args:
        crop_size: Height and width.
        least: Share of a box's area that must be in the crop, or the box is dropped.
    """

    def __init__(self, crop_size: tuple[int, int], least: float = 0.3):
        super().__init__(crop_size)
        self.least = least

    def transform(self, results: dict) -> dict:
        """Crop, see the class."""
        top, bottom, left, right = crop = self.crop_bbox(results)
        results['img'] = self.crop(results['img'], crop)
        results['img_shape'] = height, width = results['img'].shape[:2]
        boxes = results['gt_bboxes']
        cut = np.clip(boxes - np.float32([left, top] * 2), 0, np.float32([width, height] * 2))
        kept = _areas(cut) > self.least * _areas(boxes)
        results['gt_bboxes'] = cut[kept]
        results['gt_bboxes_labels'] = results['gt_bboxes_labels'][kept]
        return results


def _areas(boxes: np.ndarray) -> np.ndarray:
    return (boxes[:, 2:] - boxes[:, :2]).prod(1)


@TRANSFORMS.register_module()
class PackBoxes(PackSegInputs):
    """mmsegmentation's `PackSegInputs` with `gt_instances`: `bboxes` (K, 4) and `labels` (K,)."""

    def transform(self, results: dict) -> dict:
        """Pack, see the class."""
        packed = super().transform(results)
        if 'gt_bboxes' in results:
            packed['data_samples'].gt_instances = InstanceData(
                bboxes=torch.from_numpy(results['gt_bboxes']).float(),  # `Resize` makes doubles
                labels=torch.from_numpy(results['gt_bboxes_labels']),
            )
        return packed
