"""The runtime needs neither torch nor anything of OpenMMLab's."""

import os
import subprocess
import sys

BLOCKED = """
import sys


class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition('.')[0] in {'torch', 'mmcv', 'mmengine', 'mmseg', 'mmseg_bffr'}:
            raise ModuleNotFoundError(f'{name} is blocked')


sys.meta_path.insert(0, Absent())
"""

EVERY_MODULE = """
import importlib, pkgutil
import bffr

names = [m.name for m in pkgutil.walk_packages(bffr.__path__, 'bffr.')]
assert 'bffr.images.image_io' in names
for name in names:
    importlib.import_module(name)
"""

FILES = """
import sys
from pathlib import Path
import numpy as np
from bffr import InputError
from bffr.images.image_io import read_labels, read_visible, write_png
from bffr.images.load_pair import load_pair
from bffr.images.matching import match_stems
from bffr.video import VideoPair, VideoWriter

folder = Path(sys.argv[1])
visible = np.arange(16 * 16 * 3, dtype=np.uint8).reshape(16, 16, 3)
for name, image in [('vis/a.png', visible), ('ir/a.png', visible[..., 1])]:
    write_png(folder / name, image)
[(stem, *files)] = match_stems(folder / 'vis', folder / 'ir')
pair = load_pair(*files)
assert (pair[..., :3] == visible).all() and (pair[..., 3] == visible[..., 1]).all()
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


def run(root, code, *words, path=''):
    """Run code where there is no torch, with the runtime and `path`; returns what it printed."""
    env = {**os.environ, 'PYTHONPATH': os.pathsep.join([str(root / 'runtime'), str(path)])}
    command = [sys.executable, '-c', BLOCKED + code, *map(str, words)]
    process = subprocess.run(command, env=env, capture_output=True, text=True)
    assert process.returncode == 0, process.stderr
    return process.stdout


def test_every_module_is_imported(root):
    run(root, EVERY_MODULE)


def test_files_are_read_and_written(root, tmp_path):
    assert 'none.png: cannot be read' in run(root, FILES, tmp_path)
