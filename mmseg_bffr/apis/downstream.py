"""One downstream protocol for all fusion methods: what `bffr downstream` does."""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.logging import print_log

from bffr.errors import InputError
from bffr.evaluation import check_suffix
from mmseg_bffr.apis.config import has_fuser, is_fuser, load_config
from mmseg_bffr.apis.downstream_runs import Run, build_datasets, finish
from mmseg_bffr.apis.iou_table import SUFFIXES, image_parts, write_table
from mmseg_bffr.datasets.dataset_configs import base_datasets, class_metainfo

PROTOCOL = 1
"""To be counted up with every change to what is done here with a config."""

_RECIPE = (
    *('model', 'train_dataloader', 'test_dataloader', 'optim_wrapper', 'param_scheduler'),
    *('train_cfg', 'load_from', 'custom_hooks', 'compile'),
)
"""Sections of a config that results depend on."""


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
        fused: Name of each method -> folder of its images, named as the labels are.
        data: Config of a segmenter on images of one kind, such as
            `configs/segformer/segformer_mit-b0_fused_msrs.py`.
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
    recipe = recipe_version(cfg)
    runs, names = {}, []
    for name, folder in fused.items():
        _take_images(cfg, folder)
        files = _data_files(cfg)
        names = [Path(image).stem for image, _ in files['test']]
        path = Path(work_dir, f'{Path(data).stem}-{recipe}', f'{name}-{_digest(files)}/config.py')
        runs[name] = [Run(path, seed) for seed in seeds]
        path.parent.mkdir(parents=True, exist_ok=True)
        cfg.dump(path)
    parts = image_parts(names, lists)
    missing = [run for of_method in runs.values() for run in of_method if not run.result.is_file()]
    print_log(f'Recipe {recipe}: {len(missing)} of {len(runs) * len(seeds)} runs to do.', 'current')
    gpus = [f'cuda:{index}' for index in range(torch.cuda.device_count())]
    finish(missing, devices or gpus or ['cpu'])
    methods = {
        name: [json.loads(run.result.read_text()) for run in of_method]
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


def _take_images(cfg: Config, folder: str | os.PathLike) -> None:
    """Let all data sets read their images from a folder."""
    for part in ('train', 'val', 'test'):
        for dataset in base_datasets(cfg[f'{part}_dataloader'].dataset):
            prefix = dict(dataset.get('data_prefix') or {'seg_map_path': 'labels'})
            dataset.data_prefix = dict(prefix, img_path=str(Path(folder).resolve()), ir_path='')


def _data_files(cfg: Config) -> dict[str, list[tuple[str, str]]]:
    """Image and label map of every sample of `train` and `test`, none missing."""
    files = {}
    for part in ('train', 'test'):
        datasets = build_datasets(cfg, part, [])
        infos = (data.get_data_info(index) for data in datasets for index in range(len(data)))
        files[part] = [(info['img_path'], info['seg_map_path']) for info in infos]
    return files


def _digest(files: Mapping[str, Sequence[tuple[str, str]]]) -> str:
    """Eight hexadecimal digits that change with any byte of any file, and with their order."""
    digest = hashlib.sha256()
    for part, samples in files.items():
        for path in (path for sample in samples for path in sample):
            digest.update(f'{part} {Path(path).name} '.encode())
            digest.update(Path(path).read_bytes())
    return digest.hexdigest()[:8]
