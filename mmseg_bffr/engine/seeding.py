"""Random numbers and samples that depend on a run's seed and a position in the run alone.

A resumed run therefore needs no saved generator states: it counts on, and draws the same numbers.
"""

import itertools
import random
from collections.abc import Iterator, Sized
from enum import IntEnum

import numpy as np
import torch
from mmengine.dist import get_dist_info, sync_random_seed
from mmseg.registry import DATA_SAMPLERS
from torch.utils.data import Dataset, Sampler


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


@DATA_SAMPLERS.register_module()
class RunSampler(Sampler):
    """An endless stream in which sample number n depends on the run's seed and n alone.

    Every pass over the data set is shuffled anew. Of several processes, process r of w takes the
    numbers r, r + w, r + 2 w, ..., so that an iteration sees the same samples however they are
    divided. Going to any position costs no more than one shuffling.

    Yields (index in the data set, seed of the sample), for a `SeededDataset`.

    Args:
        dataset: The data set.
        seed: Of the run; drawn if None.
        shuffle: Whether to shuffle.
    """

    def __init__(self, dataset: Sized, seed: int | None = None, shuffle: bool = True):
        self.rank, self.world_size = get_dist_info()
        self.size = len(dataset)
        self.seed = sync_random_seed() if seed is None else seed
        self.shuffle = shuffle
        self.start = 0

    def skip(self, num_samples: int) -> None:
        """Start after `num_samples` samples of this process; mmengine's loop calls it to resume."""
        self.start = num_samples

    def __iter__(self) -> Iterator[tuple[int, int]]:
        epoch, order = -1, None
        first = self.rank + self.start * self.world_size
        for number in itertools.count(first, self.world_size):
            if number // self.size != epoch:
                epoch = number // self.size
                order = self._order(epoch)
            seed = derived_seed(self.seed, Purpose.SAMPLE, number)
            yield int(order[number % self.size]), seed

    def __len__(self) -> int:
        return self.size

    def _order(self, epoch: int) -> np.ndarray:
        if not self.shuffle:
            return np.arange(self.size)
        rng = np.random.default_rng(derived_seed(self.seed, Purpose.ORDER, epoch))
        return rng.permutation(self.size)


class SeededDataset(Dataset):
    """A data set whose samples are asked for by (index, seed): the seed fixes the augmentation.

    Args:
        dataset: mmengine's data set; its other attributes, such as `metainfo`, show through.
    """

    def __init__(self, dataset: Dataset):
        self.dataset = dataset

    def __getitem__(self, key: tuple[int, int]) -> dict:
        index, seed = key
        seed_generators(seed)
        return self.dataset[index]

    def __len__(self) -> int:
        return len(self.dataset)

    def __getattr__(self, name: str):
        if name == 'dataset' or name.startswith('__'):  # while it is copied or unpickled
            raise AttributeError(name)
        return getattr(self.dataset, name)
