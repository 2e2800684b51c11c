"""SIGTERM, a cluster's pre-emption, and SIGINT, Ctrl-C: save, then exit."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from mmengine.hooks import CheckpointHook, EMAHook, Hook
from mmengine.runner import Runner


class TerminationHook(Hook):
    """Once `asked`, save a checkpoint after the optimizer's current step and exit.

    The status is what a shell reports of a process that the signal ended, such as 143. Of several
    processes the first one does so; the others go on until it is gone.
    """

    priority = 'LOWEST'  # after the checkpoint hook
    asked = None  # number of the signal

    def after_train_iter(self, runner: Runner, *args, **kwargs) -> None:
        """Save and exit after an iteration of training."""
        if self.asked and runner.optim_wrapper.should_update():
            self._leave(runner, runner.iter + 1)

    def after_val_iter(self, runner: Runner, *args, **kwargs) -> None:
        """Save and exit within a validation, which the resumed run will make up for."""
        if self.asked and runner.optim_wrapper.should_update():
            for hook in runner.hooks:
                if isinstance(hook, EMAHook):  # validates the averaged weights in the model's place
                    hook.after_val_epoch(runner)
            self._leave(runner, runner.iter)

    def _leave(self, runner: Runner, done: int) -> None:
        hook = next(hook for hook in runner.hooks if isinstance(hook, CheckpointHook))
        hook._save_checkpoint_with_step(runner, done, meta=dict(epoch=runner.epoch, iter=done))
        status = 128 + self.asked
        runner.logger.info(
            f'{signal.Signals(self.asked).name}: iteration {done} is saved; continue '
            f'with --auto-resume. Exit status {status}.'
        )
        sys.exit(status)


@contextmanager
def saves_when_stopped(runner: Runner) -> Iterator[None]:
    """While training, answer SIGTERM and the first SIGINT by saving and raising SystemExit.

    In several processes, all but the first ignore them: the first needs them for its iteration.
    Outside of the main thread, where python cannot handle signals, nothing is done.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    hook = TerminationHook()
    runner.register_hook(hook)

    def ask(number: int, _) -> None:
        hook.asked = number if runner.rank == 0 else None
        if number == signal.SIGINT and hook.asked:
            signal.signal(number, previous[number])  # who asks again does not want to wait
            runner.logger.info(
                'SIGINT: saving after this step. Press Ctrl-C again to stop without saving.'
            )

    previous = {number: signal.signal(number, ask) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
