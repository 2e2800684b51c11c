"""The config of a training or test: what its file says, and what the command line says."""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from mmengine.config import Config, ConfigDict
from mmengine.device import get_device

from bffr.errors import InputError
from mmseg_bffr.apis.config import load_config
from mmseg_bffr.apis.device import set_devices


def configure_run(
    config: str | os.PathLike,
    checkpoint: str | None = None,
    *,
    cfg_options: Sequence[str] = (),
    work_dir: str | None = None,
    launcher: str | None = None,
    device: str | None = None,
    gpu_id: int | None = None,
    load_from: str | None = None,
    resume_from: str | None = None,
    no_validate: bool = False,
    seed: int | None = None,
    deterministic: bool = False,
    amp: bool = False,
) -> Config:
    """Read a config for mmengine's Runner, choose the device and make the work dir.

    What the config says counts, unless an argument says otherwise; `overridden` in the returned
    config holds a sentence on each entry that a flag overrides.

    Args:
        config: Config file.
        checkpoint: What to test.
        cfg_options: See `load_config`.
        work_dir: For logs and results, instead of the config's `work_dir`, which is
            `work_dirs/<config name>` by default.
        launcher, device, gpu_id: See `set_devices`.
        load_from: Checkpoint to start training from, instead of the initial weights in the config.
        resume_from: Checkpoint to resume, with optimizer, schedule and iteration.
        no_validate: Neither validate nor write fused images during training.
        seed: Of all random generators, at least 0; by default what `randomness` in the config says,
            or else drawn. A resumed run keeps its seed.
        deterministic: Only deterministic algorithms, whatever `randomness` in the config says.
        amp: Train in mixed precision: float16 with loss scaling on CUDA, bfloat16 on a CPU.

    Raises:
        InputError: Something that the user gave is wrong.
    """
    cfg = load_config(config, cfg_options)
    part = 'test' if checkpoint else 'train'
    for section in (f'{part}_dataloader', f'{part}_cfg'):
        if not cfg.get(section):
            raise InputError(
                f'{config}: has no {section}, as configs of the zoo; give one of configs/, or one '
                f'that inherits from it.'
            )
    cfg.work_dir = work_dir or cfg.work_dir
    set_devices(cfg, launcher, device, gpu_id)
    overridden = _set_randomness(cfg, seed, deterministic)
    if checkpoint:
        cfg.load_from, cfg.resume = checkpoint, False
    elif resume_from or load_from:
        flag = f'--resume-from {resume_from}' if resume_from else f'--load-from {load_from}'
        overridden += override(cfg, 'load_from', resume_from or load_from, flag)
        overridden += override(cfg, 'resume', resume_from is not None, flag)
    if amp and get_device() == 'cuda':
        cfg.optim_wrapper.update(type='AmpOptimWrapper', loss_scale='dynamic')
    elif amp:
        cfg.optim_wrapper.type = 'AutocastOptimWrapper'
    if no_validate:
        cfg.val_dataloader = cfg.val_cfg = cfg.val_evaluator = None
        cfg.custom_hooks = [hook for hook in cfg.custom_hooks if hook.type != 'FusionResultHook']
    cfg.overridden = overridden
    _make_work_dir(cfg)
    return cfg


def override(cfg: Config, key: str, value: object, flag: str) -> list[str]:
    """Set what a flag says; returns a sentence where the config says something else."""
    said = cfg.get(key)
    cfg[key] = value
    return [] if said in (None, False, value) else [f"{flag} counts, not the config's {key}={said}"]


def _set_randomness(cfg: Config, seed: int | None, deterministic: bool) -> list[str]:
    randomness = cfg.setdefault('randomness', ConfigDict())
    randomness.setdefault('seed', None)  # which mmengine wants to be told
    overridden = override(randomness, 'seed', seed, f'--seed {seed}') if seed is not None else []
    if deterministic:
        randomness.deterministic = True
    seed = randomness.seed
    if seed is not None and not 0 <= seed < 2**32:
        raise InputError(f'--seed, randomness.seed: {seed} must be at least 0 and below 2**32.')
    return overridden


def _make_work_dir(cfg: Config) -> None:
    try:
        Path(cfg.work_dir).mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=cfg.work_dir).close()
    except OSError as error:
        raise InputError(
            f'{cfg.work_dir}: cannot be written to ({error.strerror}); choose another --work-dir.'
        ) from None
