"""Both training phases."""

import os
import shlex
from contextlib import nullcontext

from mmengine.config import Config

from bffr.errors import InputError
from mmseg_bffr.apis.config import is_fuser, require_matching_classes
from mmseg_bffr.apis.cpu import tune_for_cpu
from mmseg_bffr.apis.device import is_first_process
from mmseg_bffr.apis.initial_weights import choose_initial_weights, initial_files, named_config
from mmseg_bffr.apis.run_config import TrainingOptions, config_to_train, override
from mmseg_bffr.apis.work_dir import refuse_another_training, work_dir_of_a_run
from mmseg_bffr.checkpoints import (
    find_latest,
    refuse_partial_loads,
    require_resumable,
    safe_loading,
)
from mmseg_bffr.datasets.dataset_configs import class_metainfo
from mmseg_bffr.engine import FusionRunner
from mmseg_bffr.engine.termination import saves_when_stopped
from mmseg_bffr.engine.work_dir_lock import locked


@safe_loading()
def train(
    config: str | os.PathLike,
    run: TrainingOptions = TrainingOptions(),  # noqa: B008, a value
    *,
    warm_start: bool,
) -> None:
    """Train a fuser alone, or a segmenter with or without one.

    Args:
        config: Config file.
        run: Other options; the log names those that override the config.
        warm_start: Whether the config must be that of a fuser alone.

    Raises:
        InputError: Something that the user gave is wrong, the loss is not finite, or the disk is
            full.
        SystemExit: SIGTERM or SIGINT came; all is saved, the status is 143 or 130.
    """
    cfg = config_to_train(config, run)
    if is_fuser(cfg.model) != warm_start:
        right = 'train_fuser_segmenter.py' if warm_start else 'train_fuser.py'
        raise InputError(f'{config}: is not a config for this phase; use tools/{right}.')
    if not warm_start:
        require_matching_classes(cfg, 'train', 'val')
    first = is_first_process(cfg)
    with (
        work_dir_of_a_run(cfg.work_dir, first) as start,
        locked(cfg.work_dir) if first else nullcontext(),
    ):
        _choose_start(cfg, run.auto_resume)
        if first and not run.auto_resume:
            resumed = cfg.load_from if cfg.get('resume') else None
            start.outdated = refuse_another_training(
                cfg.work_dir, resumed, run.overwrite, initial_files(cfg)
            )
        cfg.custom_hooks.append(dict(type='ResumedSettingsHook'))
        if not warm_start:
            classes = class_metainfo(cfg)['classes']
            hook = dict(type='SameClassesHook', classes=classes, learns_others=not cfg.resume)
            cfg.custom_hooks.append(hook)
        cfg.overridden += choose_initial_weights(cfg, run.cfg_options)
        runner = FusionRunner.from_cfg(cfg)
        start.watch(runner)
        refuse_partial_loads(runner.model)
        tune_for_cpu(runner.model)
        with saves_when_stopped(runner):
            runner.train()
    if warm_start and first:
        checkpoint = shlex.quote(find_latest(cfg.work_dir))
        runner.logger.info(
            f'Warm start done. Next, joint training from {checkpoint}:\n'
            f'python tools/train_fuser_segmenter.py {named_config(cfg, "joint_config")} '
            f'--cfg-options model.fuser.init_cfg.checkpoint={checkpoint}'
        )


def _choose_start(cfg: Config, auto_resume: bool) -> None:
    """Decide whether to resume, and what.

    In the config, as in mmengine, `resume=True` resumes `load_from` or, without it, the latest
    checkpoint in the work dir.
    """
    if auto_resume or (cfg.get('resume') and not cfg.get('load_from')):
        latest = find_latest(cfg.work_dir)
        if latest:
            cfg.overridden += override(cfg, 'load_from', latest, f'--auto-resume, {latest},')
        cfg.resume = bool(latest or (cfg.get('resume') and cfg.get('load_from')))
    if cfg.get('resume'):
        require_resumable(cfg.load_from)
