"""Validation that a kill prevented."""

from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmseg.registry import HOOKS

_DONE = 'iter_of_last_validation'


@HOOKS.register_module()
class MissedValidationHook(Hook):
    """After a resume, make up for the validation that was due at the checkpoint's iteration.

    A checkpoint is saved before the validation of its iteration. A run that ends in between would
    otherwise never validate it, and might keep another best checkpoint.
    """

    def after_val_epoch(self, runner: Runner, metrics: dict | None = None) -> None:
        """Remember the validation; checkpoints carry it."""
        runner.message_hub.update_info(_DONE, runner.iter)

    def before_train_epoch(self, runner: Runner) -> None:
        """Validate if it is due and was not done."""
        loop = runner.train_loop
        due = loop.val_begin <= runner.iter and (
            runner.iter % loop.val_interval == 0 or runner.iter == runner.max_iters
        )
        done = runner.message_hub.runtime_info.get(_DONE) == runner.iter
        if runner.val_loop is not None and runner.iter > 0 and due and not done:
            runner.logger.info(f'The validation of iteration {runner.iter} is made up for.')
            runner.val_loop.run()
