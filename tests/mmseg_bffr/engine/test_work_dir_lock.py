"""One training a work dir; a killed one does not keep it."""

import os
import re
import signal
import time
from pathlib import Path

import pytest

from mmseg_bffr.engine.work_dir_lock import locked

from .process import log, start, train
from .states import losses

WORKERS = (
    'train_dataloader.num_workers=2',
    'train_dataloader.persistent_workers=True',
    'train_cfg.max_iters=100000',
    'default_hooks.checkpoint.interval=1',
)


def wait_for(condition):
    for _ in range(1200):
        if condition():
            return
        time.sleep(0.1)
    pytest.fail('waited for two minutes')


def children(pid):
    tasks = Path(f'/proc/{pid}/task').glob('*/children')
    return [int(child) for task in tasks for child in task.read_text().split()]


def has_ended(pid):
    status = Path(f'/proc/{pid}/status')
    return not status.exists() or 'State:\tZ' in status.read_text()


@pytest.mark.skipif(not Path('/proc/self/task').is_dir(), reason='looks at /proc')
def test_second_training_is_refused_and_a_killed_one_leaves_the_folder(tiny_configs, tmp_path):
    arguments = {'no_validate': True, 'auto_resume': True}
    running = start(tiny_configs[0], tmp_path, cfg_options=WORKERS, **arguments)
    try:
        wait_for((tmp_path / 'iter_1.pth').exists)
        logs = sorted(path.name for path in tmp_path.iterdir() if path.is_dir())
        assert train(tiny_configs[0], tmp_path, cfg_options=WORKERS, **arguments) == 1
        assert 'another training runs there' in log(tmp_path)
        assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == logs
        assert running.is_alive()

        stopped, waiting = children(running.pid)[:2]
        os.kill(stopped, signal.SIGSTOP)  # as a busy one, it does not notice its parent's end
    finally:
        running.kill()
        running.join()
    try:
        done = 'train_cfg.max_iters=' + str(max(losses(tmp_path)) + 2)
        options = (*WORKERS[:2], WORKERS[3], done)
        assert train(tiny_configs[0], tmp_path, cfg_options=options, **arguments) == 0
    finally:
        os.kill(stopped, signal.SIGKILL)
    wait_for(lambda: has_ended(waiting))
    assert re.search(r'resumed epoch: 0, iter: \d+', log(tmp_path))


def test_an_error_within_is_not_taken_for_another_training(tmp_path):
    with pytest.raises(BlockingIOError), locked(tmp_path):
        raise BlockingIOError
