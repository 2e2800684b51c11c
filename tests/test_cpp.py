"""The C++ program of docs/deploy.md is compiled, and gives the pixels of `bffr fuse`."""

import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
import pytest

from bffr.models.zoo import exported_folder, full_name

pytestmark = pytest.mark.slow

HEADERS = 'com.github.asus4.onnxruntime@0.4.9'
"""An npm package that holds ONNX Runtime's headers, of an older version; the wheel has none."""


@pytest.fixture(scope='module')
def headers(tmp_path_factory):
    if given := os.environ.get('ONNXRUNTIME_INCLUDE'):
        return Path(given)
    if shutil.which('npm') is None:
        pytest.skip('npm is not installed and ONNXRUNTIME_INCLUDE does not name the headers')
    folder = tmp_path_factory.mktemp('headers')
    if subprocess.run(['npm', 'pack', '--silent', HEADERS], cwd=folder).returncode:
        pytest.skip('npm does not reach a registry; ONNXRUNTIME_INCLUDE may name the headers')
    (archive,) = folder.glob('*.tgz')
    with tarfile.open(archive) as content:
        for member in content:
            if re.search(r'simulator/.*/Headers/[^/]+\.h$', member.name):
                file = content.extractfile(member)
                (folder / Path(member.name).name).write_bytes(file.read())
    archive.unlink()
    return folder


@pytest.fixture(scope='module')
def fuse(root, headers, tmp_path_factory):
    """Run the compiled program."""
    if shutil.which('g++') is None:
        pytest.skip('g++ is not installed')
    folder = tmp_path_factory.mktemp('cpp')
    text = (root / 'docs/deploy.md').read_text()
    (name, source), = re.findall(r'```cpp\n// (\S+)\n(.*?)```', text, re.DOTALL)  # fmt: skip
    (folder / name).write_text(source)
    assert source.count('\n') <= 60
    capi = Path(onnxruntime.__file__).parent / 'capi'
    (library,) = capi.glob('libonnxruntime.so.*')
    for link in ('libonnxruntime.so', 'libonnxruntime.so.1'):
        (folder / link).symlink_to(library)
    words = 'g++', '-std=c++17', '-Wall', '-Werror', name, '-I', headers, '-L', folder
    words += '-lonnxruntime', f'-Wl,-rpath,{folder}', '-o', 'fuse'
    subprocess.run([*map(str, words)], cwd=folder, check=True)
    model = exported_folder(full_name('content-t')) / 'model.onnx'
    return lambda *files: subprocess.run(
        [folder / 'fuse', model, *files], capture_output=True, text=True
    )


@pytest.fixture
def files(synthetic, tmp_path):
    """Of a drawn pair, as the program reads it."""
    visible, infrared = tmp_path / 'visible.ppm', tmp_path / 'infrared.pgm'
    cv2.imwrite(str(visible), cv2.imread(str(synthetic / 'vis/00001N.png')))
    cv2.imwrite(str(infrared), cv2.imread(str(synthetic / 'ir/00001N.png'), cv2.IMREAD_GRAYSCALE))
    return visible, infrared


@pytest.mark.parametrize('contrast', [1, 0])  # without any, nothing is blown up
def test_pixels(fuse, files, contrast, tmp_path):
    for file in files:
        image = cv2.imread(str(file), cv2.IMREAD_UNCHANGED)
        cv2.imwrite(str(file), image * contrast + 90 * (1 - contrast))
    said = fuse(*files, tmp_path / 'fused.ppm')
    assert (said.returncode, said.stderr) == (0, '')
    words = '--vis', files[0], '--ir', files[1], '--model', 'content-t', '--out', tmp_path / 'f.png'
    subprocess.run([sys.executable, '-m', 'bffr', 'fuse', *map(str, words)], check=True)
    fused, wanted = (cv2.imread(str(tmp_path / name)) for name in ('fused.ppm', 'f.png'))
    np.testing.assert_array_equal(fused, wanted)


def test_mistakes(fuse, files, tmp_path):
    assert fuse(*files).stderr.startswith('error: usage: fuse MODEL.onnx')
    swapped = fuse(*reversed(files), tmp_path / 'fused.ppm')
    assert (swapped.returncode, swapped.stderr) == (1, f'error: {files[1]}: is not an 8-bit P6\n')
    files[1].write_bytes(files[1].read_bytes()[:-1])
    assert fuse(*files, tmp_path / 'fused.ppm').stderr == f'error: {files[1]}: is cut off\n'
    assert not (tmp_path / 'fused.ppm').exists()
