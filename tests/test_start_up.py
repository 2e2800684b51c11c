"""What is not imported before it is needed."""

import subprocess
import sys
from pathlib import Path

import pytest

from bffr_cli.__main__ import COMMANDS

FOLDER = Path(__file__).parents[2] / 'tools'
TOOLS = sorted(
    str(path.relative_to(FOLDER))
    for path in FOLDER.rglob('*.py')
    if '__main__' in path.read_text(encoding='utf-8')
)
TOOLS.remove('analysis_tools/benchmark_case.py')  # a part of benchmark.py


def test_all_folders_of_tools_are_found():
    assert {'train_fuser.py', 'dataset_converters/mfnet.py', 'model_converters/publish.py'} < {
        *TOOLS
    }


@pytest.mark.parametrize(
    ('name', 'words'),
    [
        *((Path(tool).name, [FOLDER / tool]) for tool in TOOLS),
        ('bffr', ['-m', 'bffr_cli']),
        *((f'bffr {command}', ['-m', 'bffr_cli', command]) for command in COMMANDS),
    ],
)
def test_help_imports_neither_torch_nor_mmseg(name, words):
    command = [sys.executable, '-X', 'importtime', *words, '--help']
    process = subprocess.run(command, capture_output=True, text=True)
    assert process.returncode == 0
    assert process.stdout.startswith(f'usage: {name} ')
    imported = {line.rpartition('|')[2].strip() for line in process.stderr.splitlines()}
    assert 'argparse' in imported
    assert not imported & {'torch', 'mmseg', 'mmengine', 'mmseg_bffr', 'numpy', 'cv2'}


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
