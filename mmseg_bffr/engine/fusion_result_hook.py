"""Fused images during training, so that one can watch the fusion improve."""

from pathlib import Path

import torch
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner
from mmseg.registry import HOOKS

from mmseg_bffr.visualization import save_fused_images


@HOOKS.register_module()
class FusionResultHook(Hook):
    """Fuse the pairs of `visual_dataloader` into WORK_DIR/fusion_result/ITER/ now and then.

    Args:
        interval: Iterations between two sets of images; the last iteration makes one too.
    """

    priority = 'LOW'

    def __init__(self, interval: int):
        self.interval = interval

    def before_train(self, runner: Runner) -> None:
        """Build the loader, so that a mistake in it shows before training."""
        self.dataloader = runner.build_dataloader(runner.cfg.visual_dataloader)

    def after_train_iter(self, runner: Runner, *args, **kwargs) -> None:
        """Write the images if it is time; of several processes each writes its share."""
        is_time = self.every_n_train_iters(runner, self.interval)
        if not is_time and not self.is_last_train_iter(runner):
            return
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        fuser = getattr(model, 'fuser', model)
        folder = Path(runner.work_dir, 'fusion_result', str(runner.iter + 1))
        model.eval()
        with torch.no_grad():
            for batch in self.dataloader:
                data = model.data_preprocessor(batch)
                save_fused_images(fuser(**data, mode='predict'), folder)
        model.train()
        runner.logger.info(f'Fused images of this iteration: {folder}')
