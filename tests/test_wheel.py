"""The wheel, in environments that know no checkout: with all that is installed here, and alone."""

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

import bffr as package
from bffr.images.image_io import read_image

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
def wheel(root, tmp_path_factory):
    """What `make wheel` writes, made of a copy, as pip leaves its own files beside the sources."""
    folder = tmp_path_factory.mktemp('wheel')
    ignored = shutil.ignore_patterns(
        *('.*', '*.egg-info', 'build', 'dist', 'data', 'pretrain', 'weights', 'work_dirs')
    )
    shutil.copytree(root, folder / 'checkout', ignore=ignored)
    pip = [sys.executable, '-m', 'pip', 'wheel', '--quiet', '--no-deps', '--wheel-dir', folder]
    run(*pip, '.', cwd=folder / 'checkout')
    shutil.rmtree(folder / 'checkout')
    (wheel,) = folder.glob('*.whl')
    return wheel


@pytest.fixture(scope='module')
def environment(wheel, tmp_path_factory):
    """An environment with the wheel that sees what else is installed here."""
    folder = tmp_path_factory.mktemp('environment')
    run(sys.executable, '-m', 'venv', folder, cwd=folder)
    site = next(folder.glob('lib/python*/site-packages'))
    # Python does not follow the .pth files of an editable install in a folder that a .pth names.
    (site / 'others.pth').write_text(sysconfig.get_path('purelib'))
    run(folder / 'bin/pip', 'install', '--quiet', '--no-deps', wheel, cwd=folder)
    return folder


@pytest.fixture
def bffr(environment, tmp_path):
    """Run the installed command in an empty folder."""
    return lambda *words: run(environment / 'bin/bffr', *words, cwd=tmp_path)


def test_files_and_metadata(wheel, root):
    content = zipfile.ZipFile(wheel)
    files = {*content.namelist()}
    data = 'configs/**/*.py', 'bffr/zoo/**/*.*', 'mmseg_bffr/zoo/*/*.*', 'bffr/web/examples/*'
    for path in (path for pattern in data for path in root.glob(pattern)):
        if '__pycache__' not in path.parts:
            place = 'mmseg_bffr/.mim/' * path.is_relative_to(root / 'configs')
            assert f'{place}{path.relative_to(root).as_posix()}' in files
    assert {'bffr/py.typed', 'mmseg_bffr/py.typed', 'bffr/__main__.py'} < files
    assert not any(file.startswith(('tests/', 'tools/', 'configs/')) for file in files)
    (name,) = (file for file in files if file.endswith('/METADATA'))
    text = content.read(name).decode()
    links = re.findall(r'\]\(([^)]*)\)', text)
    assert any(link.endswith('/raw/main/docs/msrs.jpg') for link in links)
    assert all(re.match(r'https?://|#', link) for link in links)


def test_packages_are_those_of_the_wheel(environment, tmp_path):
    code = 'import bffr, mmseg_bffr as m; print(bffr.__file__, m.__file__, m.__version__)'
    *files, version = run(environment / 'bin/python', '-c', code, cwd=tmp_path).split()
    assert all(Path(file).is_relative_to(environment) for file in files)
    assert run(environment / 'bin/bffr', '--version', cwd=tmp_path) == f'{version}\n'


class TestAlone:
    """`pip install` of the wheel in a fresh environment: what needs no torch."""

    @pytest.fixture(scope='class')
    def alone(self, wheel, tmp_path_factory):
        folder = tmp_path_factory.mktemp('alone')
        run(sys.executable, '-m', 'venv', folder, cwd=folder)
        run(folder / 'bin/pip', 'install', '--quiet', wheel, cwd=folder)
        return folder

    def test_neither_torch_nor_much_is_installed(self, alone):
        names = run(alone / 'bin/pip', 'list', '--format', 'freeze', cwd=alone).lower()
        assert not re.search(r'^(torch|mmcv|mmengine|onedl|opencv-python==)', names, re.MULTILINE)
        (site,) = alone.glob('lib/python*/site-packages')
        ours = (path for path in site.iterdir() if not re.match('pip|setuptools|pkg_', path.name))
        files = (file for path in ours for file in [path, *path.rglob('*')] if file.is_file())
        assert sum(file.stat().st_size for file in files) < 650 * 2**20

    def test_commands(self, alone, synthetic, tmp_path):
        bffr, sources = alone / 'bin/bffr', ('--vis', synthetic / 'vis', '--ir', synthetic / 'ir')
        run(bffr, 'fuse', *sources, '--out', 'fused', '--seg', '--sheet', cwd=tmp_path)
        model = package.load()
        for name in ('00000D', '00001N'):
            pair = (synthetic / kind / f'{name}.png' for kind in ('vis', 'ir'))
            fused = read_image(tmp_path / f'fused/{name}.png').astype(int)
            assert np.abs(fused - model.fuse(*pair)).max() <= 1
        assert len(list((tmp_path / 'fused').iterdir())) == 3 * 12
        run(bffr, 'fuse', *sources, '--out', 'rule', '--model', 'laplacian', cwd=tmp_path)
        methods = 'laplacian=rule', 'default=fused'
        out = 'scores.csv', 'scores.md', 'scores.tex', 'scores.json'
        run(bffr, 'eval', *sources, '--fused', *methods, '--out', *out, cwd=tmp_path)
        assert (tmp_path / 'scores.csv').read_text().count('\n') == 1 + 2 * 12
        run(bffr, 'sheet', 'sheet.png', '--images', *methods, cwd=tmp_path)
        (tmp_path / 'points.csv').write_text(
            'vis_x,vis_y,ir_x,ir_y\n5,5,1,1\n40,5,36,1\n5,40,1,36\n'
        )
        pair = [f'--{kind}={synthetic}/{kind}/00000D.png' for kind in ('vis', 'ir')]
        run(bffr, 'align', *pair, '--points', 'points.csv', '--out', 'rig.json', cwd=tmp_path)
        assert (tmp_path / 'rig.json').is_file()
        assert 'transfuser6_avg' in run(bffr, 'configs', cwd=tmp_path)

    def test_what_needs_torch_says_so(self, alone, tmp_path):
        words = alone / 'bin/bffr', 'train', 'transfuser_segformer_demo'
        process = subprocess.run([*map(str, words)], cwd=tmp_path, capture_output=True, text=True)
        assert process.returncode == 1
        assert re.fullmatch(r"error: .* `pip install 'bffr\[mmseg\]'`\.\n", process.stderr)


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
