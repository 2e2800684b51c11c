"""The tasks of the downstream protocol: how each is tested, and what its table has."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

import mmengine
import numpy as np
import torch
from mmengine.config import Config
from mmseg.evaluation import IoUMetric
from mmseg.registry import DATASETS

from mmseg_bffr.apis.config import load_config
from mmseg_bffr.apis.detect_dataset import detect_dataset
from mmseg_bffr.apis.run_config import RunOptions
from mmseg_bffr.apis.segment_dataset import segment_dataset
from mmseg_bffr.datasets.dataset_configs import base_datasets, class_metainfo
from mmseg_bffr.datasets.transforms import IGNORE_INDEX
from mmseg_bffr.engine.box_metric import Boxes, as_coco, average_precision

Pixels = Mapping[str, Sequence[Sequence[int]]]
"""Image -> pixels of each class: intersection, union, predicted, labelled."""


class Task(Protocol):
    """What the protocol needs to know of a task."""

    result: str
    """Name of the JSON file, image -> what its test gave, which is written last."""
    caption: str
    """What the values of the table are."""
    labels: dict[str, str]
    """Where labels are by default, as in `data_prefix`."""

    def test(self, config: str, checkpoint: str, run: RunOptions) -> dict[str, list]:
        """Test on the config's test set; image -> what JSON can hold."""

    def score(
        self, tested: Mapping[str, list], images: Sequence[str], classes: Sequence[str]
    ) -> dict[str, float]:
        """Columns of the table, in percent, of some of the images."""


class Segmentation:
    """IoU of pixels: see `Task`."""

    result = 'pixels.json'
    caption = 'IoU in percent'
    labels = {'seg_map_path': 'labels'}

    def test(self, config: str, checkpoint: str, run: RunOptions) -> dict[str, list]:
        """Pixels of each class: intersection, union, predicted, labelled."""
        with TemporaryDirectory() as folder:
            maps = Path(folder, 'label_maps.pkl')
            segment_dataset(config, checkpoint, run, out=str(maps))
            return _count_pixels(load_config(config), mmengine.load(maps))

    def score(
        self, tested: Pixels, images: Sequence[str], classes: Sequence[str]
    ) -> dict[str, float]:
        """mIoU and the IoU of each class over all pixels, in percent, as mmsegmentation has them.

        A class in neither labels nor predictions is NaN and does not count in the mean.
        """
        totals = torch.tensor([tested[image] for image in images]).sum(0).double()
        ious = 100 * IoUMetric.total_area_to_metrics(*totals, ['mIoU'])['IoU']
        return {'mIoU': np.nanmean(ious).item(), **dict(zip(classes, ious.tolist(), strict=True))}


class Detection:
    """Average precision of boxes, see `BoxMetric`, and `Task`."""

    result = 'boxes.json'
    caption = "COCO's average precision in percent; of the classes at an IoU of 0.50"
    labels = {}

    def test(self, config: str, checkpoint: str, run: RunOptions) -> dict[str, list]:
        """Drawn and found boxes, as COCO has them."""
        with TemporaryDirectory() as folder:
            dump = Path(folder, 'samples.pkl')
            detect_dataset(config, checkpoint, run, out=str(dump))
            found = [sample['pred_instances'] for sample in mmengine.load(dump)]
        return {
            image: [drawn, as_coco(one['bboxes'], one['labels'], one['scores'])]
            for (image, drawn), one in zip(drawn_boxes(load_config(config)), found, strict=True)
        }

    def score(
        self, tested: Mapping[str, list[Boxes]], images: Sequence[str], classes: Sequence[str]
    ) -> dict[str, float]:
        """AP, AP50 and AP75 of all, and the AP50 of each class; `boxes` counts the drawn ones."""
        found = average_precision([tested[image] for image in images], classes)
        return {**found[''], **{name: found[name]['AP50'] for name in classes}}


TASKS: dict[str, Task] = {'segmentation': Segmentation(), 'detection': Detection()}


def drawn_boxes(cfg: Config) -> Iterator[tuple[str, Boxes]]:
    """Names of the test images, and the boxes drawn on them."""
    for sample in data_samples(cfg, 'test', [dict(type='LoadPair'), dict(type='LoadBoxes')]):
        boxes, labels = (torch.from_numpy(sample[f'gt_bboxes{end}']) for end in ('', '_labels'))
        yield Path(sample['img_path']).stem, as_coco(boxes, labels)


def data_samples(cfg: Config, part: str, pipeline: list[dict]) -> Iterator[dict]:
    """All samples of `train` or `test`, by another pipeline."""
    for config in base_datasets(cfg[f'{part}_dataloader'].dataset):
        dataset = DATASETS.build(dict(config, pipeline=pipeline))
        yield from (dataset[index] for index in range(len(dataset)))


def _count_pixels(cfg: Config, label_maps: Sequence) -> dict[str, list[list[int]]]:
    samples = data_samples(cfg, 'test', [dict(type='LoadPair'), dict(type='LoadLabels')])
    classes = len(class_metainfo(cfg)['classes'])
    pixels = {}
    for sample, label_map in zip(samples, label_maps, strict=True):
        labels = torch.from_numpy(sample['gt_seg_map'])
        areas = IoUMetric.intersect_and_union(
            torch.from_numpy(label_map), labels, classes, IGNORE_INDEX
        )
        pixels[Path(sample['img_path']).stem] = [area.int().tolist() for area in areas]
    return pixels
