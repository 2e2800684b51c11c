"""Commands on arrays run where nothing is installed that only torch, tests or trainings need."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from bffr.images.image_io import write_png

ABSENT = (
    'torch',
    'torchvision',
    'mmcv',
    'mmengine',
    'mmseg',
    'mmseg_bffr',
    'scipy',
    'skimage',
    'piq',
)

RUN = f"""
import json
import sys


class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition('.')[0] in {ABSENT}:
            raise ModuleNotFoundError(f'{{name}} is blocked', name=name)


sys.meta_path.insert(0, Absent())
from bffr.__main__ import main

for words in json.loads(sys.argv[1]):
    sys.argv = ['bffr', *words]
    main()
    print(words[0], 'matplotlib' in sys.modules)
"""


@pytest.fixture
def folder(tmp_path):
    """A pair, its labels, and the log of a training."""
    noise = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)
    for name, image in (('vis', noise), ('ir', noise[..., 1]), ('labels', noise[..., 1] % 3)):
        write_png(tmp_path / name / 'a.png', image)
    log = tmp_path / 'run/1/vis_data/scalars.json'
    log.parent.mkdir(parents=True)
    log.write_text(json.dumps(dict(loss=1.0, step=1)) + '\n')
    points = 'vis_x,vis_y,ir_x,ir_y\n0,0,0,0\n40,0,40,0\n0,30,0,30\n'
    (tmp_path / 'points.csv').write_text(points)
    return tmp_path


def test_eval_sheet_plot_and_align(root, folder):
    pair = ['--vis', 'vis', '--ir', 'ir']
    evaluation = ['eval', *pair, '--fused', 'visible=vis', '--out', 'r.csv']
    lines = [
        evaluation,
        [*evaluation, '--protocol', 'vifb', '--plot', 'p.png', '--grid', 'g.png'],
        ['sheet', 's.png', '--images', 'a=vis', '--labels', 'b=labels'],
        ['plot', 'c.png', 'run=run', '--keys', 'loss'],
        ['align', *pair, '--points', 'points.csv', '--out', 'rig.json'],
    ]
    command = [sys.executable, '-c', RUN, json.dumps(lines)]
    env = {**os.environ, 'PYTHONPATH': str(root)}
    process = subprocess.run(command, env=env, cwd=folder, capture_output=True, text=True)
    assert process.returncode == 0, process.stderr
    assert 'eval False\n' in process.stdout  # which takes a while, and drew nothing
    assert 'align True\n' in process.stdout
    for name in ('r.csv', 'p.png', 'g.png', 's.png', 'c.png', 'rig.json', 'rig.png'):
        assert (folder / name).is_file()
