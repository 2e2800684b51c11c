"""The training pipeline against its equivalent in plain OpenCV, one worker."""

import itertools
from collections.abc import Callable, Iterable
from pathlib import Path

import cv2
import numpy as np
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmseg.registry import DATASETS

from bffr_runtime.image_io import write_png
from mmseg_bffr.benchmark.cases import Case, Shape
from mmseg_bffr.benchmark.opencv_pipeline import opencv_sample
from mmseg_bffr.errors import InputError

SAMPLES = 32
"""Made by one call: enough that the random sizes average out."""


def data_cases(cfg: Config, shape: Shape, folder: str) -> list[Case]:
    """Samples of the config's training set, as one worker of a data loader makes them.

    Args:
        cfg: With `train_dataloader`.
        shape: Where the training set is not there, random pairs of this size take its place.
        folder: Into which they are written.
    """
    cv2.setNumThreads(0)  # as in mmengine's workers
    torch.set_num_threads(1)
    dataset = cfg.train_dataloader.dataset
    if not Path(dataset.data_root, dataset.ann_file).is_file():
        print(f'{dataset.data_root}: is not there; using random pairs of {shape[0]}x{shape[1]}.')
        _write_random_pairs(Path(folder), shape)
        dataset.update(data_root=folder, ann_file='train.txt')
    init_default_scope(cfg.default_scope)
    dataset = DATASETS.build(dataset)
    files = [dataset.get_data_info(index) for index in range(len(dataset))]
    if 'ir_path' not in files[0]:
        raise InputError('--mode data compares pairs in two files; give a config and data of such.')
    return [
        Case('data', _several(dataset.__getitem__, range(len(dataset))), SAMPLES),
        Case('plain OpenCV', _several(opencv_sample, files), SAMPLES),
    ]


def _write_random_pairs(folder: Path, shape: Shape, pairs: int = 12) -> None:
    """Write smooth pairs, which take as long to decode as photographs; noise takes half of it."""
    rng = np.random.default_rng(0)
    names = [f'{index:05d}' for index in range(pairs)]
    for name in names:
        vis = rng.integers(0, 256, (12, 16, 3), np.uint8)
        labels = cv2.resize(vis[..., 0] % 9, shape[::-1], interpolation=cv2.INTER_NEAREST)
        vis = cv2.resize(vis, shape[::-1])
        for kind, image in {'vis': vis, 'ir': vis[..., 1], 'labels': labels}.items():
            write_png(folder / kind / f'{name}.png', image)
    (folder / 'train.txt').write_text('\n'.join(names))


def _several(load: Callable, items: Iterable) -> Callable[[], None]:
    endless = itertools.cycle(items)

    def run():
        for item in itertools.islice(endless, SAMPLES):
            load(item)

    return run
