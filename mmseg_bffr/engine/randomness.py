"""Random numbers that depend on a run's seed and a position in the run, not on what came before.

A resumed run therefore needs no saved generator states: it counts on, and draws the same numbers.
"""

import random
from enum import IntEnum

import numpy as np
import torch


class Purpose(IntEnum):
    """What random numbers are for; each purpose has its own."""

    ORDER = 0
    SAMPLE = 1
    ITERATION = 2


def derived_seed(seed: int, purpose: Purpose, *position: int) -> int:
    """A seed in [0, 2**32) for one position of a run.

    Args:
        seed: Seed of the run, at least 0.
        purpose: What it is for.
        *position: Counters, at least 0, such as iteration and rank.
    """
    return int(np.random.SeedSequence([seed, purpose, *position]).generate_state(1)[0])


def seed_generators(seed: int) -> None:
    """Seed the global generators of python, numpy and torch (CPU and CUDA); seed in [0, 2**32)."""
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
