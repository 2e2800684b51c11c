"""What is not imported before it is needed."""

import subprocess
import sys
from pathlib import Path

import pytest

from bffr.__main__ import COMMANDS

FOLDER = Path(__file__).parents[1] / 'tools'
TOOLS = sorted(
    str(path.relative_to(FOLDER))
    for path in FOLDER.rglob('*.py')
    if '__main__' in path.read_text(encoding='utf-8')
)
TOOLS.remove('analysis_tools/benchmark_case.py')  # a part of benchmark.py

TORCH = {'torch', 'mmseg', 'mmengine', 'mmseg_bffr'}
ARRAYS = {'numpy', 'cv2', 'matplotlib', 'onnxruntime'}


def imported(*words):
    """What a process printed, and the modules that it imported."""
    command = [sys.executable, '-X', 'importtime', *words]
    process = subprocess.run(command, capture_output=True, text=True)
    assert process.returncode == 0, process.stderr[-2000:]
    modules = {line.rpartition('|')[2].strip() for line in process.stderr.splitlines()}
    return process.stdout, modules


def test_all_folders_of_tools_are_found():
    assert {'train_fuser.py', 'dataset_converters/mfnet.py', 'model_converters/widen.py'} < {*TOOLS}


@pytest.mark.parametrize(
    ('name', 'words'),
    [
        *((Path(tool).name, [FOLDER / tool]) for tool in TOOLS),
        ('bffr', ['-m', 'bffr']),
        *((f'bffr {command}', ['-m', 'bffr', command]) for command in COMMANDS),
    ],
)
def test_help_imports_nothing_that_takes_a_while(name, words):
    said, modules = imported(*words, '--help')
    assert said.startswith(f'usage: {name} ')
    assert 'argparse' in modules
    assert not modules & (TORCH if name == 'mfnet.py' else TORCH | ARRAYS)


def test_bffr_imports_what_is_used():
    assert not imported('-c', 'import bffr')[1] & (TORCH | ARRAYS)
    assert 'matplotlib' not in imported('-c', 'import bffr; bffr.load("max")')[1]
