import os
import re
import signal
import subprocess
import sys
from types import SimpleNamespace

import pytest

import bffr
from demo.synthetic.dataset import write_synthetic_dataset

LIMITS = '--max-megabytes', '1', '--max-megapixels', '0.2'


@pytest.fixture(scope='package')
def server(root, tmp_path_factory):
    """`bffr web` in a process of its own: its address, its working and its temporary folder."""
    pytest.importorskip('gradio', reason='gradio (the extra `web`) is not installed')
    folder, temporary = (tmp_path_factory.mktemp(name) for name in ('cwd', 'temporary'))
    process = subprocess.Popen(
        [sys.executable, '-m', 'bffr', 'web', '--device', 'cpu', *LIMITS],
        cwd=folder,
        env={
            **os.environ,
            'PYTHONPATH': str(root),
            'TMPDIR': str(temporary),
            'PYTHONUNBUFFERED': '1',
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    said = ''
    while not (found := re.search(r'http://[\d.:]+', said)):
        line = process.stdout.readline()
        assert line, said
        said += line
    yield SimpleNamespace(url=found[0], folder=folder, temporary=temporary)
    process.send_signal(signal.SIGTERM)
    said += process.communicate(timeout=60)[0]
    assert process.returncode == 0, said
    refused = said.count('\ngradio.exceptions.InvalidPathError')  # the one kind that is to be
    assert said.count('\nTraceback') == refused, said
    left = {path.name for path in (*folder.iterdir(), *temporary.iterdir())}
    assert left == set()


@pytest.fixture(scope='package')
def pairs(tmp_path_factory):
    """Files of twelve drawn pairs of 96x128 pixels."""
    folder = tmp_path_factory.mktemp('pairs')
    write_synthetic_dataset(folder, pairs=12, size=(96, 128))
    names = sorted(path.name for path in (folder / 'vis').iterdir())
    return [(folder / 'vis' / name, folder / 'ir' / name) for name in names]


@pytest.fixture(scope='package')
def model():
    """The default one, as the page has it."""
    return bffr.load()
