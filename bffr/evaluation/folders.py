"""Evaluate folders of fused images: find the files, compute, several at a time."""

import logging
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np
from tqdm.contrib.concurrent import thread_map

from bffr.errors import InputError
from bffr.images.image_io import read_image, read_infrared, read_labels, read_visible
from bffr.images.matching import JPEG_SUFFIXES, composed, index_fused, index_images
from bffr.images.series import shared_scale
from bffr.images.thermal import InfraredScale
from bffr.models.zoo import FOLDER, trained_on, zoo_names

from .protocols import COLOUR_PROTOCOLS, evaluate_images, select_metrics
from .targets import target_contrast

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Triple:
    """The files of one fused image and its sources."""

    method: str
    image: str
    fused: str
    visible: str
    infrared: str
    seed: int = 0


@dataclass(frozen=True)
class Score:
    """The metrics of one fused image; values that are not finite are undefined."""

    method: str
    image: str
    values: dict[str, float]
    seed: int = 0


def find_triples(
    visible_dir: str | os.PathLike,
    infrared_dir: str | os.PathLike,
    fused_dirs: Mapping[str, Sequence[str | os.PathLike]],
    names: Sequence[str] | None = None,
) -> list[Triple]:
    """Match images by stem over all folders; the extensions may differ.

    Args:
        visible_dir, infrared_dir: Folders of the sources.
        fused_dirs: Name of a method -> folders of its fused images, one a seed.
        names: Stems of the images to take, in this order; by default all, sorted.

    Returns:
        Triples, method after method, seed after seed, each in the order of the stems.

    Raises:
        InputError: A folder is missing, there is no image, or images lack a counterpart (all of
            them in all folders are named).
    """
    seeds = [
        (method, seed, folder)
        for method, folders in fused_dirs.items()
        for seed, folder in enumerate(folders)
    ]
    folders = [visible_dir, infrared_dir, *(folder for _, _, folder in seeds)]
    visible, infrared = sources = [index_images(folder) for folder in folders[:2]]
    fused = [index_fused(folder, visible) for folder in folders[2:]]
    indexed = [*sources, *fused]
    stems = (
        sorted(set().union(*indexed))
        if names is None
        else list(dict.fromkeys(map(composed, names)))
    )
    if not stems:
        raise InputError(f'{visible_dir}: holds no image; give the folder of visible images.')
    missing = [
        f'{folder} has no {", ".join(absent)}'
        for folder, images in zip(folders, indexed, strict=True)
        if (absent := [stem for stem in stems if stem not in images])
    ]
    if missing:
        raise InputError(f'every image needs its counterparts: {"; ".join(missing)}.')
    return [
        Triple(method, stem, images[stem], visible[stem], infrared[stem], seed)
        for (method, seed, _), images in zip(seeds, fused, strict=True)
        for stem in stems
    ]


def read_triple(
    triple: Triple, colour: bool = False, scale: InfraredScale | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Read fused, visible and infrared image, uint8.

    Args:
        triple: Their files.
        colour: Whether colours are kept.
        scale: How raw infrared becomes 8 bit; by default each image has its own range.

    Returns:
        (H, W) BT.601 luma; with `colour` (H, W, 3) BGR, unless the fused file has one channel.

    Raises:
        InputError: A file cannot be read, or its size is not that of the visible image.
    """
    paths = triple.fused, triple.visible, triple.infrared
    if colour and read_image(triple.fused).ndim == 3:
        fused, visible = map(read_visible, paths[:2])
        if read_image(triple.infrared).ndim == 3:  # whose channels JPEG may have made differ
            infrared = read_visible(triple.infrared)
        else:
            infrared = cv2.cvtColor(read_infrared(triple.infrared, scale), cv2.COLOR_GRAY2BGR)
    else:
        fused, visible = (cv2.cvtColor(read_visible(p), cv2.COLOR_BGR2GRAY) for p in paths[:2])
        infrared = read_infrared(triple.infrared, scale)
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
    fused_dirs: Mapping[str, Sequence[str | os.PathLike]],
    metrics: Iterable[str] | None = None,
    protocol: str = 'project',
    names: Sequence[str] | None = None,
    workers: int = 1,
    targets_dir: str | os.PathLike | None = None,
    infrared: InfraredScale | None = None,
) -> list[Score]:
    """Compute metrics for every image of several methods, with a progress bar.

    A warning says which images the zoo's models were trained on.

    Args:
        visible_dir, infrared_dir, fused_dirs, names: As in :func:`find_triples`.
        metrics, protocol: As in :func:`evaluate_images`.
        workers: Number of threads; each holds one image triple at a time.
        targets_dir: Folder of masks, not 0 on targets; adds the metric `TC`, see
            :func:`target_contrast`, undefined for images that have no mask there.
        infrared: How raw infrared becomes 8 bit. By default all raw images of `infrared_dir` share
            a range, as when `bffr fuse` fuses the folder.

    Raises:
        InputError: As :func:`find_triples` and :func:`read_triple`, a metric is unknown, or a mask
            is not of its image's size.
    """
    metrics = select_metrics(metrics, protocol)
    triples = find_triples(visible_dir, infrared_dir, fused_dirs, names)
    _warn_of_training_images({triple.image for triple in triples})
    masks = targets_dir and index_images(targets_dir)
    jpegs = [mask for mask in (masks or {}).values() if mask.lower().endswith(JPEG_SUFFIXES)]
    if jpegs:
        raise InputError(f'{jpegs[0]}: is a JPEG, so noise would be targets; save masks as PNG.')
    if targets_dir and not any(triple.image in masks for triple in triples):
        raise InputError(
            f'{targets_dir}: has no mask with the name of an image; correct --targets.'
        )
    infrared = infrared or shared_scale([*index_images(infrared_dir).values()])
    how = dict(metrics=metrics, protocol=protocol, masks=masks, scale=infrared)
    bar = dict(desc='evaluating', unit='image')
    return thread_map(partial(_score, **how), triples, max_workers=max(workers, 1), **bar)


def _warn_of_training_images(images: set[str]) -> None:
    seen = {name: images & trained_on(name) for name in zoo_names()}
    models = [name for name, stems in seen.items() if stems]
    if models:
        stems = sorted(set().union(*seen.values()))
        _LOG.warning(
            f'{len(stems)} of {len(images)} images have names that {", ".join(models)} were '
            f'trained on ({", ".join(stems[:3])}{", ..." * (len(stems) > 3)}): do not compare what '
            f'these models made of them with other methods; all names are in '
            f'{FOLDER / "trained_on"}.'
        )


def _score(
    triple: Triple,
    metrics: list[str],
    protocol: str,
    masks: Mapping[str, str] | None,
    scale: InfraredScale,
) -> Score:
    images = read_triple(triple, protocol in COLOUR_PROTOCOLS, scale)
    values = evaluate_images(*images, metrics, protocol)
    if masks is not None:
        values['TC'] = _target_contrast(images[0], masks.get(triple.image))
    return Score(triple.method, triple.image, values, triple.seed)


def _target_contrast(fused: np.ndarray, mask: str | None) -> float:
    if mask is None:
        return math.nan
    targets = read_labels(mask)
    if targets.shape != fused.shape[:2]:
        raise InputError(f'{mask}: is {_size(targets)}, its fused image {_size(fused)}.')
    luma = cv2.cvtColor(fused, cv2.COLOR_BGR2GRAY) if fused.ndim == 3 else fused
    return target_contrast(luma, targets)


def _size(image: np.ndarray) -> str:
    return f'{image.shape[1]}x{image.shape[0]}'
