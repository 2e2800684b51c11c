"""Mixed precision on a CPU, where mmengine's `AmpOptimWrapper` does not run."""

from contextlib import contextmanager

import torch
from mmengine.optim import OptimWrapper
from mmseg.registry import OPTIM_WRAPPERS


@OPTIM_WRAPPERS.register_module()
class AutocastOptimWrapper(OptimWrapper):
    """Run the forward pass in bfloat16 autocast on the CPU; bfloat16 needs no loss scaling."""

    @contextmanager
    def optim_context(self, model):
        """Enable autocast around the forward pass."""
        with super().optim_context(model), torch.autocast('cpu', torch.bfloat16):
            yield
