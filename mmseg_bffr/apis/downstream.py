"""One downstream protocol for all fusion methods: what `bffr downstream` does."""

import copy
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.logging import print_log

from bffr.errors import InputError
from bffr.evaluation import check_suffix
from bffr.files import write_whole
from mmseg_bffr.apis.config import has_detector, has_fuser, is_fuser, load_config
from mmseg_bffr.apis.downstream_tasks import TASKS, Task, data_samples, drawn_boxes
from mmseg_bffr.apis.parts_table import SUFFIXES, image_parts, write_table
from mmseg_bffr.apis.run_config import RunOptions, TrainingOptions, refuse_shared_names
from mmseg_bffr.apis.train import train
from mmseg_bffr.checkpoints import find_latest
from mmseg_bffr.datasets.dataset_configs import base_datasets, class_metainfo
from mmseg_bffr.engine.box_metric import Boxes

PROTOCOL = 1
"""To be counted up with every change to what is done here with a config."""

_RECIPE = (
    *('model', 'train_dataloader', 'test_dataloader', 'optim_wrapper', 'param_scheduler'),
    *('train_cfg', 'load_from', 'custom_hooks', 'compile'),
)
"""Sections of a config that results depend on."""

_DATA = 'img_path', 'ir_path', 'seg_map_path', 'boxes'
"""What a sample is of: paths, or the boxes themselves."""


def downstream(
    fused: Mapping[str, str],
    data: str,
    *,
    task: str = 'segmentation',
    seeds: Sequence[int] = (0,),
    out: str,
    lists: Mapping[str, str] | None = None,
    boxes: Mapping[str, str] | None = None,
    work_dir: str = 'work_dirs/downstream',
    devices: Sequence[str] | None = None,
    cfg_options: Sequence[str] = (),
) -> None:
    """Train the same segmenter or detector on each method's images, once a seed, and test it.

    Every run trains from the start to the end without validation, and its last checkpoint counts.
    It has a folder of its own, `WORK_DIR/<config name>-<recipe>/NAME-<digest of the data>/seed_N`;
    started again, finished runs are skipped and one that was interrupted goes on.

    Args:
        fused: Name of each method -> folder of its images, named as the labels or boxes are; or
            two folders, `VIS,IR`, whose pairs are not fused: infrared is a fourth channel.
        data: Config of a segmenter or detector on images of one kind, such as
            `configs/segformer/segformer_mit-b0_1xb4-1k_msrs-96x128.py`.
        task: What the config is of, see `TASKS`.
        seeds: Of the trainings of each method.
        out: `.csv` or `.md` file, see `write_table`.
        lists: Parts of the test set that are reported apart -> split files; by default day and
            night, where all names end in D or N.
        boxes: Of detectors: names -> `boxes` of other data sets of the test images, which the
            table compares with, too.
        work_dir: For the runs.
        devices: `cpu`, `cuda:N`; a process each. By default all CUDA devices, or else the CPU.
        cfg_options: See `load_config`; they change the recipe.

    Raises:
        InputError: Something that the user gave is wrong.
    """
    check_suffix(out, SUFFIXES)
    cfg = load_config(data, cfg_options)
    found = 'detection' if has_detector(cfg.model) else 'segmentation'
    if is_fuser(cfg.model) or has_fuser(cfg.model):
        raise InputError(f'{data}: has a fuser; give a config that reads fused images.')
    if found != task:
        raise InputError(f'{data}: is for {found}; give --task {found}, or a config for {task}.')
    if boxes and task != 'detection':
        raise InputError('--boxes: is for --task detection; label maps have no boxes.')
    way = TASKS[task]
    recipe = recipe_version(cfg)
    runs, names = {}, []
    for name, folder in fused.items():
        one = copy.deepcopy(cfg)
        _take_images(one, way.labels, *folder.split(','))
        refuse_shared_names(one)
        samples = {part: list(data_samples(one, part, [])) for part in ('train', 'test')}
        names = [Path(sample['img_path']).stem for sample in samples['test']]
        where = Path(work_dir, f'{Path(data).stem}-{recipe}', f'{name}-{_digest(samples)}')
        runs[name] = [(where / f'seed_{seed}', seed) for seed in seeds]
        where.mkdir(parents=True, exist_ok=True)
        one.dump(where / 'config.py')
    parts = image_parts(names, lists)
    others = {kind: _boxes_of(one, file) for kind, file in (boxes or {}).items()}
    every = list(chain.from_iterable(runs.values()))
    missing = [(folder, seed) for folder, seed in every if not (folder / way.result).is_file()]
    print_log(f'Recipe {recipe}: {len(missing)} of {len(every)} runs to do.', 'current')
    gpus = [f'cuda:{index}' for index in range(torch.cuda.device_count())]
    _finish(task, missing, devices or gpus or ['cpu'])
    classes = class_metainfo(cfg)['classes']
    tested = {
        name: [json.loads((folder / way.result).read_text()) for folder, _ in of_method]
        for name, of_method in runs.items()
    }
    scores = _score(way, tested, parts, classes)
    for kind, drawn in others.items():
        for seed in chain.from_iterable(tested.values()):
            seed.update((image, [drawn[image], found]) for image, (_, found) in seed.items())
        of_kind = {f'{part}, {kind} boxes': names for part, names in parts.items()}
        scores |= _score(way, tested, of_kind, classes)
    write_table(out, scores, way.caption, recipe)


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
            dataset.pop('boxes', None)
    text = json.dumps(recipe, sort_keys=True, default=str)
    return f'{PROTOCOL}-{hashlib.sha256(text.encode()).hexdigest()[:8]}'


