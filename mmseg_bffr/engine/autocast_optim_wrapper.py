"""Mixed precision on a CPU, where mmengine's `AmpOptimWrapper` does not run."""

import logging
import platform
from contextlib import contextmanager

import torch
from mmengine.logging import print_log
from mmengine.optim import OptimWrapper
from mmseg.registry import OPTIM_WRAPPERS


@OPTIM_WRAPPERS.register_module()
class AutocastOptimWrapper(OptimWrapper):
    """Run the forward pass in bfloat16 autocast on the CPU; bfloat16 needs no loss scaling.

    A warning says where this is slow.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        is_x86 = platform.machine().lower() in ('x86_64', 'amd64')
        if is_x86 and 'AVX512' not in torch.backends.cpu.get_cpu_capability():
            print_log(
                '--amp: this CPU has no AVX-512, so bfloat16 takes many times as long as float32; '
                'leave out --amp.',
                'current',
                logging.WARNING,
            )

    @contextmanager
    def optim_context(self, model):
        """Enable autocast around the forward pass."""
        with super().optim_context(model), torch.autocast('cpu', torch.bfloat16):
            yield
