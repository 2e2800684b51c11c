"""All checks of a data set, without training on it."""

import os
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from mmengine.dataset import BaseDataset
from mmseg.registry import DATASETS
from tqdm import tqdm

from mmseg_bffr.errors import InputError

MIN_SIZE = 16
"""Pixels that an image needs in each direction to go through the network."""


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


def check_dataset(config: dict, workers: int | None = None) -> Findings:
    """Load every pair and label map of a data set as training would, and note what is wrong.

    Args:
        config: Config of the data set, of a type in mmsegmentation's registry.
        workers: Number of threads; by default one a CPU.

    Returns:
        Findings: Of all samples; nothing is raised for wrong data.
    """
    findings = Findings()
    try:
        dataset = DATASETS.build({**config, 'pipeline': _loading(config['pipeline'])})
    except InputError as error:
        findings.problems.append(str(error))
        return findings
    findings.pairs = len(dataset)
    with ThreadPoolExecutor(workers or os.cpu_count()) as pool:  # decoding frees python's lock
        checked = pool.map(partial(_check, dataset), range(len(dataset)))
        for size, pixels, problem in tqdm(checked, total=len(dataset), unit='pair'):
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


def _check(dataset: BaseDataset, number: int) -> tuple[tuple[int, int] | None, dict, str | None]:
    """Load one sample; returns size, pixels of each label, and the problem if there is one."""
    try:
        sample = dataset[number]
    except InputError as error:
        return None, {}, str(error)
    size = tuple(sample['ori_shape'])
    if min(size) < MIN_SIZE:
        problem = f'has {size[1]}x{size[0]} pixels; the network needs {MIN_SIZE}x{MIN_SIZE}.'
        return None, {}, f'{sample["img_path"]}: {problem}'
    labels, counts = np.unique(sample.get('gt_seg_map', ()), return_counts=True)
    return size, dict(zip(labels.tolist(), counts.tolist(), strict=True)), None
