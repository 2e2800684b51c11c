"""One downstream protocol for all fusion methods: what `bffr downstream` does."""

import copy
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

import mmengine
import torch
from mmengine.config import Config
from mmengine.logging import print_log
from mmseg.evaluation import IoUMetric
from mmseg.registry import DATASETS

from bffr.errors import InputError
from bffr.evaluation import check_suffix
from bffr.files import write_whole
from mmseg_bffr.apis.config import has_detector, has_fuser, is_fuser, load_config
from mmseg_bffr.apis.iou_table import SUFFIXES, image_parts, write_table
from mmseg_bffr.apis.run_config import RunOptions, TrainingOptions
from mmseg_bffr.apis.segment_dataset import segment_dataset
from mmseg_bffr.apis.train import train
from mmseg_bffr.checkpoints import find_latest
from mmseg_bffr.datasets.dataset_configs import base_datasets, class_metainfo
from mmseg_bffr.datasets.transforms import IGNORE_INDEX

PROTOCOL = 1
"""To be counted up with every change to what is done here with a config."""

_RECIPE = (
    *('model', 'train_dataloader', 'test_dataloader', 'optim_wrapper', 'param_scheduler'),
    *('train_cfg', 'load_from', 'custom_hooks', 'compile'),
)
"""Sections of a config that results depend on."""


_RESULT = 'pixels.json'
"""In the work dir of a training and its test, written last: see `_count_pixels`."""


def downstream(
    fused: Mapping[str, str],
    data: str,
    *,
    seeds: Sequence[int] = (0,),
    out: str,
    lists: Mapping[str, str] | None = None,
    work_dir: str = 'work_dirs/downstream',
    devices: Sequence[str] | None = None,
    cfg_options: Sequence[str] = (),
) -> None:
    """Train the same segmenter on each method's images, once a seed, and test it.

    Every run trains from the start to the end without validation, and its last checkpoint counts.
    It has a folder of its own, `WORK_DIR/<config name>-<recipe>/NAME-<digest of the data>/seed_N`;
    started again, finished runs are skipped and one that was interrupted goes on.

    Args:
        fused: Name of each method -> folder of its images, named as the labels are; or two
            folders, `VIS,IR`, whose pairs are not fused: infrared is a fourth channel.
        data: Config of a segmenter on images of one kind, such as
            `configs/segformer/segformer_mit-b0_1xb4-1k_msrs-96x128.py`.
        seeds: Of the trainings of each method.
        out: `.csv` or `.md` file, see `write_table`.
        lists: Parts of the test set that are reported apart -> split files; by default day and
            night, where all names end in D or N.
        work_dir: For the runs.
        devices: `cpu`, `cuda:N`; a process each. By default all CUDA devices, or else the CPU.
        cfg_options: See `load_config`; they change the recipe.

    Raises:
        InputError: Something that the user gave is wrong.
    """
    check_suffix(out, SUFFIXES)
    cfg = load_config(data, cfg_options)
    if is_fuser(cfg.model) or has_fuser(cfg.model):
        raise InputError(f'{data}: has a fuser; give the config of a segmenter on fused images.')
    if has_detector(cfg.model):
        raise InputError(
            f'{data}: has a detector, and this protocol is of segmenters; train it on the images '
            f'of each method by IMAGES=DIR, see docs/detection.md.'
        )
    recipe = recipe_version(cfg)
    runs, names = {}, []
    for name, folder in fused.items():
        one = copy.deepcopy(cfg)
        _take_images(one, *folder.split(','))
        files = _data_files(one)
        names = [Path(image).stem for image, *_ in files['test']]
        path = Path(work_dir, f'{Path(data).stem}-{recipe}', f'{name}-{_digest(files)}/config.py')
        runs[name] = [(path.with_name(f'seed_{seed}'), seed) for seed in seeds]
        path.parent.mkdir(parents=True, exist_ok=True)
        one.dump(path)
    parts = image_parts(names, lists)
    every = list(chain.from_iterable(runs.values()))
    missing = [(folder, seed) for folder, seed in every if not (folder / _RESULT).is_file()]
    print_log(f'Recipe {recipe}: {len(missing)} of {len(every)} runs to do.', 'current')
    gpus = [f'cuda:{index}' for index in range(torch.cuda.device_count())]
    _finish(missing, devices or gpus or ['cpu'])
    methods = {
        name: [json.loads((folder / _RESULT).read_text()) for folder, _ in of_method]
        for name, of_method in runs.items()
    }
    write_table(out, methods, parts, class_metainfo(cfg)['classes'], recipe)


