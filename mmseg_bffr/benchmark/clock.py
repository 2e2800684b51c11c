"""Timing functions against one another."""

import time
from collections.abc import Callable, Mapping

import torch


def seconds(function: Callable, device: torch.device) -> float:
    """Seconds that a call takes; on CUDA, until the device has done its work."""
    if device.type == 'cuda':
        start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        torch.cuda.synchronize(device)
        start.record()
        function()
        end.record()
        torch.cuda.synchronize(device)
        return start.elapsed_time(end) / 1000
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def alternate(
    functions: Mapping[str, Callable], rounds: int, device: torch.device
) -> dict[str, list[float]]:
    """Call each function once a round, so that what disturbs the machine disturbs all alike.

    Args:
        functions: Name -> function.
        rounds: How often each is called, after one round more to warm up.
        device: That they run on.

    Returns:
        dict: Name -> seconds of each round.
    """
    times = {name: [] for name in functions}
    for _ in range(rounds + 1):
        for name, function in functions.items():
            times[name].append(seconds(function, device))
    return {name: taken[1:] for name, taken in times.items()}
