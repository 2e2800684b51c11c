"""`bffr` needs neither torch nor anything of OpenMMLab's, and says what does."""

import json
import os
import subprocess
import sys
from pathlib import Path

from bffr.__main__ import COMMANDS, module_of

BLOCKED = """
import sys


class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition('.')[0] in {'torch', 'torchvision', 'mmcv', 'mmengine', 'mmseg'}:
            raise ModuleNotFoundError(f'{name} is blocked', name=name)


sys.meta_path.insert(0, Absent())
"""

EVERY_MODULE = """
import importlib, pkgutil
import bffr

names = [m.name for m in pkgutil.walk_packages(bffr.__path__, 'bffr.')]
assert 'bffr.images.image_io' in names
for name in names:
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:  # of another extra than torch's
        assert error.name in {'gradio', 'openvino', 'ray', 'fsspec'}, error
"""

FILES = """
import sys
from pathlib import Path
import numpy as np
from bffr import InputError
from bffr.images.image_io import read_labels, read_visible, write_png
from bffr.images.matching import match_stems
from bffr.images.pair import read_pair
from bffr.video import VideoPair, VideoWriter

folder = Path(sys.argv[1])
visible = np.arange(16 * 16 * 3, dtype=np.uint8).reshape(16, 16, 3)
for name, image in [('vis/a.png', visible), ('ir/a.png', visible[..., 1])]:
    write_png(folder / name, image)
[(stem, *files)] = match_stems(folder / 'vis', folder / 'ir')
pair = read_pair(*files)
assert (pair.visible == visible).all() and (pair.infrared == visible[..., 1]).all()
assert (read_labels(files[1]) == visible[..., 1]).all()
for name in ('vis.avi', 'ir.avi'):
    with VideoWriter(folder / name, (16, 16), 5) as writer:
        writer.write(visible)
assert len(list(VideoPair(folder / 'vis.avi', folder / 'ir.avi'))) == 1
try:
    read_visible(folder / 'none.png')
except InputError as error:
    print(error)
"""

COMMAND_LINES = """
import json, sys
from bffr.__main__ import main

for words in json.loads(sys.argv[1]):
    sys.argv = ['bffr', *words]
    try:
        main()
        print(words[0], 0)
    except SystemExit as end:
        print(words[0], end.code)
    sys.stdout.flush()
"""
"""Runs several in one process; prints the status of each."""

MODEL = ['a.py', 'a.pth']
NEED_TORCH = [
    ['train-fuser', 'a.py'],
    ['train', 'a.py'],
    ['test-fusion', *MODEL],
    ['test', *MODEL],
    ['check', 'a.py'],
    ['downstream', '--fused', 'a=b', '--data', 'a.py', '--out', 'a.csv'],
    ['export', *MODEL, '--out', 'a'],
    ['publish', *MODEL, 'a'],
    ['train-zoo', 'content-s', '--seed', '1'],
    ['sheet', 'a.png', '--images', 'a=b', '--config', 'a.py'],
    ['fuse', '--vis', 'a', '--ir', 'b', '--out', 'c', '--checkpoint', 'a.pth'],
    ['fuse', '--vis', 'a', '--ir', 'b', '--out', 'c', '--engine', 'torch'],
]
"""Command lines that do not work without torch."""


def run(root, code, *words):
    """Run code where there is no torch; returns the process."""
    path = os.pathsep.join([str(root), os.environ.get('PYTHONPATH', '')])
    env = {**os.environ, 'PYTHONPATH': path}
    command = [sys.executable, '-c', BLOCKED + code, *map(str, words)]
    process = subprocess.run(command, env=env, capture_output=True, text=True)
    assert process.returncode == 0, process.stderr
    return process


def test_every_module_is_imported(root):
    run(root, EVERY_MODULE)


def test_files_are_read_and_written(root, tmp_path):
    assert 'none.png: cannot be read' in run(root, FILES, tmp_path).stdout


def test_what_needs_torch_names_the_extra(root):
    process = run(root, COMMAND_LINES, json.dumps(NEED_TORCH))
    assert process.stdout.splitlines() == [f'{words[0]} 1' for words in NEED_TORCH]
    lines = process.stderr.splitlines()
    assert len(lines) == len(NEED_TORCH)
    for line in lines:
        assert line.startswith('error: this needs torch and mmsegmentation, but ')
        assert line.endswith(" is not installed; run `pip install 'bffr[mmseg]'`.")


def test_all_commands_that_need_torch_are_tried(root):
    texts = {name: Path(module_of(name).__file__).read_text('utf-8') for name in COMMANDS}
    need = {name for name, text in texts.items() if 'with_torch(' in text}
    assert {words[0] for words in NEED_TORCH} == need | {'fuse'}
