"""Checking the data that a config names: what `bffr check` does."""

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
from mmcv.transforms import BaseTransform
from mmseg.registry import DATASETS, TRANSFORMS
from torch.utils.data import Dataset
from tqdm.contrib.concurrent import thread_map

from bffr.errors import InputError
from bffr.images.image_io import read_infrared, read_labels, read_visible
from mmseg_bffr.apis.config import is_fuser, load_config, min_size, require_matching_classes
from mmseg_bffr.datasets.dataset_configs import base_datasets, class_metainfo
from mmseg_bffr.datasets.pair_detection_dataset import PairDetectionDataset
from mmseg_bffr.datasets.transforms import IGNORE_INDEX
from mmseg_bffr.datasets.transforms.boxes import BORDER
from mmseg_bffr.models import TransFuser

MANY_IGNORED = 5
"""Percent of pixels without a label that is worth a warning."""


@dataclass
class Findings:
    """What a check found in one data set.

    Attributes:
        pairs: Number of samples.
        sizes: How many samples have which (height, width).
        pixels: Number of pixels with each label; empty without labels.
        boxes: Number of boxes with each label; empty without boxes.
        without_image: Path of boxes -> names of boxes of no image in this data set's folders.
        problems: A sentence on each thing that is wrong with a sample or with the whole data set.
        warnings: A sentence on each that may be meant so.
    """

    pairs: int = 0
    sizes: Counter = field(default_factory=Counter)
    pixels: Counter = field(default_factory=Counter)
    boxes: Counter = field(default_factory=Counter)
    without_image: dict[Path, set[str]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def check_data(
    config: str, *, cfg_options: Sequence[str] = (), workers: int | None = None
) -> dict[str, Findings]:
    """Check all data of a config, print what is wrong, then tables of what there is.

    Args:
        config: Config file, perhaps of data alone, whose pairs are then for TransFuser.
        cfg_options: See `load_config`.
        workers: Number of threads; by default one a CPU.

    Returns:
        dict: Findings of each of train, val and test.

    Raises:
        InputError: The config is wrong, or something is wrong with the data; printed before.
    """
    cfg = load_config(config, cfg_options)
    needed = TransFuser.min_size
    if 'model' in cfg:
        needed = min_size(cfg.model)
        if not is_fuser(cfg.model):
            require_matching_classes(cfg, 'train', 'val', 'test')
    found = {}
    for part in ('train', 'val', 'test'):
        loader = cfg.get(f'{part}_dataloader')
        if loader:
            places = (
                ' '.join(str(base[key]) for key in ('data_root', 'ann_file') if base.get(key))
                for base in base_datasets(loader.dataset)
            )
            print(f'{part}: {", ".join(places)}')
            found[part] = check_dataset(loader.dataset, needed, workers)
    _judge_box_files(found)
    for part, findings in found.items():
        for problem in findings.problems:
            print(f'{part}: {problem}')
        for warning in findings.warnings:
            print(f'{part}: warning: {warning}')
    print(_overview(found))
    classes = class_metainfo(cfg)['classes']
    if any(findings.pixels for findings in found.values()):
        print(_frequencies(found, classes))
    if any(findings.boxes for findings in found.values()):
        counts = [
            [findings.boxes[label] for findings in found.values()] for label in range(len(classes))
        ]
        print(_table('boxes', found, dict(zip(classes, counts, strict=True)), '9'))
    problems = sum(len(findings.problems) for findings in found.values())
    if problems:
        raise InputError(
            f'{config}: its data has {problems} problem(s), listed above; correct them.'
        )
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
    shares = {
        name: [
            100 * findings.pixels[label] / max(findings.pixels.total(), 1)
            for findings in found.values()
        ]
        for label, name in (*enumerate(classes), (IGNORE_INDEX, '(ignored)'))
    }
    return _table('pixels, %', found, shares, '9.3f')


def _table(head: str, parts: Iterable[str], rows: Mapping[str, Sequence], how: str) -> str:
    lines = ['', f'{head:14}' + ''.join(f'{part:>9}' for part in parts)]
    lines += [
        f'{name:14}' + ''.join(f'{value:{how}}' for value in row) for name, row in rows.items()
    ]
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
    findings, samples, classes = Findings(), [], ()
    for base in base_datasets(config):
        try:
            dataset = DATASETS.build({**base, 'pipeline': []})
        except InputError as error:
            findings.problems.append(str(error))
        else:
            steps = _loading(base['pipeline'])
            samples += [(dataset, number, steps) for number in range(len(dataset))]
            if isinstance(dataset, PairDetectionDataset):
                findings.without_image[dataset.box_place] = dataset.boxes_without_image()
            classes = dataset.metainfo.get('classes') or ()
    findings.pairs = len(samples)
    check = partial(_check, len(classes) or IGNORE_INDEX, min_size)
    threads = max(workers or os.cpu_count(), 1)  # decoding frees the GIL
    without_boxes, outside = 0, 0
    for sample, pixels, problems in thread_map(check, samples, max_workers=threads, unit='pair'):
        findings.problems += problems
        findings.pixels.update(pixels)
        boxes = sample.get('gt_bboxes_labels', ())
        findings.boxes.update(map(int, boxes))
        without_boxes += 'gt_bboxes_labels' in sample and not len(boxes)
        outside += sample.get('boxes_outside', 0)
        if not problems:
            findings.sizes[sample['ori_shape']] += 1
    findings.problems = list(dict.fromkeys(findings.problems))  # such as of a file that all need
    if findings.pixels:
        _judge(findings, classes)
    if findings.boxes:
        absent = [name for label, name in enumerate(classes) if not findings.boxes[label]]
        findings.warnings += [f'{", ".join(absent)}: no box has this class.'] * bool(absent)
    if without_boxes:
        findings.warnings.append(f'{without_boxes} of {len(samples)} pairs have no box.')
    if outside:
        findings.warnings.append(
            f'{outside} box(es) reach more than {BORDER} pixels outside their image; what is '
            f'outside is cut off.'
        )
    return findings


def _judge_box_files(found: Mapping[str, Findings]) -> None:
    """Note boxes of which no part of the data has the image; of others one does."""
    for place in {place for findings in found.values() for place in findings.without_image}:
        of_parts = {
            part: findings.without_image[place]
            for part, findings in found.items()
            if place in findings.without_image
        }
        names = sorted(set.intersection(*of_parts.values()))
        if names:
            found[next(iter(of_parts))].problems.append(
                f'{place}: has boxes of {len(names)} image(s) that are not there: '
                f'{", ".join(names[:5])}{", ..." if len(names) > 5 else ""}'
            )


def _judge(findings: Findings, classes: Sequence[str]) -> None:
    """Note what is strange about the labels as a whole."""
    absent = [name for label, name in enumerate(classes) if not findings.pixels[label]]
    ignored = 100 * findings.pixels[IGNORE_INDEX] / findings.pixels.total()
    never = f'{", ".join(absent)} never occur{"s" * (len(absent) == 1)} in the labels'
    share = f'{ignored:.1f} % of the pixels are {IGNORE_INDEX}, the ignored value'
    if len(classes) - len(absent) < min(len(classes), 2):  # nothing to tell apart
        findings.problems.append(
            f'{never}, while {share}; a mask of 0 and 255 must hold 0 and 1 instead.'
            if ignored
            else f'{never}; give labels of at least two classes.'
        )
        return
    findings.warnings += [f'{never}.'] * bool(absent) + [f'{share}.'] * (ignored > MANY_IGNORED)


_KEPT = 'ori_shape', 'gt_bboxes_labels', 'boxes_outside'


def _loading(pipeline: Sequence[dict]) -> list[BaseTransform]:
    """The steps that read files, none of which is kept in memory: each is read once."""
    steps = [step for step in pipeline if step['type'].startswith('Load')]
    return [TRANSFORMS.build({key: step[key] for key in step if key != 'keep'}) for step in steps]


def _check(
    classes: int, min_size: int, place: tuple[Dataset, int, Sequence[BaseTransform]]
) -> tuple[dict, dict, list[str]]:
    """Load one sample; returns its size and boxes, pixels of each label, and all its problems."""
    dataset, number, steps = place
    sample, problems = dataset[number], []
    for step in steps:
        try:
            if problems and 'ori_shape' not in sample:  # labels of an image that cannot be read
                if 'seg_map_path' not in sample:
                    break
                sample['ori_shape'] = read_labels(sample['seg_map_path']).shape
            sample = step(sample)
        except InputError as error:
            problems += _of_each_image(sample) or [str(error)]
    if not problems and min(sample['ori_shape']) < min_size:
        height, width = sample['ori_shape']
        problems.append(
            f'{sample["img_path"]}: has {width}x{height} pixels; the network needs '
            f'{min_size}x{min_size}.'
        )
    labels, counts = np.unique(sample.get('gt_seg_map', ()), return_counts=True)
    pixels = dict(zip(labels.tolist(), counts.tolist(), strict=True))
    wrong = [label for label in pixels if label >= classes and label != IGNORE_INDEX]
    if wrong:  # of other loaders than `LoadLabels`
        problems.append(
            f'{sample["seg_map_path"]}: has label(s) {", ".join(map(str, wrong))}; there are '
            f'{classes} classes.'
        )
    kept = {key: sample[key] for key in _KEPT if key in sample}
    return kept, pixels, problems


def _of_each_image(sample: Mapping) -> list[str]:
    """What is wrong with the two files of a pair that was not loaded, each for itself."""
    problems = []
    if 'ir_path' in sample and 'ori_shape' not in sample:
        for read, key in ((read_visible, 'img_path'), (read_infrared, 'ir_path')):
            try:
                read(sample[key])
            except InputError as error:
                problems.append(str(error))
    return problems