def _take_images(cfg: Config, labels: dict[str, str], folder: str, infrared: str = '') -> None:
    """Let all data sets read their images from a folder, or pairs from two."""
    loaders = [cfg.get(f'{part}_dataloader') for part in ('train', 'val', 'test')]
    for loader in filter(None, loaders):
        for dataset in base_datasets(loader.dataset):
            prefix = dict(dataset.get('data_prefix') or labels)
            images = dict(img_path=folder, ir_path=infrared)
            absolute = {key: path and os.path.abspath(path) for key, path in images.items()}
            dataset.data_prefix = dict(prefix, **absolute)
    if infrared:
        cfg.model.backbone.in_channels = 4


def _boxes_of(cfg: Config, file: str) -> dict[str, Boxes]:
    """Boxes of another file on the test images."""
    for dataset in base_datasets(cfg.test_dataloader.dataset):
        dataset.boxes = os.path.abspath(file)
    return dict(drawn_boxes(cfg))


def _score(
    way: Task,
    tested: Mapping[str, Sequence[dict]],
    parts: Mapping[str, Sequence[str]],
    classes: Sequence[str],
) -> dict[tuple[str, int, str], list[dict[str, float]]]:
    return {
        (part, len(images), name): [way.score(seed, images, classes) for seed in seeds]
        for part, images in parts.items()
        for name, seeds in tested.items()
    }


def _digest(samples: Mapping[str, Sequence[dict]]) -> str:
    """Eight hexadecimal digits that change with any byte of any file, and with their order."""
    digest = hashlib.sha256()
    for part, of_part in samples.items():
        for value in (sample[key] for sample in of_part for key in _DATA if key in sample):
            if isinstance(value, str):
                digest.update(f'{part} {Path(value).name} '.encode())
                digest.update(Path(value).read_bytes())
            else:
                digest.update(f'{part} {value} '.encode())
    return digest.hexdigest()[:8]


def _finish(task: str, runs: Sequence[tuple[Path, int]], devices: Sequence[str]) -> None:
    """Train and test in folders and by seeds, on each device one run at a time."""
    if len(devices) == 1:
        _work(0, task, runs, devices)
        return
    try:
        torch.multiprocessing.spawn(_work, (task, runs, devices), nprocs=len(devices))
    except torch.multiprocessing.ProcessRaisedException as error:
        if 'InputError: ' in str(error):
            raise InputError(str(error).rpartition('InputError: ')[2].strip()) from None
        raise


def _work(number: int, task: str, runs: Sequence[tuple[Path, int]], devices: Sequence[str]) -> None:
    """What the process of a device does: every n-th run."""
    for run, seed in runs[number :: len(devices)]:
        config = str(run.with_name('config.py'))
        where = dict(work_dir=str(run), device=devices[number])
        how = TrainingOptions(**where, seed=seed, auto_resume=True, no_validate=True)
        train(config, how, warm_start=False)
        tested = TASKS[task].test(config, find_latest(run), RunOptions(**where))
        write_whole(run / TASKS[task].result, json.dumps(tested).encode())
