"""Checking the data that a config names: what `bffr check` does."""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from mmseg.registry import DATASETS
from torch.utils.data import ConcatDataset, Dataset
from tqdm.contrib.concurrent import thread_map

from bffr.errors import InputError
from mmseg_bffr.apis.config import load_config
from mmseg_bffr.datasets.dataset_configs import base_datasets, class_metainfo
from mmseg_bffr.datasets.transforms import IGNORE_INDEX
from mmseg_bffr.models import TransFuser


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


def check_data(
    config: str, *, cfg_options: Sequence[str] = (), workers: int | None = None
) -> dict[str, Findings]:
    """Check all data of a config, print what is wrong, then tables of what there is.

    Args:
        config: Config file.
        cfg_options: See `load_config`.
        workers: Number of threads; by default one a CPU.

    Returns:
        dict: Findings of each of train, val and test.

    Raises:
        InputError: The config is wrong, or something is wrong with the data; printed before.
    """
    cfg = load_config(config, cfg_options)
    found = {}
    for part in ('train', 'val', 'test'):
        loader = cfg.get(f'{part}_dataloader')
        if loader:
            places = (
                ' '.join(str(base[key]) for key in ('data_root', 'ann_file') if base.get(key))
                for base in base_datasets(loader.dataset)
            )
            print(f'{part}: {", ".join(places)}')
            found[part] = check_dataset(loader.dataset, TransFuser.min_size, workers)
    for part, findings in found.items():
        for problem in findings.problems:
            print(f'{part}: {problem}')
    print(_overview(found))
    if any(findings.pixels for findings in found.values()):
        print(_frequencies(found, class_metainfo(cfg)['classes']))
    problems = sum(len(findings.problems) for findings in found.values())
    if problems:
        raise InputError(f'{config}: its data has {problems} problem(s), listed above; mend them.')
    return found


def _overview(found: dict[str, Findings]) -> str:
    lines = ['', f'{"":6} {"pairs":>7} {"problems":>9}  sizes']
    for part, findings in found.items():
        sizes = ', '.join(
            f'{width}x{height}: {count}' for (height, width), count in findings.sizes.most_common(5)
        )
        more = len(findings.sizes) - 5
        sizes += f', {more} more' if more > 0 else ''
        lines.append(f'{part:6} {findings.pairs:7} {len(findings.problems):9}  {sizes}')
    return '\n'.join(lines)


def _frequencies(found: dict[str, Findings], classes: Sequence[str]) -> str:
    """Share of each class in the labelled pixels, in percent."""
    names = [*enumerate(classes), (IGNORE_INDEX, '(ignored)')]
    lines = ['', 'pixels, %'.ljust(14) + ''.join(f'{part:>9}' for part in found)]
    for label, name in names:
        shares = [
            100 * findings.pixels[label] / max(findings.pixels.total(), 1)
            for findings in found.values()
        ]
        lines.append(f'{name:14}' + ''.join(f'{share:9.3f}' for share in shares))
    return '\n'.join(lines)


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
    check = partial(_check, samples, classes, min_size)
    threads = max(workers or os.cpu_count(), 1)  # decoding frees the GIL
    for size, pixels, problem in thread_map(
        check, range(len(samples)), max_workers=threads, unit='pair'
    ):
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
