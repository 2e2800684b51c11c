"""Evaluate folders of fused images: find the files, compute, several at a time."""

import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np
import torch
from tqdm import tqdm

from bffr_runtime.image_io import read_infrared, read_visible
from bffr_runtime.pairs import index_fused, index_images
from mmseg_bffr.errors import InputError

from .metrics import evaluate_images, select_metrics


@dataclass(frozen=True)
class Triple:
    """The files of one fused image and its sources."""

    method: str
    image: str
    fused: str
    visible: str
    infrared: str


@dataclass(frozen=True)
class Score:
    """The metrics of one fused image; values that are not finite are undefined."""

    method: str
    image: str
    values: dict[str, float]


def find_triples(
    visible_dir: str | os.PathLike,
    infrared_dir: str | os.PathLike,
    fused_dirs: Mapping[str, str | os.PathLike],
) -> list[Triple]:
    """Match images by stem over all folders; the extensions may differ.

    Args:
        visible_dir, infrared_dir: Folders of the sources.
        fused_dirs: Name of a method -> folder of its fused images.

    Returns:
        Triples, method after method, each sorted by stem.

    Raises:
        InputError: A folder is missing, there is no image, or images lack a counterpart (all of
            them in all folders are named).
    """
    folders = [visible_dir, infrared_dir, *fused_dirs.values()]
    visible, infrared = sources = [index_images(folder) for folder in folders[:2]]
    fused = [index_fused(folder, visible) for folder in folders[2:]]
    indexed = [*sources, *fused]
    stems = sorted(set().union(*indexed))
    if not stems:
        raise InputError(f'{visible_dir}: holds no image; give the folder of visible images.')
    missing = [
        f'{folder} has no {", ".join(stem for stem in stems if stem not in images)}'
        for folder, images in zip(folders, indexed, strict=True)
        if len(images) < len(stems)
    ]
    if missing:
        raise InputError(f'every image needs its counterparts: {"; ".join(missing)}.')
    return [
        Triple(method, stem, images[stem], visible[stem], infrared[stem])
        for method, images in zip(fused_dirs, fused, strict=True)
        for stem in stems
    ]


def read_triple(triple: Triple) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Read fused, visible and infrared image as uint8 (H, W) BT.601 luma.

    Raises:
        InputError: A file cannot be read, or its size is not that of the visible image.
    """
    fused, visible = (
        cv2.cvtColor(read_visible(path), cv2.COLOR_BGR2GRAY)
        for path in (triple.fused, triple.visible)
    )
    infrared = read_infrared(triple.infrared)
    for path, image in ((triple.infrared, infrared), (triple.fused, fused)):
        if image.shape != visible.shape:
            raise InputError(
                f'{path}: is {_size(image)}, but {triple.visible} is {_size(visible)}; '
                'metrics need images of one size.'
            )
    return fused, visible, infrared


def evaluate_folders(
    visible_dir: str | os.PathLike,
    infrared_dir: str | os.PathLike,
    fused_dirs: Mapping[str, str | os.PathLike],
    metrics: Iterable[str] | None = None,
    published: bool = False,
    workers: int = 1,
) -> list[Score]:
    """Compute metrics for every image of several methods, with a progress bar.

    Args:
        visible_dir, infrared_dir, fused_dirs: As in :func:`find_triples`.
        metrics, published: As in :func:`evaluate_images`.
        workers: Number of threads; each holds one image triple at a time.

    Raises:
        InputError: As :func:`find_triples` and :func:`read_triple`, or a metric is unknown.
    """
    names = [metric.name for metric in select_metrics(metrics)]
    triples = find_triples(visible_dir, infrared_dir, fused_dirs)
    score = partial(_score, metrics=names, published=published)
    threads = torch.get_num_threads()
    try:
        with ThreadPoolExecutor(
            max(workers, 1), initializer=torch.set_num_threads, initargs=[1]
        ) as pool:
            scores = pool.map(score, triples)
            return list(tqdm(scores, total=len(triples), desc='evaluating', unit='image'))
    finally:
        torch.set_num_threads(threads)


def _score(triple: Triple, metrics: list[str], published: bool) -> Score:
    values = evaluate_images(*read_triple(triple), metrics, published)
    return Score(triple.method, triple.image, values)


def _size(image: np.ndarray) -> str:
    return f'{image.shape[1]}x{image.shape[0]}'
