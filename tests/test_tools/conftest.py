"""Command lines: some in processes of their own, most in this one, which saves their start."""

import os
import re
import runpy
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest


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


@pytest.fixture
def tool(root, monkeypatch, capfd):
    """Run a tool's main program in this process; exits as an error of the shell would look."""

    def tool(name, *words):
        monkeypatch.chdir(root)
        monkeypatch.syspath_prepend(root / 'tools')
        monkeypatch.setattr(sys, 'argv', [name, *map(str, words)])
        capfd.readouterr()
        status = None
        try:
            runpy.run_path(str(root / 'tools' / name), run_name='__main__')
        except SystemExit as end:
            status = end.code
        log, messages = capfd.readouterr()
        error = messages[messages.rindex('error: ') :].splitlines()[0] if status else None
        return SimpleNamespace(error=error, log=log)

    return tool


@pytest.fixture(scope='session')
def trained_fuser(command, tiny_configs, tmp_path_factory):
    """A warm start of two iterations: its folder and what it said."""
    folder = tmp_path_factory.mktemp('warm_start')
    run = command('tools/train_fuser.py', tiny_configs[0], '--work-dir', folder, '--seed', 0)
    assert run.returncode == 0, run.everything[-3000:]
    return SimpleNamespace(folder=folder, checkpoint=folder / 'iter_2.pth', log=run.everything)


@pytest.fixture(scope='session')
def trained_joint(command, trained_fuser, tmp_path_factory):
    """Joint training of two iterations by the command that the warm start names."""
    folder = tmp_path_factory.mktemp('joint')
    (words,) = re.findall(r'^python (tools/train_fuser_segmenter\.py .*)$', trained_fuser.log, re.M)
    run = command(*words.split(), '--work-dir', folder, '--seed', 0, '--deterministic')
    assert run.returncode == 0, run.everything[-3000:]
    return SimpleNamespace(folder=folder, checkpoint=folder / 'iter_2.pth', log=run.everything)


def pictures(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob('*.png'))
