"""Training in less memory: forget what is inside a block, compute it again for the gradients."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.utils.checkpoint import checkpoint


def checkpoint_activations(block: nn.Module) -> None:
    """Let a block keep only its inputs until backward; values and gradients stay the same.

    Parameters, their names and inference are unaffected.
    """
    block.forward = partial(_forward, block, block.forward)


def _forward(block: nn.Module, forward: Callable, *inputs):
    if not torch.is_grad_enabled():
        return forward(*inputs)
    return checkpoint(
        forward,
        *inputs,
        use_reentrant=False,
        context_fn=lambda: (nullcontext(), _frozen_statistics(block)),
    )


@contextmanager
def _frozen_statistics(block: nn.Module) -> Iterator[None]:
    """Keep BatchNorm's running statistics from taking in the same batch twice."""
    norms = [module for module in block.modules() if isinstance(module, _BatchNorm)]
    states = [(norm.momentum, norm.num_batches_tracked.clone()) for norm in norms]
    for norm in norms:
        norm.momentum = 0.0
    try:
        yield
    finally:
        for norm, (momentum, batches) in zip(norms, states, strict=True):
            norm.momentum = momentum
            norm.num_batches_tracked.copy_(batches)
