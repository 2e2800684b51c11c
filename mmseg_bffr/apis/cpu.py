"""Making the most of a CPU: memory that is kept, and the layout that convolutions like.

By default glibc maps every large block afresh and unmaps it when it is freed, and the kernel then
clears each of its pages anew: on a CPU that is most of the time of the fuser. With
`keep_freed_memory` freed blocks stay in the process and are used again.
"""

import ctypes
import functools
import logging
import os
import platform

import torch
from mmengine.logging import print_log
from mmengine.model import is_model_wrapper
from torch import nn

SWITCH = 'MMSEG_BFFR_KEEP_MEMORY'
"""Environment variable; `0` leaves the allocator as it is."""

# <malloc.h>
_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_THRESHOLD, _M_MMAP_MAX = -1, -2, -3, -4


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


@functools.cache
def keep_freed_memory() -> None:
    """Let glibc keep freed memory from now on; done once per process.

    The process then stays as large as it ever was. Only allocations of the main thread profit.
    Nothing happens with another C library or with `MMSEG_BFFR_KEEP_MEMORY=0`.
    """
    if os.environ.get(SWITCH) == '0' or platform.libc_ver()[0] != 'glibc':
        return
    mallopt = ctypes.CDLL(None).mallopt
    # Older versions of glibc take no threshold above 32 MiB; they can be told never to use mmap.
    unmapped = mallopt(_M_MMAP_THRESHOLD, 2**30) or mallopt(_M_MMAP_MAX, 0)
    if not (unmapped and mallopt(_M_TRIM_THRESHOLD, -1) and mallopt(_M_TOP_PAD, 2**26)):
        print_log(
            'The C library does not keep freed memory; on this CPU everything takes up to three '
            'times as long as it could.',
            level=logging.WARNING,
        )
