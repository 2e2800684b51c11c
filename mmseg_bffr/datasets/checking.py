"""All checks of a data set, without training on it."""

import os
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from mmseg.registry import DATASETS
from torch.utils.data import ConcatDataset, Dataset
from tqdm import tqdm

from bffr.errors import InputError
from mmseg_bffr.datasets.dataset_configs import base_datasets
from mmseg_bffr.datasets.transforms import IGNORE_INDEX


@dataclass
class Findings:
    """What a check found in one data set.

    Attributes:
        pairs: Number of samples.
        sizes: How many samples have which (height, width).
        pixels: Number of pixels with each label; empty without labels.
        problems: One sentence for each sample, or for the whole data set, that is wrong.
    """

    pairs: int = 0
    sizes: Counter = field(default_factory=Counter)
    pixels: Counter = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)


def check_dataset(config: dict, min_size: int = 1, workers: int | None = None) -> Findings:
    """Load every pair and label map of a data set as training would, and note what is wrong.

    Args:
        config: Config of the data set, of a type in mmsegmentation's registry, or of a wrapper
            around one or several.
        min_size: Pixels that an image needs in each direction.
        workers: Number of threads; by default one a CPU.

    Returns:
        Findings: Of all samples; nothing is raised for wrong data.
    """
    findings, datasets = Findings(), []
    for base in base_datasets(config):
        try:
            dataset = DATASETS.build({**base, 'pipeline': _loading(base['pipeline'])})
        except InputError as error:
            findings.problems.append(str(error))
        else:
            datasets.append(dataset)
    if not datasets:
        return findings
    samples = ConcatDataset(datasets)
    classes = len(datasets[0].metainfo.get('classes') or ()) or IGNORE_INDEX
    findings.pairs = len(samples)
    with ThreadPoolExecutor(max(workers or os.cpu_count(), 1)) as pool:  # decoding frees the GIL
        checked = pool.map(partial(_check, samples, classes, min_size), range(len(samples)))
        for size, pixels, problem in tqdm(checked, total=len(samples), unit='pair'):
            if problem:
                findings.problems.append(problem)
            else:
                findings.sizes[size] += 1
                findings.pixels.update(pixels)
    return findings


def _loading(pipeline: Sequence[dict]) -> list[dict]:
    """The steps that read files, none of which is kept in memory: each is read once."""
    steps = [step for step in pipeline if step['type'].startswith('Load')]
    return [{key: step[key] for key in step if key != 'keep'} for step in steps]


def _check(
    samples: Dataset, classes: int, min_size: int, number: int
) -> tuple[tuple[int, int] | None, dict, str | None]:
    """Load one sample; returns size, pixels of each label, and the problem if there is one."""
    try:
        sample = samples[number]
    except InputError as error:
        return None, {}, str(error)
    size = tuple(sample['ori_shape'])
    if min(size) < min_size:
        problem = f'has {size[1]}x{size[0]} pixels; the network needs {min_size}x{min_size}.'
        return None, {}, f'{sample["img_path"]}: {problem}'
    labels, counts = np.unique(sample.get('gt_seg_map', ()), return_counts=True)
    pixels = dict(zip(labels.tolist(), counts.tolist(), strict=True))
    wrong = [label for label in pixels if label >= classes and label != IGNORE_INDEX]
    if wrong:  # of other loaders than `LoadLabels`
        problem = f'has label(s) {", ".join(map(str, wrong))}; there are {classes} classes.'
        return None, {}, f'{sample["seg_map_path"]}: {problem}'
    return size, pixels, None
