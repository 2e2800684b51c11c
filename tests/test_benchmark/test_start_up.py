"""What is not imported before it is needed."""

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


def test_piq_is_imported_by_its_metrics_alone(root):
    lines = [
        'import sys, numpy as np, mmseg_bffr',
        'from mmseg_bffr.evaluation import evaluate_images',
        'images = np.random.default_rng(0).integers(0, 256, (3, 20, 20), dtype=np.uint8)',
        "for names in ['EN', 'Qabf', 'Qcb'], ['SSIM']:",
        "    evaluate_images(*images, names); print('piq' in sys.modules)",
    ]
    command = [sys.executable, '-c', '\n'.join(lines)]
    process = subprocess.run(command, capture_output=True, text=True, cwd=root)
    assert process.stdout.split() == ['False', 'True'], process.stderr
