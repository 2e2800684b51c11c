"""Ctrl-C and a closed pipe: what is kept, what is said, and the exit status."""

import json
import os
import signal
import subprocess
import sys

import numpy as np
import pytest

from bffr.images.image_io import write_png
from bffr.video import VideoReader
from tests.command_lines import pictures
from tests.drawn_videos import numbered, write_video

SLOW = """
import sys, time
from bffr.models.model import Model
run = Model.run
def slow(*args):
    time.sleep(0.1)
    print('fused', flush=True)
    return run(*args)
Model.run = slow
from bffr.__main__ import main
main()
"""


@pytest.fixture
def interrupted(root):
    """Send SIGINT to `bffr fuse` after three pairs; its status and what it wrote."""

    def interrupted(*words):
        words = [sys.executable, '-c', SLOW, 'fuse', '--model', 'average', *map(str, words)]
        env = {**os.environ, 'PYTHONPATH': str(root)}
        run = subprocess.Popen(
            words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env, cwd=root,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )  # fmt: skip
        for _ in range(3):
            assert run.stdout.readline() == 'fused\n'
        run.send_signal(signal.SIGINT)
        _, messages = run.communicate(timeout=60)
        return run.returncode, messages

    return interrupted


def test_video_is_finished(interrupted, tmp_path):
    for name in ('vis.mkv', 'ir.mkv'):
        write_video(tmp_path / name, numbered(20) * 3, 'ffv1', 'bgr0')
    out = tmp_path / 'out.mp4'
    status, messages = interrupted('--vis', tmp_path / 'vis.mkv', '--ir', tmp_path / 'ir.mkv',
                                   '--out', out)  # fmt: skip
    assert status == 130
    count = len([*VideoReader(out)])
    assert 3 <= count < 60
    last = messages.splitlines()[-1]
    assert last == f'stopped by Ctrl-C; {out} holds the {count} frames before that.'
    assert 'Traceback' not in messages
    assert {path.name for path in tmp_path.iterdir()} == {'vis.mkv', 'ir.mkv', 'out.mp4'}


def test_folder_keeps_what_is_fused(interrupted, tmp_path):
    for index in range(30):
        for name in ('vis', 'ir'):
            write_png(tmp_path / name / f'{index:02}.png', np.full((32, 32), index, np.uint8))
    options = ['--ir-range', '0', '40']
    status, messages = interrupted('--vis', tmp_path / 'vis', '--ir', tmp_path / 'ir',
                                   '--out', tmp_path / 'out', *options)  # fmt: skip
    assert status == 130
    made = pictures(tmp_path / 'out')
    assert 3 <= len(made) < 30
    assert f'stopped by Ctrl-C; the results of {len(made)} pair(s) are whole' in messages
    assert json.loads((tmp_path / 'out/infrared.json').read_text())['ranges'] == {'all': [0, 40]}


@pytest.mark.parametrize(
    ('words', 'status'),
    [(['configs'], 141), (['fuse', '--help'], 0), (['--help'], 0)],  # argparse ignores it
)
def test_closed_pipe_is_quiet(root, words, status):
    read, write = os.pipe()
    os.close(read)
    run = subprocess.run(
        [sys.executable, '-m', 'bffr', *words], stdout=write, stderr=subprocess.PIPE, text=True,
        env={**os.environ, 'PYTHONPATH': str(root)}, cwd=root, check=False,
    )  # fmt: skip
    os.close(write)
    assert (run.returncode, run.stderr) == (status, '')
