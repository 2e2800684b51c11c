"""A resumed run makes up for the validation that was due at its iteration, by mmengine's rule."""

import logging
from types import SimpleNamespace

import pytest
from mmengine.runner import IterBasedTrainLoop
from mmengine.runner.utils import calc_dynamic_intervals

from mmseg_bffr.engine.resumable_train_loop import MissedValidationHook


@pytest.mark.parametrize(
    ('iteration', 'due'), [(0, 0), (2, 1), (3, 0), (4, 1), (8, 0), (9, 1), (10, 1)]
)
def test_of_intervals_that_change(iteration, due):
    """Every second iteration until the fifth, then every third, and after the last."""
    runs = []
    loop = IterBasedTrainLoop.__new__(IterBasedTrainLoop)
    loop._iter, loop.val_begin, loop.val_interval = iteration, 1, 2
    loop.dynamic_milestones, loop.dynamic_intervals = calc_dynamic_intervals(2, [(6, 3)])
    MissedValidationHook().before_train_epoch(
        SimpleNamespace(
            **dict(train_loop=loop, iter=iteration, max_iters=10, logger=logging.getLogger()),
            val_loop=SimpleNamespace(run=lambda: runs.append(iteration)),
            message_hub=SimpleNamespace(runtime_info={}),
        )
    )
    assert len(runs) == due
