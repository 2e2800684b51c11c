"""Checkpoints that a kill, a full disk or a moved folder cannot spoil."""

import os
from itertools import chain
from pathlib import Path

from mmengine.fileio import LocalBackend, register_backend
from mmengine.hooks import CheckpointHook
from mmengine.runner import Runner
from mmseg.registry import HOOKS

from bffr.errors import InputError
from bffr.files import write_whole


@HOOKS.register_module()
class AtomicCheckpointHook(CheckpointHook):
    """mmengine's `CheckpointHook` with files that appear whole or not at all.

    Checkpoints that are outdated (`max_keep_ckpts`, an earlier best) are removed after their
    successor is on the disk, not before. `last_checkpoint` is written after the checkpoint that
    it names. Gradients that an optimizer gathers over iterations are in no checkpoint, so one that
    is due in between waits for the step.

    Args:
        **kwargs: Those of `CheckpointHook`, but `backend_args`.
    """

    def __init__(self, **kwargs):
        super().__init__(backend_args=dict(backend='atomic'), **kwargs)
        self._due = False

    def every_n_train_iters(self, runner: Runner, n: int, start: int = 0) -> bool:
        """Whether to save now."""
        self._due = self._due or super().every_n_train_iters(runner, n, start)
        if not (self._due and runner.optim_wrapper.should_update()):
            return False
        self._due = False
        return True

    def before_train(self, runner: Runner) -> None:
        """Prepare as mmengine does; the best checkpoint is looked for in this work dir."""
        super().before_train(runner)
        if self.save_best and len(self.key_indicators) == 1:
            self.best_ckpt_path = self._moved(self.best_ckpt_path)
        elif self.save_best:
            self.best_ckpt_path_dict = {
                name: self._moved(path) for name, path in self.best_ckpt_path_dict.items()
            }

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Leave out functions, such as `OneCycleLR`'s, which safe loading refuses.

        A scheduler has them from its config.
        """
        schedulers = checkpoint.get('param_schedulers', [])
        named = schedulers.values() if isinstance(schedulers, dict) else [schedulers]
        for state in chain.from_iterable(named):
            for key in [key for key, value in state.items() if callable(value)]:
                del state[key]

    def _moved(self, path: str | None) -> str | None:
        return path and str(Path(self.out_dir, Path(path).name))

    def _save_checkpoint_with_step(self, runner: Runner, step: int, meta: dict) -> None:
        super()._save_checkpoint_with_step(runner, step, meta)
        self.file_backend.remove_now()

    def _save_best_checkpoint(self, runner: Runner, metrics: dict) -> None:
        super()._save_best_checkpoint(runner, metrics)
        self.file_backend.remove_now()


class AtomicBackend(LocalBackend):
    """mmengine's storage on local disks, but files are written whole and flushed: `atomic`."""

    def __init__(self):
        self.outdated = []

    def put(self, obj: bytes, filepath: str | os.PathLike) -> None:
        """Write a file, or raise `InputError` and leave what was there; folders are made."""
        try:
            write_whole(filepath, obj, flushed=True)
        except InputError as error:
            raise InputError(
                f'{str(error)[:-1]}; earlier checkpoints are intact: make room and continue '
                f'with --auto-resume.'
            ) from None

    def remove(self, filepath: str) -> None:
        """Note a file that `remove_now` removes."""
        self.outdated.append(Path(filepath))

    def remove_now(self) -> None:
        """Remove what is outdated."""
        for path in self.outdated:
            path.unlink(missing_ok=True)
        self.outdated.clear()


register_backend('atomic', AtomicBackend, force=True)
