"""`bffr-runtime` where there is no torch; its engine is a module of a few lines."""

import json
import sys

import cv2
import numpy as np
import pytest

from bffr.__main__ import main
from bffr.images.image_io import read_image, write_png
from bffr.images.stretch import own_range, to_8_bit
from bffr.video import VideoPair, VideoWriter
from tests.bffr.test_without_torch import run

PALETTE = [[1, 2, 3], [40, 50, 60]]

ENGINE = f"""
import json
from types import SimpleNamespace
import numpy as np


class SessionOptions:
    pass


class InferenceSession:
    def __init__(self, path, options, providers):
        self.outputs = path.read_text().split()

    def get_modelmeta(self):
        metadata = dict(outputs=self.outputs, min_size=16, palette={PALETTE})
        return SimpleNamespace(custom_metadata_map=dict(bffr=json.dumps(metadata)))

    def run(self, names, inputs):
        visible, infrared = inputs['visible'], inputs['infrared']
        unclamped = (visible.astype(np.float32) + infrared[..., None]) / 510
        return [visible, unclamped, (infrared > 100).astype(np.uint8)][: len(self.outputs)]
"""

COMMANDS = """
import runpy
for words in json.loads(sys.argv[1]):
    sys.argv = ['bffr-runtime', *words]
    runpy.run_module('bffr', run_name='__main__')
"""


def images(index):
    y, x = np.mgrid[:32, :48].astype(np.uint8)
    return np.stack([x + 50, y + 40, x + y], axis=-1), 2 * x + 30 + 10 * index


@pytest.fixture
def at(tmp_path):
    """A folder with pairs, two videos, an engine and what it takes for an exported model."""
    for index in range(3):
        for name, image in zip(('vis', 'ir'), images(index), strict=True):
            write_png(tmp_path / f'{name}/{index}.png', image)
    for name in ('vis', 'ir'):
        with VideoWriter(tmp_path / f'{name}.avi', (48, 32), 5) as writer:
            for index in range(3):
                writer.write(cv2.imread(str(tmp_path / f'{name}/{index}.png')))
    for name, outputs in [('model', 'fused unclamped labels'), ('fuser', 'fused unclamped')]:
        (tmp_path / name).mkdir()
        (tmp_path / name / 'model.onnx').write_text(outputs)
    (tmp_path / 'engine').mkdir()
    (tmp_path / 'engine/onnxruntime.py').write_text(ENGINE)
    return tmp_path


def words(at, source, out, *more, model='model'):
    files = (f'--vis={at / source.format("vis")}', f'--ir={at / source.format("ir")}')
    return ['fuse', f'--model={at / model}', *files, f'--out={at / out}', *more]


def test_files_folders_and_videos(root, at):
    lines = [
        words(at, '{}/1.png', 'new/a.png', '--seg'),
        words(at, '{}', 'folder', '--stretch', 'none'),
        words(at, '{}.avi', 'a.avi', '--seg', '--stretch', 'image'),
    ]
    said = run(root, f'import json\n{COMMANDS}', json.dumps(lines), path=at / 'engine')
    assert said.count('pair(s) in ') == 2
    assert said.count('3 frame(s) in ') == 1
    for index in range(3):
        visible, infrared = images(index)
        expected = (visible.astype(np.float32) + infrared[..., None]) / 510
        got = read_image(at / f'folder/{index}.png')
        np.testing.assert_array_equal(got, to_8_bit(expected, 0, 1))
        if index == 1:
            got = read_image(at / 'new/a.png')
            np.testing.assert_array_equal(got, to_8_bit(expected, *own_range(expected)))
            labels = np.array(PALETTE)[(infrared > 100).astype(int)][..., ::-1]
            np.testing.assert_array_equal(read_image(at / 'new/a_labels.png'), labels)
    frames = [visible for visible, _ in VideoPair(at / 'a.avi', at / 'a_labels.avi')]
    assert len(frames) == 3
    assert np.ptp(frames[0]) > 240


@pytest.fixture
def command(at, monkeypatch, capfd):
    """Run `bffr-runtime` in this process: its status and what it wrote to stderr."""

    def command(*line):
        monkeypatch.setattr(sys, 'argv', ['bffr-runtime', *line])
        with pytest.raises(SystemExit) as end:
            main()
        return end.value.code, capfd.readouterr().err

    monkeypatch.syspath_prepend(at / 'engine')
    monkeypatch.delitem(sys.modules, 'onnxruntime', raising=False)
    yield command
    sys.modules.pop('onnxruntime', None)


@pytest.mark.parametrize(
    ('source', 'model', 'more', 'sentence'),
    [
        ('{}/0.png', 'none', (), 'none: holds neither model.onnx nor model.xml; give a folder'),
        ('{}/0.png', 'fuser', ('--seg',), 'This model only fuses; export it with --what fuse+seg'),
        ('{}/9.png', 'model', (), 'ir/9.png: cannot be read (No such file or directory); give an'),
        ('{}/0.png', 'model', ('--ir-range', '2', '1'), 'infrared: 2 must be less than 1.'),
        ('{}.avi', 'model', (), 'out.png: videos are written as .mp4 or .avi; name it so.'),
    ],
)
def test_a_mistake_is_one_sentence(at, command, source, model, more, sentence):
    if '9.png' in source:
        write_png(at / 'vis/9.png', images(0)[0])
    status, said = command(*words(at, source, 'out.png', *more, model=model))
    assert status == 1
    (line,) = (line for line in said.splitlines() if line.startswith('error: '))
    assert sentence in line
    assert 'Traceback' not in said
    assert not list(at.glob('*out*'))


def test_engine_that_is_not_installed(at, command, monkeypatch):
    monkeypatch.setitem(sys.modules, 'onnxruntime', None)
    status, said = command(*words(at, '{}/0.png', 'out.png'))
    assert status == 1
    install = 'pip install "bffr-runtime[onnx]"'
    assert said == f'error: onnxruntime is not installed; install it with `{install}`.\n'


def test_usage(at, command):
    assert command('fuse', '--vis', 'a')[0] == 2
    assert command('--version')[0] == 0
