"""Trainings in processes of their own that can be killed, without the seconds a start costs."""

import functools
import multiprocessing
import os
import subprocess
from pathlib import Path
from signal import SIGINT, SIGKILL, SIGTERM

FORKSERVER = multiprocessing.get_context('forkserver')


def start(config, work_dir: Path, killed_at=None, **arguments) -> multiprocessing.Process:
    """Start a training; see `_train`."""
    FORKSERVER.set_forkserver_preload(['mmseg_bffr.apis'])
    process = FORKSERVER.Process(target=_train, args=(config, work_dir, killed_at, arguments))
    process.start()
    return process


def train(config, work_dir: Path, killed_at=None, timeout=120, **arguments) -> int:
    """Run a training to its end and return its status; -9 if it was killed."""
    process = start(config, work_dir, killed_at, **arguments)
    process.join(timeout)
    assert process.exitcode is not None
    return process.exitcode


def unformatted(code: str, **_) -> tuple[str, bool]:
    """A config as it is, in place of yapf, which takes most of a short training's time."""
    return code, False


def log(work_dir: Path) -> str:
    """What the trainings in a work dir said."""
    return Path(work_dir, 'said.txt').read_text()


def _train(config, work_dir, killed_at, arguments):
    """Train with the `TrainingOptions` given; `killed_at` is (function's name, n-th call).

    Killed it is by SIGKILL, or by a SIGTERM or SIGINT to its process group, workers of data loaders
    included.
    """
    work_dir.mkdir(parents=True, exist_ok=True)
    said = os.open(work_dir / 'said.txt', os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(said, 1)
    os.dup2(said, 2)
    import torch
    from yapf.yapflib import yapf_api

    yapf_api.FormatCode = unformatted
    torch.set_num_threads(1)
    from bffr.commands.run import run
    from mmseg_bffr.apis import TrainingOptions, train
    from mmseg_bffr.engine import IterationSeedHook
    from mmseg_bffr.engine.termination import TerminationHook

    if killed_at is not None:
        place, calls = killed_at
        owner, name, how = {
            'iteration': (IterationSeedHook, 'before_train_iter', SIGKILL),
            'fsync': (os, 'fsync', SIGKILL),
            'rename': (os, 'replace', SIGKILL),
            'SIGTERM in iteration': (IterationSeedHook, 'before_train_iter', SIGTERM),
            'SIGINT in iteration': (IterationSeedHook, 'before_train_iter', SIGINT),
            'SIGTERM in validation': (TerminationHook, 'after_val_iter', SIGTERM),
        }[place]
        os.setpgid(0, 0)
        setattr(owner, name, _kills(getattr(owner, name), calls, how))
    warm_start = arguments.pop('warm_start', True)
    options = TrainingOptions(work_dir=str(work_dir), device='cpu', **arguments)
    run(lambda: train(str(config), options, warm_start=warm_start))


def _kills(function, calls, how):
    """The function, but its n-th call kills the process first."""
    counted = 0

    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        nonlocal counted
        counted += 1
        if counted == calls:
            if how != SIGKILL:  # from somebody else, to the whole group
                name = how.name.removeprefix('SIG')
                subprocess.run(['sh', '-c', f'trap "" {name}; kill -{name} -{os.getpgid(0)}'])
            else:
                os.kill(os.getpid(), how)
        return function(*args, **kwargs)

    return wrapper
