"""An archive on a local Ray: killed workers and drivers lose nothing and make nothing twice."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from bffr.images.image_io import read_image
from tests.bffr.fusing.test_fuse_archive import (
    expected,
    found,
    members,
    write_folders,
    write_shard,
)
from tests.fake_models import write_exported

PAIRS = 120

ENGINE = """
import os, time, types
from pathlib import Path
import numpy as np


class SessionOptions:
    def add_session_config_entry(self, *_):
        pass


def get_available_providers():
    return ['CPUExecutionProvider']


class InferenceSession:
    def __init__(self, *_):
        pass

    def get_providers(self):
        return get_available_providers()

    def get_outputs(self):
        return [types.SimpleNamespace(name='fused')]

    def get_overridable_initializers(self):
        return []

    def run(self, names, inputs):
        with Path(__file__).with_name(f'{os.getpid()}.runs').open('a') as runs:
            runs.write('.')
        time.sleep(float(os.environ['PAUSE']))
        return [(inputs['visible'] + inputs['infrared'][..., None].astype(np.float32)) / 510]
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path('/proc').is_dir(), reason='looks at processes as Linux has them'),
]


@pytest.fixture
def fuse(root, tmp_path):
    """Start `bffr fuse-archive` with two workers, whose engine takes its time for a pair."""
    pytest.importorskip('ray.data', reason='ray is not installed')
    (tmp_path / 'engine').mkdir()
    (tmp_path / 'engine/onnxruntime.py').write_text(ENGINE)
    write_exported(tmp_path / 'model', segments=False)
    paths = root, tmp_path / 'engine', os.environ.get('PYTHONPATH', '')
    env = {**os.environ, 'PYTHONPATH': os.pathsep.join(map(str, paths))}
    started = []

    def fuse(*words, pause):
        tool = ['fuse-archive', *words, '--out', 'out', '--model', './model']
        process = subprocess.Popen(
            [sys.executable, '-m', 'bffr', *tool, '--workers', '2', '--cpus', '0.5'],
            env={**env, 'PAUSE': str(pause)},
            stdout=subprocess.DEVNULL,
            stderr=(tmp_path / 'said.txt').open('w'),
        )
        started.append(process)
        return process

    yield fuse
    for process in started:
        process.kill()
        process.wait()


def wait_until(condition, driver=None):
    end = time.monotonic() + 600
    while not condition():
        assert time.monotonic() < end
        assert driver is None or driver.poll() is None, Path('said.txt').read_text()[-3000:]
        time.sleep(0.1)


def is_alive(pid):
    try:
        return Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()[0] != 'Z'
    except FileNotFoundError:
        return False


def write_archive(folder, kind):
    """Pairs, of which one is damaged: words for them, and the results that they should have."""
    if kind == 'folders':
        write_folders(folder, range(PAIRS))
        (folder / 'ir/007.png').write_bytes(b'')
        return ['--vis', 'vis', '--ir', 'ir'], {f'{i:03}.png': i for i in range(PAIRS) if i != 7}
    results = {}
    for name, first in (('a', 0), ('b', PAIRS // 2)):
        numbers = range(first, first + PAIRS // 2)
        damaged = {'007.ir.png': b''} if 7 in numbers else {}
        write_shard(folder / f'{name}.tar', members(numbers) | damaged)
        results |= {f'{name}/{i:03}.png': i for i in numbers if i != 7}
    return ['--shards', 'a.tar', 'b.tar'], results


@pytest.mark.parametrize('kind', ['folders', 'shards'])
def test_killed_workers_and_drivers_lose_nothing(fuse, tmp_path, kind, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words, results = write_archive(tmp_path, kind)
    out = tmp_path / 'out'

    def workers():
        return {int(path.stem) for path in tmp_path.glob('engine/*.runs')}

    driver = fuse(*words, pause=1)
    wait_until(lambda: len(workers()) == 2 and len(found(out)) > 4, driver)
    os.kill(workers().pop(), signal.SIGKILL)
    wait_until(lambda: len(workers()) == 3 and sum(map(is_alive, workers())) == 2, driver)
    driver.kill()
    driver.wait()
    wait_until(lambda: not any(map(is_alive, workers())))
    before = {name: (out / name).stat().st_mtime_ns for name in found(out)}
    assert 4 < len(before) < len(results)

    driver = fuse(*words, pause=0)
    assert driver.wait(600) == 1
    said = (tmp_path / 'said.txt').read_text()
    assert '007: ir: is empty, damaged or not an image; replace the file.' in said
    assert '\nerror: 1 pair(s) or shard(s) failed; they are named above.\n' in said
    assert found(out) == sorted(results)
    for name, index in results.items():
        np.testing.assert_array_equal(read_image(out / name), expected(index))
    assert before == {name: (out / name).stat().st_mtime_ns for name in before}
    runs = sum(path.stat().st_size for path in tmp_path.glob('engine/*.runs'))
    assert len(results) <= runs <= len(results) + 3  # what each had at hand when it was killed
