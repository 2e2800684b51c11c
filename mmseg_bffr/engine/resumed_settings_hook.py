"""What a resumed training takes from its checkpoint, whatever the config says."""

from collections.abc import Mapping, Sequence

from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmseg.registry import HOOKS

from bffr.errors import InputError

_NO_SETTINGS = (
    *('params', 'lr', 'initial_lr', 'lr_mult', 'decay_mult', 'base_values', 'last_step', 'verbose'),
    *('foreach', 'maximize', 'capturable', 'differentiable', 'fused'),  # of some versions of torch
)


@HOOKS.register_module()
class ResumedSettingsHook(Hook):
    """Compare a checkpoint's optimizer and schedule, which count, with those of the config.

    A value that differs is told.

    Raises:
        InputError: They are of another kind or another model, or more iterations are asked for than
            the schedule was made for, which would all have its last rate.
    """

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Compare them, if the checkpoint is resumed."""
        if not runner._resume:
            return
        checkpoint['meta'].pop('config', None)  # of mmcv 1.x; mmengine would run it
        file = runner._load_from
        groups = checkpoint['optimizer']['param_groups']
        schedule = checkpoint.get('param_schedulers') or []
        _tell(runner, 'optimizer', groups, runner.optim_wrapper.optimizer.param_groups)
        _tell(
            runner,
            'schedule',
            schedule,
            [one.state_dict() for one in runner.param_schedulers or []],
        )
        before = checkpoint['message_hub']['runtime_info'].get('max_iters', runner.max_iters)
        end = max((one['end'] for one in schedule if not one['by_epoch']), default=0)
        if before <= end < runner.max_iters:
            raise InputError(
                f'train_cfg.max_iters={runner.max_iters}: the schedule in {file} ends at {end}; '
                f'start a new training from its weights with --load-from.'
            )


def _tell(runner: Runner, what: str, counting: Sequence[Mapping], other: Sequence[Mapping]) -> None:
    """Log the settings in which parts of a checkpoint's optimizer or schedule differ."""
    file = runner._load_from
    sizes = [[len(part.get('params', ())) for part in parts] for parts in (counting, other)]
    counting, other = ([*map(_settings, parts)] for parts in (counting, other))
    if sizes[0] != sizes[1] or [*map(set, counting)] != [*map(set, other)]:
        raise InputError(
            f'{file}: cannot be resumed, because its {what} is of another kind or model than the '
            f"config's; give the config that it was made with, or start a new training with "
            f'--load-from.'
        )
    told = {
        f"{file}: its {key}={value} counts, not the config's {new[key]}; to change it, start a new "
        f'training with --load-from'
        for old, new in zip(counting, other, strict=True)
        for key, value in old.items()
        if value != new[key]
    }
    for sentence in sorted(told):
        runner.logger.warning(sentence)


def _settings(part: Mapping) -> dict:
    """What a config can say of a group of parameters or of a part of a schedule."""
    rate = {'lr': part.get('initial_lr', part['lr'])} if 'lr' in part else {}
    return rate | {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in part.items()
        if key not in _NO_SETTINGS and not key.startswith('_') and not callable(value)
    }
