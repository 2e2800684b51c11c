"""`--help` answers before the libraries are imported."""

import subprocess
import sys

import pytest

TOOLS = ['benchmark', 'eval_fusion', 'fuse', 'test_fuser_segmenter', 'test_fusion', 'train_fuser']


@pytest.mark.parametrize('tool', TOOLS)
def test_help_imports_neither_torch_nor_mmseg(root, tool):
    command = [sys.executable, '-X', 'importtime', root / f'tools/{tool}.py', '--help']
    process = subprocess.run(command, capture_output=True, text=True)
    assert process.returncode == 0
    imported = {line.rpartition('|')[2].strip() for line in process.stderr.splitlines()}
    assert not imported & {'torch', 'mmseg', 'mmengine', 'mmseg_bffr', 'numpy'}
