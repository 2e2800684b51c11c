"""The lowest versions that setup.py allows do work."""

import os
import re
import runpy
import subprocess
import sys

import pytest

NOT_TRIED = {'torch', 'torchvision'}
"""Too large to be installed once more."""

PARTS = [
    *('bffr/images', 'bffr/evaluation', 'bffr/figures', 'bffr/commands/test_fuse.py'),
    *('mmseg_bffr/datasets', 'mmseg_bffr/apis/test_testing.py'),
]


@pytest.fixture
def versions(root, monkeypatch):
    """Distribution -> lowest version, of the package and of its extra `mmseg`."""
    found = {}
    monkeypatch.chdir(root)
    monkeypatch.setattr('setuptools.setup', lambda **options: found.update(options))
    runpy.run_path('setup.py')
    required = [*found['install_requires'], *found['extras_require']['mmseg']]
    versions = dict(requirement.split('>=') for requirement in required)
    return {name: version for name, version in versions.items() if name not in NOT_TRIED}


@pytest.fixture
def folder(versions, tmp_path):
    """A folder with these versions."""
    pip = [sys.executable, '-m', 'pip', 'install', '--quiet', '--no-deps', '--target', tmp_path]
    probe = [*pip, '--dry-run', '--ignore-installed', 'tabulate']
    if subprocess.run(probe, stdin=subprocess.DEVNULL).returncode:
        pytest.skip('pip does not reach a registry')
    pins = [f'{name}=={version}' for name, version in versions.items()]
    subprocess.run([*pip, *pins], stdin=subprocess.DEVNULL, check=True)
    return tmp_path


def without_zeros(version):
    return re.sub(r'(\.0)+$', '', version)


@pytest.mark.slow
@pytest.mark.skipif(sys.version_info >= (3, 12), reason='old releases have no wheels for it')
def test_what_needs_them_passes(root, versions, folder):
    env = {**os.environ, 'PYTHONPATH': f'{folder}{os.pathsep}{root}', 'OMP_NUM_THREADS': '1'}
    code = 'import sys, importlib.metadata as m; print(*map(m.version, sys.argv[1:]))'
    seen = subprocess.check_output([sys.executable, '-c', code, *versions], env=env, text=True)
    assert [*map(without_zeros, seen.split())] == [*map(without_zeros, versions.values())]
    run = subprocess.run(
        [sys.executable, '-m', 'pytest', '-x', '-q', '-p', 'no:cacheprovider',
         *(root / 'tests' / part for part in PARTS)],
        cwd=root, env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout[-3000:]
