"""A progress bar for validation and test."""

from mmengine.dist import is_main_process
from mmengine.hooks import Hook
from mmseg.registry import HOOKS
from tqdm import tqdm


@HOOKS.register_module()
class ProgressBarHook(Hook):
    """Show how far validation or test is; training has its log lines."""

    def _before_epoch(self, runner, mode: str = 'train') -> None:
        if mode != 'train':
            loop = runner.val_loop if mode == 'val' else runner.test_loop
            self.bar = tqdm(
                total=len(loop.dataloader), desc=mode, unit='batch', disable=not is_main_process()
            )

    def _after_iter(self, runner, batch_idx, data_batch=None, outputs=None, mode='train') -> None:
        if mode != 'train':
            self.bar.update()

    def _after_epoch(self, runner, mode: str = 'train') -> None:
        if mode != 'train':
            self.bar.close()
