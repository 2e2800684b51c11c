"""What torch.compile must leave alone."""

import torch
from mmengine.hooks import Hook
from mmengine.registry import HOOKS
from mmengine.runner import Runner


@HOOKS.register_module()
class EagerOptimizerHook(Hook):
    """Keep the optimizer's part of `train_step` out of torch.compile, which breaks on it.

    mmengine's `compile` key compiles `train_step` with all that it calls; of that only the
    network, its losses and their gradients are worth it.
    """

    def before_train(self, runner: Runner) -> None:  # noqa: D102
        optim_wrapper = runner.optim_wrapper
        optim_wrapper.update_params = torch.compiler.disable(optim_wrapper.update_params)
