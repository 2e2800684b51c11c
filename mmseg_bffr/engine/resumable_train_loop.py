"""Training by iterations that goes on after a resume as if it had never stopped."""

import torch
from mmengine.hooks import Hook
from mmengine.runner import IterBasedTrainLoop, Runner
from mmseg.registry import DATASETS, HOOKS, LOOPS
from torch import nn
from torch.utils.data import DataLoader

from bffr.errors import InputError
from mmseg_bffr.engine.seeding import (
    Purpose,
    RunSampler,
    SeededDataset,
    derived_seed,
    seed_generators,
)

_VALIDATED = 'iter_of_last_validation'


@LOOPS.register_module()
class ResumableTrainLoop(IterBasedTrainLoop):
    """mmengine's loop on samples that depend on the run's seed and their number alone.

    Together with the two hooks below a resumed run equals an uninterrupted one bit by bit, with
    any `num_workers`; it starts at once, whatever its iteration.

    Args:
        runner: mmengine's Runner.
        dataloader: Config of the data loader; its `sampler` must be a `RunSampler`.
        **kwargs: Those of `IterBasedTrainLoop`.

    Raises:
        InputError: The sampler is another one.
    """

    def __init__(self, runner: Runner, dataloader: DataLoader | dict, **kwargs):
        if isinstance(dataloader, dict):
            dataset = DATASETS.build(dataloader['dataset'])
            dataloader = {**dataloader, 'dataset': SeededDataset(dataset)}
        super().__init__(runner, dataloader, **kwargs)
        if not isinstance(self.dataloader.sampler, RunSampler):
            raise InputError(
                'train_dataloader.sampler: must be dict(type="RunSampler") with the '
                'ResumableTrainLoop; set it, or train_cfg.type="IterBasedTrainLoop".'
            )

    def run(self) -> nn.Module:
        """Train with the run's seed, which a resumed run has from its checkpoint."""
        self.dataloader.sampler.seed = self.runner.seed
        if self.runner.deterministic and torch.cuda.is_available():
            # Reflection padding and the cross-entropy of images have no deterministic gradients
            # on CUDA: torch names such operations in a warning instead of refusing them.
            torch.use_deterministic_algorithms(True, warn_only=True)
        return super().run()


@HOOKS.register_module()
class IterationSeedHook(Hook):
    """Seed all generators from the run's seed, the iteration and the rank before each iteration.

    Dropout and the like then draw the same numbers in a resumed run, whatever validation, data
    loading or a restart did to the generators in between.
    """

    def before_train_iter(self, runner: Runner, *args, **kwargs) -> None:
        """Seed; the batch is loaded already."""
        position = runner.iter, runner.rank
        seed_generators(derived_seed(runner.seed, Purpose.ITERATION, *position))


@HOOKS.register_module()
class MissedValidationHook(Hook):
    """After a resume, make up for the validation that was due at the checkpoint's iteration.

    A checkpoint is saved before the validation of its iteration. A run that ends in between would
    otherwise never validate it, and might keep another best checkpoint.
    """

    def after_val_epoch(self, runner: Runner, metrics: dict | None = None) -> None:
        """Remember the validation; checkpoints carry it."""
        runner.message_hub.update_info(_VALIDATED, runner.iter)

    def before_train_epoch(self, runner: Runner) -> None:
        """Validate if it is due and was not done."""
        loop = runner.train_loop
        if not isinstance(loop, IterBasedTrainLoop):
            return
        loop._decide_current_val_interval()  # else, it is that of the first iterations
        due = loop.val_begin <= runner.iter and (
            runner.iter % loop.val_interval == 0 or runner.iter == runner.max_iters
        )
        done = runner.message_hub.runtime_info.get(_VALIDATED) == runner.iter
        if runner.val_loop is not None and runner.iter > 0 and due and not done:
            runner.logger.info(
                f'Running the validation of iteration {runner.iter}, which a stop had prevented.'
            )
            runner.val_loop.run()
