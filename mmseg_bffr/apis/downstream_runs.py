"""The trainings of a downstream comparison, each with its test."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import mmengine
import torch
from mmengine.config import Config
from mmengine.dataset import BaseDataset
from mmseg.evaluation import IoUMetric
from mmseg.registry import DATASETS

from bffr.errors import InputError
from bffr.files import write_whole
from mmseg_bffr.apis.config import load_config
from mmseg_bffr.apis.run_config import RunOptions, TrainingOptions
from mmseg_bffr.apis.segment_dataset import segment_dataset
from mmseg_bffr.apis.train import train
from mmseg_bffr.checkpoints import find_latest
from mmseg_bffr.datasets.dataset_configs import base_datasets
from mmseg_bffr.datasets.transforms import IGNORE_INDEX


@dataclass(frozen=True)
class Run:
    """One training and its test.

    Attributes:
        config: Config file.
        seed: Of the training.
    """

    config: Path
    seed: int

    @property
    def folder(self) -> Path:
        """Work dir."""
        return self.config.with_name(f'seed_{self.seed}')

    @property
    def result(self) -> Path:
        """Written last: pixels of each test image, see `_count_pixels`."""
        return self.folder / 'pixels.json'


def finish(runs: Sequence[Run], devices: Sequence[str]) -> None:
    """Train and test, on each device one run at a time."""
    if len(devices) == 1:
        _work(0, runs, devices)
        return
    try:
        torch.multiprocessing.spawn(_work, (runs, devices), nprocs=len(devices))
    except torch.multiprocessing.ProcessRaisedException as error:
        if 'InputError: ' in str(error):
            raise InputError(str(error).rpartition('InputError: ')[2].strip()) from None
        raise


def _work(number: int, runs: Sequence[Run], devices: Sequence[str]) -> None:
    """What the process of a device does: every n-th run."""
    for run in runs[number :: len(devices)]:
        config, where = str(run.config), dict(work_dir=str(run.folder), device=devices[number])
        how = TrainingOptions(**where, seed=run.seed, auto_resume=True, no_validate=True)
        train(config, how, warm_start=False)
        with TemporaryDirectory() as folder:
            maps = Path(folder, 'label_maps.pkl')
            checkpoint = find_latest(run.folder)
            segment_dataset(config, checkpoint, RunOptions(**where), out=str(maps))
            pixels = _count_pixels(load_config(config), mmengine.load(maps))
        write_whole(run.result, json.dumps(pixels).encode())


def _count_pixels(cfg: Config, label_maps: Sequence) -> dict[str, list[list[int]]]:
    """Pixels of each class in each test image: intersection, union, predicted, labelled."""
    datasets = build_datasets(cfg, 'test', [dict(type='LoadPair'), dict(type='LoadLabels')])
    samples = (data[index] for data in datasets for index in range(len(data)))
    classes = len(datasets[0].metainfo['classes'])
    pixels = {}
    for sample, label_map in zip(samples, label_maps, strict=True):
        labels = torch.from_numpy(sample['gt_seg_map'])
        areas = IoUMetric.intersect_and_union(
            torch.from_numpy(label_map), labels, classes, IGNORE_INDEX
        )
        pixels[Path(sample['img_path']).stem] = [area.int().tolist() for area in areas]
    return pixels


def build_datasets(cfg: Config, part: str, pipeline: list[dict]) -> list[BaseDataset]:
    """The data sets of `train` or `test` with another pipeline."""
    configs = base_datasets(cfg[f'{part}_dataloader'].dataset)
    return [DATASETS.build(dict(config, pipeline=pipeline)) for config in configs]
