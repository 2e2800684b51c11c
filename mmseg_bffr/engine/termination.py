"""SIGTERM, a cluster's pre-emption: save, then exit."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from mmengine.hooks import CheckpointHook, EMAHook, Hook
from mmengine.runner import Runner

EXIT_STATUS = 128 + signal.SIGTERM
"""143, what a shell reports of a process that SIGTERM ended."""


class TerminationHook(Hook):
    """Once `asked`, save a checkpoint after the current iteration and exit with status 143.

    Of several processes the first one does so; the others go on until it is gone.
    """

    priority = 'LOWEST'  # after the checkpoint hook
    asked = False

    def after_train_iter(self, runner: Runner, *args, **kwargs) -> None:
        """Save and exit after an iteration of training."""
        if self.asked:
            self._leave(runner, runner.iter + 1)

    def after_val_iter(self, runner: Runner, *args, **kwargs) -> None:
        """Save and exit within a validation, which the resumed run will make up for."""
        if self.asked:
            for hook in runner.hooks:
                if isinstance(hook, EMAHook):  # validates the averaged weights in the model's place
                    hook.after_val_epoch(runner)
            self._leave(runner, runner.iter)

    def _leave(self, runner: Runner, done: int) -> None:
        hook = next(hook for hook in runner.hooks if isinstance(hook, CheckpointHook))
        hook._save_checkpoint_with_step(runner, done, meta=dict(epoch=runner.epoch, iter=done))
        runner.logger.info(
            f'SIGTERM: iteration {done} is saved; go on with --auto-resume. '
            f'Exit status {EXIT_STATUS}.'
        )
        sys.exit(EXIT_STATUS)


@contextmanager
def saves_on_sigterm(runner: Runner) -> Iterator[None]:
    """While training, answer SIGTERM by saving and raising SystemExit(143).

    In several processes, all but the first ignore it: the first needs them for its iteration.
    Outside of the main thread, where python cannot handle signals, nothing is done.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    hook = TerminationHook()
    runner.register_hook(hook)

    def ask(*_) -> None:
        hook.asked = runner.rank == 0

    previous = signal.signal(signal.SIGTERM, ask)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)
