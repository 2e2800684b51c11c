"""The stream of samples depends on the run's seed and the sample's number alone."""

import itertools

import numpy as np
import pytest

from mmseg_bffr.engine.seeding import Purpose, RunSampler, SeededDataset, derived_seed


def take(sampler, count):
    return list(itertools.islice(sampler, count))


def test_every_pass_has_every_sample_in_another_order():
    stream = [index for index, _ in take(RunSampler(range(10), seed=1), 30)]
    passes = [stream[start : start + 10] for start in (0, 10, 20)]
    assert all(sorted(one) == list(range(10)) for one in passes)
    assert passes[0] != passes[1] != passes[2]
    assert [index for index, _ in take(RunSampler(range(3), 1, shuffle=False), 5)] == [
        0,
        1,
        2,
        0,
        1,
    ]


@pytest.mark.parametrize('start', [0, 3, 10, 17])
def test_skipping_is_counting_on(start):
    whole, later = RunSampler(range(10), seed=1), RunSampler(range(10), seed=1)
    later.skip(start)
    assert take(later, 15) == take(whole, start + 15)[start:]


def test_far_positions_cost_nothing():
    sampler = RunSampler(range(784), seed=1)
    sampler.skip(10**12)
    assert 0 <= next(iter(sampler))[0] < 784


def test_processes_share_one_stream():
    whole = take(RunSampler(range(10), seed=1), 30)
    parts = []
    for rank in range(3):
        sampler = RunSampler(range(10), seed=1)
        sampler.rank, sampler.world_size = rank, 3
        sampler.skip(2)
        parts.append(take(sampler, 8))
    assert [key for step in zip(*parts, strict=True) for key in step] == whole[6:]


def test_augmentation_depends_on_the_seed_of_the_sample():
    class Noise:
        metainfo = 'shown through'

        def __getitem__(self, index):
            return index + np.random.rand()

        def __len__(self):
            return 3

    dataset = SeededDataset(Noise())
    first = dataset[1, 7]
    assert dataset[1, 8] != first
    assert dataset[1, 7] == first
    assert (len(dataset), dataset.metainfo) == (3, 'shown through')


def test_purposes_and_positions_have_seeds_of_their_own():
    seeds = [derived_seed(s, p, n) for s in range(3) for p in Purpose for n in range(9)]
    assert len(set(seeds)) == len(seeds)
