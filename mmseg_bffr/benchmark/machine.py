"""What a machine can do at most, and how much memory a call needs."""

import re
from collections.abc import Callable
from pathlib import Path

import torch

from mmseg_bffr.apis.cpu import release_freed_memory

GEMM_SIZE = 4096
GEMM_GFLOP = 2 * GEMM_SIZE**3 / 1e9


def gemm(device: torch.device) -> Callable[[], None]:
    """A float32 matrix product of GEMM_GFLOP, the yardstick of all other times."""
    a, b, out = (torch.rand(GEMM_SIZE, GEMM_SIZE, device=device) for _ in range(3))
    return lambda: torch.mm(a, b, out=out)


def peak_memory(function: Callable, device: torch.device) -> float | None:
    """Peak memory in GB while a function is called once.

    On CUDA, of tensors on the device. On a CPU, of the whole process, libraries and model
    included; None where the system does not tell (anywhere but Linux).
    """
    if device.type == 'cuda':
        torch.cuda.reset_peak_memory_stats(device)
        function()
        return torch.cuda.max_memory_allocated(device) / 1e9
    release_freed_memory()
    try:
        Path('/proc/self/clear_refs').write_text('5')  # peak := current, see proc(5)
    except OSError:
        function()
        return None
    function()
    peak = re.search(r'VmHWM:\s+(\d+) kB', Path('/proc/self/status').read_text())
    return int(peak[1]) * 1024 / 1e9


def describe(device: torch.device) -> str:
    """The device and torch's version, in a few words."""
    if device.type == 'cuda':
        return f'{torch.cuda.get_device_name(device)}, torch {torch.__version__}'
    return f'CPU, {torch.get_num_threads()} threads, torch {torch.__version__}'
