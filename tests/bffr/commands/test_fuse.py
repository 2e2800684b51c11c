"""`bffr fuse` where there is no torch, with an ONNX file of a few nodes."""

import hashlib
import json

import cv2
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from bffr.images.image_io import read_image, write_png
from bffr.images.stretch import own_range, to_8_bit
from bffr.video import VideoPair, VideoWriter
from tests.bffr.test_without_torch import COMMAND_LINES, run

PALETTE = [[1, 2, 3], [40, 50, 60]]


def images(index):
    y, x = np.mgrid[:32, :48].astype(np.uint8)
    return np.stack([x + 50, y + 40, x + y], axis=-1), 2 * x + 30 + 10 * index


def mean(visible, infrared):
    return (visible.astype(np.float32) + infrared[..., None]) / 510


def write_model(folder, segments):
    """What `bffr export` writes, of a model that fuses to `mean` and labels infrared above 100."""
    constants = {'last': [-1], 'sum': np.float32(510), 'hot': np.float32(100)}
    nodes = [
        helper.make_node('Cast', ['visible'], ['v'], to=TensorProto.FLOAT),
        helper.make_node('Cast', ['infrared'], ['i'], to=TensorProto.FLOAT),
        helper.make_node('Unsqueeze', ['i', 'last'], ['i1']),
        helper.make_node('Add', ['v', 'i1'], ['vi']),
        helper.make_node('Div', ['vi', 'sum'], ['fused']),
        helper.make_node('Greater', ['i', 'hot'], ['above']),
        helper.make_node('Cast', ['above'], ['labels'], to=TensorProto.UINT8),
    ]
    size, colour = ['batch', 'height', 'width'], ['batch', 'height', 'width', 3]
    outputs = [helper.make_tensor_value_info('fused', TensorProto.FLOAT, colour)]
    outputs += [helper.make_tensor_value_info('labels', TensorProto.UINT8, size)] * segments
    graph = helper.make_graph(
        nodes[: 7 if segments else 5],
        'mean',
        [
            helper.make_tensor_value_info('visible', TensorProto.UINT8, colour),
            helper.make_tensor_value_info('infrared', TensorProto.UINT8, size),
        ],
        outputs,
        [onnx.numpy_helper.from_array(np.array(value), name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 20)], ir_version=10)
    content = model.SerializeToString()
    metadata = dict(
        classes=['cold', 'hot'] * segments, palette=PALETTE * segments, min_size=16, infrared={},
        precision='fp32', channel_order='BGR', opset=20, version='1', checkpoint_sha256='',
        model_sha256=hashlib.sha256(content).hexdigest(),
    )  # fmt: skip
    folder.mkdir()
    (folder / 'model.onnx').write_bytes(content)
    (folder / 'model.json').write_text(json.dumps(metadata))


@pytest.fixture
def at(tmp_path):
    """A folder with pairs, two videos and two exported models."""
    for index in range(3):
        for name, image in zip(('vis', 'ir'), images(index), strict=True):
            write_png(tmp_path / f'{name}/{index}.png', image)
    for name in ('vis', 'ir'):
        with VideoWriter(tmp_path / f'{name}.avi', (48, 32), 5) as writer:
            for index in range(3):
                writer.write(cv2.imread(str(tmp_path / f'{name}/{index}.png')))
    write_model(tmp_path / 'model', segments=True)
    write_model(tmp_path / 'fuser', segments=False)
    return tmp_path


def words(at, source, out, *more, model='model'):
    files = (f'--vis={at / source.format("vis")}', f'--ir={at / source.format("ir")}')
    return ['fuse', f'--model={at / model}', *files, f'--out={at / out}', *more]


