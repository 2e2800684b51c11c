"""A training whose numbers went wrong stops before it saves them."""

import math

import torch
from mmengine.device import get_device
from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmseg.registry import HOOKS

from bffr.errors import InputError


@HOOKS.register_module()
class FiniteHook(Hook):
    """Stop at a NaN or infinite loss, and save no checkpoint with NaN or infinite weights.

    Gradients are not looked at: under mixed precision the scaler skips steps with infinite ones,
    which is normal.

    Raises:
        InputError: Names the iteration, the loss terms and the images, or the weights.
    """

    priority = 'VERY_HIGH'  # before anything is logged or saved

    def after_train_iter(
        self, runner: Runner, batch_idx: int, data_batch: dict, outputs: dict
    ) -> None:
        """Check the losses of the iteration."""
        losses = {name: float(value.detach()) for name, value in outputs.items() if 'loss' in name}
        if all(map(math.isfinite, losses.values())):
            return
        terms = ', '.join(f'{name} {value:g}' for name, value in losses.items())
        images = ', '.join(str(sample.img_path) for sample in data_batch['data_samples'])
        dtype = _autocast_dtype(runner)
        remedy = 'look at these images, or lower the learning rate'
        if dtype is not None:
            remedy = (
                f'it was computed in {dtype}, whose range or precision may be at fault: leave out '
                f'--amp; if that does not help, {remedy}'
            )
        raise InputError(
            f'Iteration {runner.iter + 1}: the loss is not finite ({terms}) on {images}; nothing '
            f'was saved since the last checkpoint: {remedy}.'
        )

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Check the weights that are about to be saved."""
        wrong = [
            name
            for name, value in checkpoint['state_dict'].items()
            if value.is_floating_point() and not torch.isfinite(value).all()
        ]
        if wrong:
            raise InputError(
                f'Iteration {checkpoint["meta"]["iter"]}: {len(wrong)} weight(s) are not finite, '
                f'first {wrong[0]}; the checkpoint is not saved, earlier ones are intact: lower '
                f'the learning rate.'
            )


def _autocast_dtype(runner: Runner) -> str | None:
    """The dtype of the training's autocast, such as `float16`; None without autocast."""
    device = get_device()
    with runner.optim_wrapper.optim_context(runner.model):
        if torch.is_autocast_enabled(device):
            return str(torch.get_autocast_dtype(device)).removeprefix('torch.')
    return None
