"""Making the most of a CPU."""

import torch
from mmengine.model import is_model_wrapper
from torch import nn

from mmseg_bffr.inference import keep_freed_memory


def tune_for_cpu(model: nn.Module) -> nn.Module:
    """Prepare a model that is on a CPU to train and test there; elsewhere nothing happens.

    Freed memory is kept, and the weights of convolutions are laid out channels last, which
    oneDNN's convolutions are fastest in. Results change by rounding only.

    Returns:
        nn.Module: The same model.
    """
    if next(model.parameters()).device.type == 'cpu':
        keep_freed_memory()
        if not is_model_wrapper(model):  # which then averages gradients wrongly
            model.to(memory_format=torch.channels_last)
    return model
