"""The config of a test or training: what its file says, and what the command line says."""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mmengine.config import Config, ConfigDict
from mmengine.device import get_device

from bffr.errors import InputError, UsageError, require_installed
from bffr.files import refuse_to_replace
from mmseg_bffr.apis.config import load_config
from mmseg_bffr.apis.device import set_devices
from mmseg_bffr.datasets.dataset_configs import unread_datasets


@dataclass(frozen=True)
class RunOptions:
    """Options of a run. Where nothing is given, its config decides.

    Attributes:
        work_dir: For logs and results. By default that of the training whose checkpoint is tested,
            or else what the config says, or `work_dirs/<config name>`.
        launcher, device, gpu_id: See `set_devices`.
        cfg_options: See `load_config`.
    """

    work_dir: str | None = None
    launcher: str | None = None
    device: str | None = None
    gpu_id: int | None = None
    cfg_options: Sequence[str] = ()


@dataclass(frozen=True)
class TrainingOptions(RunOptions):
    """Options of a training.

    Attributes:
        load_from: Checkpoint to start from, instead of the initial weights in the config.
        resume_from: Checkpoint to resume, with optimizer, schedule and iteration.
        auto_resume: Resume the latest whole checkpoint in the work dir, if there is one.
        overwrite: Remove the training that is in the work dir.
        no_validate: Neither validate nor write fused images.
        seed: Of all random generators, at least 0; drawn if the config has none either. A resumed
            run keeps its seed.
        deterministic: Only deterministic algorithms, whatever `randomness` in the config says.
        amp: Mixed precision: float16 with loss scaling on CUDA, bfloat16 on a CPU.
    """

    load_from: str | None = None
    resume_from: str | None = None
    auto_resume: bool = False
    overwrite: bool = False
    no_validate: bool = False
    seed: int | None = None
    deterministic: bool = False
    amp: bool = False


def config_to_test(config: str | os.PathLike, checkpoint: str, run: RunOptions) -> Config:
    """Read a config for mmengine's Runner to test, and choose the device and the work dir.

    Args:
        config: Config file.
        checkpoint: What to test.
        run: What the command line says.

    Raises:
        InputError: Something that the user gave is wrong.
    """
    cfg = _config_to_run(config, 'test', run)
    folder = Path(checkpoint).parent
    if run.work_dir is None and (folder / 'last_checkpoint').is_file():
        cfg.work_dir = str(folder)
    cfg.load_from, cfg.resume = checkpoint, False
    return cfg


def config_to_train(config: str | os.PathLike, run: TrainingOptions) -> Config:
    """Read a config for mmengine's Runner to train, and choose the device.

    Args:
        config: Config file.
        run: What the command line says; `overridden` in the returned config holds a sentence on
            each entry of the file that it overrides.

    Raises:
        InputError: Something that the user gave is wrong.
    """
    if run.overwrite and (run.auto_resume or run.resume_from):
        raise UsageError(
            '--overwrite deletes what --auto-resume and --resume-from go on with; leave one out.'
        )
    cfg = _config_to_run(config, 'train', run, run.seed)
    loop = cfg.train_cfg.get('type')
    if loop != 'ResumableTrainLoop' and cfg.train_dataloader.sampler.type == 'RunSampler':
        other = 'DefaultSampler' if loop == 'EpochBasedTrainLoop' else 'InfiniteSampler'
        raise InputError(
            f'train_cfg.type={loop}: does not know the RunSampler; set '
            f'train_dataloader.sampler.type={other}, or train_cfg.type=ResumableTrainLoop.'
        )
    if run.deterministic:
        cfg.randomness.deterministic = True
    if run.resume_from or run.load_from:
        checkpoint = run.resume_from or run.load_from
        flag = f'--{"resume" if run.resume_from else "load"}-from {checkpoint}'
        cfg.overridden += override(cfg, 'load_from', checkpoint, flag)
        cfg.overridden += override(cfg, 'resume', run.resume_from is not None, flag)
    if run.amp and get_device() == 'cuda':
        cfg.optim_wrapper.update(type='AmpOptimWrapper', loss_scale='dynamic')
    elif run.amp:
        cfg.optim_wrapper.type = 'AutocastOptimWrapper'
    if run.no_validate:
        cfg.val_dataloader = cfg.val_cfg = cfg.val_evaluator = None
        cfg.custom_hooks = [hook for hook in cfg.custom_hooks if hook.type != 'FusionResultHook']
    return cfg


def override(cfg: Config, key: str, value: object, flag: str) -> list[str]:
    """Set what a flag says; returns a sentence where the config says something else."""
    said = cfg.get(key)
    cfg[key] = value
    return [] if said in (None, False, value) else [f"{flag} counts, not the config's {key}={said}"]


def refuse_input_folder(cfg: Config, folder: str | os.PathLike) -> None:
    """Refuse to write results where the test set's images or labels are, or over one another.

    Raises:
        InputError: `folder` is one of the test sets' folders, or they share names.
    """
    for data in unread_datasets(cfg.test_dataloader.dataset):
        refuse_to_replace(folder, data.data_prefix.values())
    refuse_shared_names(cfg)


def refuse_shared_names(cfg: Config) -> None:
    """Refuse several test sets whose images, and so what is known of each, have one name.

    Raises:
        InputError: They share names.
    """
    datasets, found = unread_datasets(cfg.test_dataloader.dataset), Counter()
    for data in datasets[1:] and datasets:
        found.update(Path(data.get_data_info(i)['img_path']).stem for i in range(len(data)))
    if shared := ', '.join(name for name, count in found.items() if count > 1):
        raise InputError(
            f'{shared}: are in several test sets, so their results would have one name; test one '
            f'set at a time.'
        )


def _config_to_run(
    config: str | os.PathLike, part: str, run: RunOptions, seed: int | None = None
) -> Config:
    cfg = load_config(config, run.cfg_options)
    for section in (f'{part}_dataloader', f'{part}_cfg'):
        if not cfg.get(section):
            raise InputError(
                f'{config}: has no {section}, so it is only for fusing; give one of configs/, or '
                f'one that inherits from it.'
            )
    cfg.work_dir = run.work_dir or cfg.work_dir
    set_devices(cfg, run.launcher, run.device, run.gpu_id)
    randomness = cfg.setdefault('randomness', ConfigDict())
    randomness.setdefault('seed', None)  # which mmengine wants to be told
    cfg.overridden = []
    without_workers = [
        name
        for name, loader in cfg.items()
        if name.endswith('_dataloader')
        and loader
        and not loader.get('num_workers')
        and loader.get('persistent_workers')
    ]
    for name in without_workers:
        cfg[name].persistent_workers = False
    if without_workers:
        cfg.overridden.append(
            f'num_workers=0 of {", ".join(without_workers)}: persistent_workers=False counts'
        )
    if any(
        one.type == 'TensorboardVisBackend'
        for one in cfg.get('visualizer', {}).get('vis_backends') or ()
    ):
        require_installed('tensorboard', extra='tensorboard')
    if seed is not None:
        cfg.overridden += override(randomness, 'seed', seed, f'--seed {seed}')
    if randomness.seed is not None and not 0 <= randomness.seed < 2**32:
        raise InputError(
            f'--seed, randomness.seed: {randomness.seed} must be at least 0 and below 2**32.'
        )
    return cfg