def test_files_folders_and_videos(root, at):
    lines = [
        words(at, '{}/1.png', 'new/a.png', '--seg'),
        words(at, '{}', 'folder', '--stretch', 'none', '--threads', '1'),
        words(at, '{}.avi', 'a.avi', '--seg', '--stretch', 'image'),
    ]
    said = run(root, COMMAND_LINES, json.dumps(lines)).stdout
    assert said.count('fuse 0\n') == 3
    assert said.count('pair(s) in ') == 2
    assert said.count('3 frame(s) in ') == 1
    for index in range(3):
        visible, infrared = images(index)
        expected = mean(visible, infrared)
        got = read_image(at / f'folder/{index}.png')
        np.testing.assert_array_equal(got, to_8_bit(expected, 0, 1))
        if index == 1:
            got = read_image(at / 'new/a.png')
            np.testing.assert_array_equal(got, to_8_bit(expected, *own_range(expected)))
            labels = np.array(PALETTE)[(infrared > 100).astype(int)][..., ::-1]
            np.testing.assert_array_equal(read_image(at / 'new/a_labels.png'), labels)
    frames = [visible for (visible, _), _ in VideoPair(at / 'a.avi', at / 'a_labels.avi')]
    assert len(frames) == 3
    assert np.ptp(frames[0]) > 240


@pytest.mark.parametrize(
    ('source', 'model', 'more', 'sentence'),
    [
        ('{}/0.png', 'none', (), 'none/model.json: cannot be read (No such file or directory); gi'),
        ('{}/0.png', 'fuser', ('--seg',), 'This model only fuses; to segment, use one that finds'),
        ('{}/9.png', 'model', (), 'ir/9.png: cannot be read (No such file or directory); give a '),
        ('{}/0.png', 'model', ('--ir-range', '2', '1'), 'infrared: range: 2 must be less than 1.'),
        (
            '{}.avi',
            'model',
            (),
            'out.png: videos are written as .mp4, .m4v, .mov, .mkv, .avi, .ts;',
        ),
    ],
)
def test_a_mistake_is_one_sentence(at, tool, source, model, more, sentence):
    if '9.png' in source:
        write_png(at / 'vis/9.png', images(0)[0])
    run = tool(*words(at, source, 'out.png', *more, model=model))
    assert run.status == 1
    assert run.messages.count('error: ') == 1
    assert sentence in run.error
    assert 'Traceback' not in run.messages
    assert not list(at.glob('*out*'))


@pytest.mark.parametrize(
    ('out', 'sentence'),
    [
        ('/proc/no/a.png', '/proc/no/a.png: cannot be written'),
        ('vis/0.png/a.png', 'vis/0.png/a.png: cannot be written'),
        ('vis/0.png', 'vis/0.png: is an input image'),
    ],
)
def test_output_that_cannot_be_leaves_the_sources_as_they_are(at, tool, out, sentence):
    before = {path: path.read_bytes() for path in at.glob('*/*.png')}
    run = tool(*words(at, '{}/0.png', out))
    assert run.status == 1
    assert sentence in run.error
    assert before == {path: path.read_bytes() for path in at.glob('*/*.png')}


def test_names_beyond_ascii_and_links(at, tool):
    folder = at / 'Bilder – für alle 红外'
    folder.mkdir()
    (folder / 'x y ü.png').symlink_to(at / 'vis/0.png')
    (folder / 'ir').symlink_to(at / 'ir')
    sources = '--vis', folder / 'x y ü.png', '--ir', folder / 'ir/0.png'
    run = tool('fuse', f'--model={at / "fuser"}', *sources, '--out', folder / 'ü.png')
    assert run.error is None
    expected = mean(*images(0))
    np.testing.assert_array_equal(
        read_image(folder / 'ü.png'), to_8_bit(expected, *own_range(expected))
    )


def test_engine_that_is_not_installed(at, tool, monkeypatch):
    monkeypatch.setattr('bffr.errors.find_spec', lambda name: None)
    run = tool(*words(at, '{}/0.png', 'out.png', '--engine', 'openvino'))
    assert run.status == 1
    assert run.messages == (
        "error: openvino is not installed; install it with `pip install 'bffr[openvino]'`.\n"
    )
