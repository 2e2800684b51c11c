"""Training by iterations that goes on after a resume as if it had never stopped."""

import torch
from mmengine.runner import IterBasedTrainLoop, Runner
from mmseg.registry import DATASETS, LOOPS
from torch import nn
from torch.utils.data import DataLoader

from mmseg_bffr.engine.run_sampler import RunSampler, SeededDataset
from mmseg_bffr.errors import InputError


@LOOPS.register_module()
class ResumableTrainLoop(IterBasedTrainLoop):
    """mmengine's loop on samples that depend on the run's seed and their number alone.

    Together with `IterationSeedHook` a resumed run equals an uninterrupted one bit by bit, with
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
