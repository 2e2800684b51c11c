"""The notebook runs, and is kept without outputs."""

import json
import os
import subprocess
import sys

import pytest


def test_is_kept_without_outputs(root):
    notebook = json.loads((root / 'demo/tour.ipynb').read_text(encoding='utf-8'))
    assert not any(cell.get('outputs') or cell.get('execution_count') for cell in notebook['cells'])


@pytest.mark.slow
def test_runs(root):
    for package in ('nbmake', 'onnxscript', 'onnxruntime'):
        pytest.importorskip(package)
    run = subprocess.run(
        [
            *(sys.executable, '-m', 'pytest', '-p', 'no:cacheprovider'),
            *('--nbmake', '--nbmake-timeout=3600', 'demo/tour.ipynb'),
        ],
        cwd=root,
        env={**os.environ, 'CUDA_VISIBLE_DEVICES': ''},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout + run.stderr
