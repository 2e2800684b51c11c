"""Command lines: most in this process, which saves their start, some in one of their own."""

import os
import re
import runpy
import shlex
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from bffr.__main__ import main


@pytest.fixture(scope='session')
def command(root):
    """Run a command line in a process of its own, from the repository's root, on the CPU."""

    def command(*words, module=False):
        run = subprocess.run(
            [sys.executable, *(['-m'] if module else []), *map(str, words)],
            cwd=root,
            env={**os.environ, 'OMP_NUM_THREADS': '1', 'CUDA_VISIBLE_DEVICES': ''},
            capture_output=True,
            text=True,
            check=False,
        )
        run.everything = run.stdout + run.stderr
        return run

    return command


@pytest.fixture(scope='session')
def run_tool(root):
    """Run a command of `bffr`, or one of the four tools, in this process; returns the status that
    it exits with, if any."""

    def run_tool(name, *words):
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(root)
            try:
                if name.endswith('.py'):
                    patch.setattr(sys, 'argv', [name, *map(str, words)])
                    runpy.run_path(str(root / 'tools' / name), run_name='__main__')
                else:
                    patch.setattr(sys, 'argv', ['bffr', name, *map(str, words)])
                    main()
            except SystemExit as end:
                return end.code
            finally:
                torch.use_deterministic_algorithms(False)  # which --deterministic forbids
        return None

    return run_tool


@pytest.fixture
def tool(run_tool, capfd):
    """Run a tool in this process: its status, the sentence it ended with, what it wrote where."""

    def tool(name, *words):
        capfd.readouterr()
        status = run_tool(name, *words)
        log, messages = capfd.readouterr()
        error = messages[messages.rindex('error: ') :].splitlines()[0] if status else None
        return SimpleNamespace(status=status, error=error, log=log, messages=messages)

    return tool


def trained(run_tool, folder: Path, *words) -> SimpleNamespace:
    """Train two iterations; returns the folder, the checkpoint and the log in it."""
    assert run_tool(*words, '--work-dir', folder, '--seed', 0) is None
    (log,) = folder.glob('*/*.log')
    return SimpleNamespace(folder=folder, checkpoint=folder / 'iter_2.pth', log=log.read_text())


@pytest.fixture(scope='session')
def trained_fuser(run_tool, tiny_configs, tmp_path_factory):
    """A warm start of two iterations."""
    return trained(run_tool, tmp_path_factory.mktemp('warm'), 'train_fuser.py', tiny_configs[0])


@pytest.fixture(scope='session')
def trained_joint(run_tool, trained_fuser, tmp_path_factory):
    """Joint training of two iterations by the command that the warm start names."""
    (words,) = re.findall(
        r'^python tools/(train_fuser_segmenter\.py .*)$', trained_fuser.log, re.MULTILINE
    )
    folder = tmp_path_factory.mktemp('joint')
    return trained(run_tool, folder, *shlex.split(words), '--deterministic')


def pictures(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob('*.png'))
