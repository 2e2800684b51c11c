"""Both training phases."""

import os
import re
import shlex
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path

from mmengine.config import Config, ConfigDict
from mmengine.device import get_device
from mmengine.runner import Runner

from mmseg_bffr.apis.config import (
    is_fuser,
    load_config,
    make_work_dir,
    require_matching_classes,
)
from mmseg_bffr.apis.cpu import tune_for_cpu
from mmseg_bffr.apis.device import is_first_process, set_devices
from mmseg_bffr.checkpoints import (
    find_latest,
    refuse_partial_loads,
    require_resumable,
    safe_loading,
)
from mmseg_bffr.datasets.dataset_configs import class_metainfo
from mmseg_bffr.engine.termination import saves_on_sigterm
from mmseg_bffr.engine.work_dir_lock import locked
from mmseg_bffr.errors import InputError

_ORIGIN = {
    'fuser': 'the warm start makes it (python tools/train_fuser.py {warm_start_config})',
    'backbone': "it holds SegFormer's ImageNet weights, see pretrain/README.md",
}


@safe_loading()
def train(
    config: str,
    *,
    warm_start: bool,
    work_dir: str | None = None,
    load_from: str | None = None,
    resume_from: str | None = None,
    auto_resume: bool = False,
    no_validate: bool = False,
    gpu_id: int | None = None,
    device: str | None = None,
    seed: int | None = None,
    deterministic: bool = False,
    amp: bool = False,
    cfg_options: Sequence[str] = (),
    launcher: str | None = None,
) -> None:
    """Train a fuser alone, or a segmenter with or without one.

    What the config says counts, unless an argument says otherwise; the log names what it overrides.

    Args:
        config: Config file.
        warm_start: Whether the config must be that of a fuser alone.
        work_dir: Where checkpoints, logs and images go.
        load_from: Checkpoint to start from, instead of the initial weights in the config.
        resume_from: Checkpoint to resume, with optimizer, schedule and iteration.
        auto_resume: Resume the latest whole checkpoint in the work dir, if there is one.
        no_validate: Neither validate nor write fused images during training.
        gpu_id, device, launcher: See `set_devices`.
        seed: Of all random generators, at least 0; by default what `randomness` in the config says,
            or else drawn. A resumed run keeps its seed.
        deterministic: Only deterministic algorithms, whatever `randomness` in the config says.
        amp: Mixed precision: float16 with loss scaling on CUDA, bfloat16 on a CPU.
        cfg_options: See `load_config`.

    Raises:
        InputError: Something that the user gave is wrong, the loss is not finite, or the disk is
            full.
        SystemExit: SIGTERM came; all is saved, the status is 143.
    """
    cfg = load_config(config, cfg_options, work_dir)
    if is_fuser(cfg.model) != warm_start:
        right = 'train_fuser_segmenter.py' if warm_start else 'train_fuser.py'
        raise InputError(f'{config}: is not a config for this phase; use tools/{right}.')
    set_devices(cfg, launcher, device, gpu_id)
    overridden = _set_randomness(cfg, seed, deterministic)
    if amp:
        _use_amp(cfg)
    if no_validate:
        cfg.val_dataloader = cfg.val_cfg = cfg.val_evaluator = None
        cfg.custom_hooks = [hook for hook in cfg.custom_hooks if hook.type != 'FusionResultHook']
    if cfg.get('compile'):
        cfg.custom_hooks.append(dict(type='EagerOptimizerHook'))
    if not warm_start:
        require_matching_classes(cfg, class_metainfo(cfg)['classes'])
    make_work_dir(cfg)

    with locked(cfg.work_dir) if is_first_process(cfg) else nullcontext():
        overridden += _set_start(cfg, load_from, resume_from, auto_resume)
        runner = Runner.from_cfg(cfg)
        for sentence in overridden:
            runner.logger.info(sentence)
        refuse_partial_loads(runner.model)
        tune_for_cpu(runner.model)
        with saves_on_sigterm(runner):
            runner.train()
    if warm_start:
        checkpoint = shlex.quote(os.path.relpath(find_latest(runner.work_dir)))
        runner.logger.info(
            f'Warm start done. Next, joint training from {checkpoint}:\n'
            f'python tools/train_fuser_segmenter.py {_named_beside(cfg, "joint_config")} '
            f'--cfg-options model.fuser.init_cfg.checkpoint={checkpoint}'
        )