def recipe_version(cfg: Config) -> str:
    """Version of a recipe: `PROTOCOL` and a digest of what results depend on.

    Where the data are, and how many workers load them, are not part of it.
    """
    recipe = Config({key: cfg.get(key) for key in _RECIPE}).to_dict()
    for part in ('train', 'test'):
        loader = recipe[f'{part}_dataloader']
        for key in ('num_workers', 'persistent_workers', 'pin_memory'):
            loader.pop(key, None)
        for dataset in base_datasets(loader['dataset']):
            dataset.pop('data_root', None)
            dataset.pop('data_prefix', None)
    text = json.dumps(recipe, sort_keys=True, default=str)
    return f'{PROTOCOL}-{hashlib.sha256(text.encode()).hexdigest()[:8]}'


def _take_images(cfg: Config, folder: str, infrared: str = '') -> None:
    """Let all data sets read their images from a folder, or pairs from two."""
    for part in ('train', 'val', 'test'):
        for dataset in base_datasets(cfg[f'{part}_dataloader'].dataset):
            prefix = dict(dataset.get('data_prefix') or {'seg_map_path': 'labels'})
            images = dict(img_path=folder, ir_path=infrared)
            absolute = {key: path and os.path.abspath(path) for key, path in images.items()}
            dataset.data_prefix = dict(prefix, **absolute)
    if infrared:
        cfg.model.backbone.in_channels = 4


def _data_files(cfg: Config) -> dict[str, list[list[str]]]:
    """Image or pair, and label map, of every sample of `train` and `test`, none missing."""
    keys = 'img_path', 'ir_path', 'seg_map_path'
    return {
        part: [[sample[key] for key in keys if key in sample] for sample in _samples(cfg, part, [])]
        for part in ('train', 'test')
    }


def _samples(cfg: Config, part: str, pipeline: list[dict]) -> Iterator[dict]:
    """All samples of `train` or `test`, by another pipeline."""
    for config in base_datasets(cfg[f'{part}_dataloader'].dataset):
        dataset = DATASETS.build(dict(config, pipeline=pipeline))
        yield from (dataset[index] for index in range(len(dataset)))


def _digest(files: Mapping[str, Sequence[Sequence[str]]]) -> str:
    """Eight hexadecimal digits that change with any byte of any file, and with their order."""
    digest = hashlib.sha256()
    for part, samples in files.items():
        for path in (path for sample in samples for path in sample):
            digest.update(f'{part} {Path(path).name} '.encode())
            digest.update(Path(path).read_bytes())
    return digest.hexdigest()[:8]


def _finish(runs: Sequence[tuple[Path, int]], devices: Sequence[str]) -> None:
    """Train and test in folders and by seeds, on each device one run at a time."""
    if len(devices) == 1:
        _work(0, runs, devices)
        return
    try:
        torch.multiprocessing.spawn(_work, (runs, devices), nprocs=len(devices))
    except torch.multiprocessing.ProcessRaisedException as error:
        if 'InputError: ' in str(error):
            raise InputError(str(error).rpartition('InputError: ')[2].strip()) from None
        raise


def _work(number: int, runs: Sequence[tuple[Path, int]], devices: Sequence[str]) -> None:
    """What the process of a device does: every n-th run."""
    for run, seed in runs[number :: len(devices)]:
        config = str(run.with_name('config.py'))
        where = dict(work_dir=str(run), device=devices[number])
        how = TrainingOptions(**where, seed=seed, auto_resume=True, no_validate=True)
        train(config, how, warm_start=False)
        with TemporaryDirectory() as folder:
            maps = Path(folder, 'label_maps.pkl')
            segment_dataset(config, find_latest(run), RunOptions(**where), out=str(maps))
            pixels = _count_pixels(load_config(config), mmengine.load(maps))
        write_whole(run / _RESULT, json.dumps(pixels).encode())


def _count_pixels(cfg: Config, label_maps: Sequence) -> dict[str, list[list[int]]]:
    """Pixels of each class in each test image: intersection, union, predicted, labelled."""
    samples = _samples(cfg, 'test', [dict(type='LoadPair'), dict(type='LoadLabels')])
    classes = len(class_metainfo(cfg)['classes'])
    pixels = {}
    for sample, label_map in zip(samples, label_maps, strict=True):
        labels = torch.from_numpy(sample['gt_seg_map'])
        areas = IoUMetric.intersect_and_union(
            torch.from_numpy(label_map), labels, classes, IGNORE_INDEX
        )
        pixels[Path(sample['img_path']).stem] = [area.int().tolist() for area in areas]
    return pixels
