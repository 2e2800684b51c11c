"""Comparing two trainings bit by bit."""

import json
from pathlib import Path

import numpy as np
import torch
from mmengine.logging import HistoryBuffer

from mmseg_bffr.checkpoints import load_from_file

TIMES = ('time', 'data_time', 'memory')


def losses(work_dir: Path) -> dict[int, float]:
    """Logged loss of every iteration, of all runs in a work dir; the same where they overlap."""
    found = {}
    for path in sorted(work_dir.glob('*/vis_data/scalars.json')):
        for line in path.read_text().splitlines():
            try:
                entry = json.loads(line)
            except json.JSONDecodeError:  # the line that a kill cut off
                continue
            if 'loss' in entry:
                assert found.setdefault(entry['step'], entry['loss']) == entry['loss']
    return found


def assert_identical(one: Path, other: Path) -> None:
    """Check that two checkpoints hold the same state, but for times."""
    one, other = load_from_file(one, 'cpu'), load_from_file(other, 'cpu')
    for key in ('state_dict', 'ema_state_dict', 'optimizer', 'param_schedulers'):
        _assert_equal(one.get(key), other.get(key), key)
    assert one['meta']['iter'] == other['meta']['iter']
    assert one['meta']['seed'] == other['meta']['seed']
    histories = (run['message_hub']['log_scalars'] for run in (one, other))
    one, other = (
        {name: h for name, h in history.items() if name.rpartition('/')[2] not in TIMES}
        for history in histories
    )
    _assert_equal(one, other, 'log')


def _assert_equal(one, other, where):
    assert type(one) is type(other), where
    if isinstance(one, dict):
        assert list(one) == list(other), where
        for key in one:
            _assert_equal(one[key], other[key], f'{where}.{key}')
    elif isinstance(one, (list, tuple)):
        assert len(one) == len(other), where
        for number, (a, b) in enumerate(zip(one, other, strict=True)):
            _assert_equal(a, b, f'{where}.{number}')
    elif isinstance(one, torch.Tensor):
        assert torch.equal(one, other), where
    elif isinstance(one, HistoryBuffer):
        for a, b in zip(one.data, other.data, strict=True):
            np.testing.assert_array_equal(a, b, where)
    else:
        assert one == other, where