def _override(cfg: Config, key: str, value: object, flag: str) -> list[str]:
    """Set what a flag says; returns a sentence where the config says something else."""
    said = cfg.get(key)
    cfg[key] = value
    return [] if said in (None, False, value) else [f"{flag} counts, not the config's {key}={said}"]


def _set_randomness(cfg: Config, seed: int | None, deterministic: bool) -> list[str]:
    randomness = cfg.setdefault('randomness', ConfigDict())
    randomness.setdefault('seed', None)  # which mmengine wants to be told
    overridden = []
    if seed is not None:
        overridden = _override(randomness, 'seed', seed, f'--seed {seed}')
    if deterministic:
        randomness.deterministic = True
    seed = randomness.get('seed')
    if seed is not None and not 0 <= seed < 2**32:
        raise InputError(f'--seed, randomness.seed: {seed} must be at least 0 and below 2**32.')
    return overridden


def _named_beside(cfg: Config, key: str) -> str:
    """The other phase's config that the user's own file names; an inherited one may not fit."""
    own = re.search(rf'^{key}\s*=', Path(cfg.filename).read_text(encoding='utf-8'), re.MULTILINE)
    return cfg[key] if own else 'CONFIG'


def _use_amp(cfg: Config) -> None:
    if get_device() == 'cuda':
        cfg.optim_wrapper.update(type='AmpOptimWrapper', loss_scale='dynamic')
    else:
        cfg.optim_wrapper.type = 'AutocastOptimWrapper'


def _set_start(
    cfg: Config, load_from: str | None, resume_from: str | None, auto_resume: bool
) -> list[str]:
    """Decide between resuming, other weights, and the initial weights of the config.

    In the config, as in mmengine, `resume=True` resumes `load_from` or, without it, the latest
    checkpoint in the work dir. Returns sentences on what the arguments override.
    """
    overridden = []
    if resume_from or load_from:
        flag = f'--resume-from {resume_from}' if resume_from else f'--load-from {load_from}'
        overridden += _override(cfg, 'load_from', resume_from or load_from, flag)
        overridden += _override(cfg, 'resume', resume_from is not None, flag)
    if auto_resume or (cfg.get('resume') and not cfg.get('load_from')):
        latest = find_latest(cfg.work_dir)
        if latest:
            overridden += _override(cfg, 'load_from', latest, f'--auto-resume, {latest},')
        cfg.resume = bool(latest or (cfg.get('resume') and cfg.get('load_from')))
    if cfg.get('resume'):
        require_resumable(cfg.load_from)
    for part, module in _pretrained(cfg.model):
        if cfg.get('load_from'):
            module.init_cfg = None  # overwritten anyway, so its file need not be there
            continue
        checkpoint = module.init_cfg.checkpoint
        origin = _ORIGIN.get(part, 'the config asks for them')
        if '://' not in checkpoint and not Path(checkpoint).is_file():
            raise InputError(
                f'{checkpoint}: the initial weights of model.{part} are missing: '
                f'{origin.format(warm_start_config=_named_beside(cfg, "warm_start_config"))}; '
                f'to start without them add --cfg-options model.{part}.init_cfg=None'
            )
    return overridden


def _pretrained(model: Config) -> Iterator[tuple[str, Config]]:
    for part, module in model.items():
        init_cfg = module.get('init_cfg') if isinstance(module, dict) else None
        if isinstance(init_cfg, dict) and init_cfg.get('type') == 'Pretrained':
            yield part, module
