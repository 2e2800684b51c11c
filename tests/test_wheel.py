"""The two wheels, in an environment that knows no checkout."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from bffr_runtime.image_io import read_image
from mmseg_bffr.apis import fuse, init_model

pytestmark = pytest.mark.slow

JOINT = 'transfuser_segformer_demo'


def run(*words, cwd, **options):
    """Run a command; returns what it said."""
    env = {name: value for name, value in os.environ.items() if name != 'PYTHONPATH'}
    env.update(CUDA_VISIBLE_DEVICES='', OMP_NUM_THREADS='1')
    process = subprocess.run(
        [*map(str, words)], cwd=cwd, env=env, stdin=subprocess.DEVNULL, text=True, **options,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert process.returncode == 0, process.stdout[-3000:]
    return process.stdout


@pytest.fixture(scope='module')
def wheels(root, tmp_path_factory):
    """What `make wheel` writes, made of a copy, as pip leaves its own files beside the sources."""
    folder = tmp_path_factory.mktemp('wheels')
    ignored = shutil.ignore_patterns(
        *('.*', '*.egg-info', 'build', 'dist', 'data', 'pretrain', 'weights', 'work_dirs')
    )
    shutil.copytree(root, folder / 'checkout', ignore=ignored)
    pip = [sys.executable, '-m', 'pip', 'wheel', '--quiet', '--no-deps', '--wheel-dir', folder]
    run(*pip, '.', './runtime', cwd=folder / 'checkout')
    shutil.rmtree(folder / 'checkout')
    return sorted(folder.glob('*.whl'))


@pytest.fixture(scope='module')
def environment(wheels, tmp_path_factory):
    """An environment with both wheels that sees what else is installed here."""
    folder = tmp_path_factory.mktemp('environment')
    run(sys.executable, '-m', 'venv', folder, cwd=folder)
    site = next(folder.glob('lib/python*/site-packages'))
    # Python does not follow the .pth files of an editable install in a folder that a .pth names.
    (site / 'others.pth').write_text(sysconfig.get_path('purelib'))
    run(folder / 'bin/pip', 'install', '--quiet', '--no-deps', *wheels, cwd=folder)
    return folder


@pytest.fixture
def bffr(environment, tmp_path):
    """Run the installed command in an empty folder."""
    return lambda *words: run(environment / 'bin/bffr', *words, cwd=tmp_path)


def test_files_and_metadata(wheels, root):
    runtime, package = (zipfile.ZipFile(wheel) for wheel in wheels)
    files = {*package.namelist()}
    data = 'configs/**/*.py', 'mmseg_bffr/zoo/*/*', 'mmseg_bffr/web/examples/*'
    for path in (path for pattern in data for path in root.glob(pattern)):
        place = 'mmseg_bffr/.mim/' * path.is_relative_to(root / 'configs')
        assert f'{place}{path.relative_to(root).as_posix()}' in files
    assert {'mmseg_bffr/py.typed', 'bffr_cli/__main__.py'} < files
    assert 'bffr_runtime/py.typed' in runtime.namelist()
    assert not any(file.startswith(('tests/', 'tools/', 'configs/')) for file in files)
    (name,) = (file for file in files if file.endswith('/METADATA'))
    text = package.read(name).decode()
    links = re.findall(r'\]\(([^)]*)\)', text)
    assert any(link.endswith('/raw/main/docs/msrs.jpg') for link in links)
    assert all(re.match(r'https?://|#', link) for link in links)


def test_packages_are_those_of_the_wheels(environment, tmp_path):
    code = 'import bffr_cli, bffr_runtime, mmseg_bffr as m; print(m.__file__, m.__version__)'
    said = run(environment / 'bin/python', '-c', code, cwd=tmp_path)
    file, version = said.split()
    assert Path(file).is_relative_to(environment)
    assert run(environment / 'bin/bffr', '--version', cwd=tmp_path) == f'{version}\n'


@pytest.fixture
def one_thread():
    """As `run` has it: sums of floats differ with the number of threads."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.mark.usefixtures('one_thread')
def test_fuse(bffr, synthetic, tmp_path):
    bffr('fuse', '--vis', synthetic / 'vis', '--ir', synthetic / 'ir', '--out', 'fused')
    model = init_model(device='cpu')
    images = sorted((tmp_path / 'fused').glob('*.png'))
    assert len(images) == 12
    for image in images:
        pair = (synthetic / kind / image.name for kind in ('vis', 'ir'))
        np.testing.assert_array_equal(read_image(image), fuse(model, *pair))


def test_train_and_test_by_the_name_of_a_config(bffr, synthetic, tmp_path):
    data = [
        f'{part}_dataloader.dataset.data_root={synthetic}'
        for part in ('train', 'val', 'test', 'visual')
    ]
    steps = 'train_cfg.max_iters=2', 'train_cfg.val_interval=2', 'model.fuser.init_cfg=None'
    bffr('train', JOINT, '--cfg-options', *steps, 'default_hooks.checkpoint.interval=2', *data)
    folder = tmp_path / 'work_dirs' / JOINT
    (record,) = folder.glob('*/run.json')
    assert '"git": "version 1' in record.read_text()
    said = bffr('test', JOINT, folder / 'iter_2.pth', '--eval', 'mIoU', '--cfg-options', *data)
    assert re.search(r'mIoU: \d', said)


def test_configs_are_copied(bffr, root, tmp_path):
    bffr('configs', '--copy', 'configs')
    copied = {path.relative_to(tmp_path) for path in tmp_path.rglob('configs/**/*.py')}
    assert copied == {path.relative_to(root) for path in root.glob('configs/**/*.py')}
