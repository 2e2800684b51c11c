"""The ROS 2 node without ROS: its messages and modules are stood in for."""

import runpy
import sys
from array import array
from types import ModuleType, SimpleNamespace

import cv2
import numpy as np
import pytest

import bffr
from bffr.images.image_io import read_image
from bffr.images.pair import read_pair
from bffr.images.stretch import SequenceRange, own_range, to_8_bit
from tests.fake_models import drawn_pair, write_exported


@pytest.fixture(scope='module')
def node(root):
    return SimpleNamespace(**runpy.run_path(root / 'integrations/ros2/fuse_node.py'))


@pytest.fixture(scope='module')
def model(tmp_path_factory):
    return write_exported(tmp_path_factory.mktemp('model'))


def message(image, encoding, padding=0, big=False):
    """As a camera driver sends it: rows may be padded, and in either byte order."""
    image = np.ascontiguousarray(image)
    pixels = image.astype(image.dtype.newbyteorder('>')) if big else image
    rows = pixels.reshape(len(image), -1).view(np.uint8)
    rows = np.pad(rows, ((0, 0), (0, padding)), constant_values=7)
    return SimpleNamespace(
        header=f'of {encoding}', height=image.shape[0], width=image.shape[1], encoding=encoding,
        is_bigendian=int(big), step=rows.shape[1], data=array('B', rows.tobytes()),
    )  # fmt: skip


@pytest.mark.parametrize('padding', [0, 5])
@pytest.mark.parametrize('big', [False, True])
def test_images_of_messages(node, padding, big):
    colour, grey = drawn_pair(1)
    rgba = cv2.cvtColor(colour, cv2.COLOR_BGR2RGBA)
    seen = {
        'bgr8': (colour, colour),
        '8UC3': (colour, colour),
        'rgb8': (colour[..., ::-1], colour),
        'rgba8': (rgba, colour),
        'bgra8': (rgba[..., [2, 1, 0, 3]], colour),
        'mono8': (grey, grey),
        'mono16': (grey * np.uint16(257), grey * np.uint16(257)),
        '32FC1': (grey * np.float32(0.5), grey * np.float32(0.5)),
    }
    for encoding, (sent, wanted) in seen.items():
        if padding % sent.itemsize == 0 or sent.itemsize == 1:
            image = node.array_of(message(sent, encoding, padding, big))
            np.testing.assert_array_equal(image, wanted)
            assert image.dtype == wanted.dtype


def test_messages_that_are_no_images(node):
    with pytest.raises(
        bffr.InputError, match='encoding bayer_rggb8: is not one of mono8, .*image_'
    ):
        node.array_of(message(drawn_pair(0)[1], 'bayer_rggb8'))
    cut = message(drawn_pair(0)[1], 'mono8')
    cut.data = cut.data[:-1]
    with pytest.raises(bffr.InputError, match='encoding mono8: the message holds less than it say'):
        node.array_of(cut)
    with pytest.raises(bffr.InputError, match='encoding mono16: the message holds less'):
        node.array_of(message(drawn_pair(0)[1], 'mono16'))


def test_the_same_pixels_as_the_command(node, model, tool, tmp_path):
    """With a rig, raw infrared in a given range, and labels."""
    colour, grey = drawn_pair(2)
    raw = np.uint16(20) * grey[::2, ::2] + 6000
    rig = bffr.Rig.of_matrix(np.diag([2.0, 2, 1]), (48, 32), (24, 16), 0.0)
    rig.write(tmp_path / 'rig.json')
    fusing = node.Fusing(
        str(model), rig=str(tmp_path / 'rig.json'), infrared_range=[7000.0, 9000.0]
    )
    fusing.stretch = own_range
    fused, labels = fusing(message(colour, 'bgr8'), message(raw, 'mono16', big=True), True)
    cv2.imwrite(str(tmp_path / 'vis.png'), colour)
    cv2.imwrite(str(tmp_path / 'ir.png'), raw)
    (tmp_path / 'pair').mkdir()
    run = tool(
        *('fuse', '--vis', tmp_path / 'vis.png', '--ir', tmp_path / 'ir.png', '--model', model),
        *('--out', tmp_path / 'pair/fused.png', '--align', tmp_path / 'rig.json', '--seg'),
        *('--ir-range', '7000', '9000', '--stretch', 'image'),
    )
    assert run.error is None
    painted = read_image(tmp_path / 'pair/fused_labels.png')
    assert {*np.unique(labels)} == {0, 1, 255}
    np.testing.assert_array_equal((painted == painted[labels == 1][0]).all(2), labels == 1)
    np.testing.assert_array_equal(fused, read_image(tmp_path / 'pair/fused.png'))


def test_brightness_is_that_of_a_video(node):
    fusing, range_of = node.Fusing('average'), SequenceRange()
    colour, grey = drawn_pair(1)
    for visible in (colour // 2, colour, colour // 2):
        fused = fusing(message(visible, 'bgr8'), message(grey, 'mono8'), False)[0]
        image = bffr.load('average').run(read_pair(visible, grey))[0]
        np.testing.assert_array_equal(fused, to_8_bit(image, *range_of(image)))


def test_the_node(node, model, monkeypatch):
    """Parameters, topics, headers; a bad frame is logged, and the next one is fused."""
    said, published, subscribed = [], [], []
    colour, grey = drawn_pair(1)
    good = message(colour, 'bgr8'), message(grey, 'mono8')

    class Node:
        def __init__(self, name):
            assert name == 'bffr'

        def declare_parameter(self, name, default):
            return SimpleNamespace(value={'model': str(model)}.get(name, default))

        def create_publisher(self, kind, name, depth):
            return SimpleNamespace(
                publish=lambda message: published.append((name, message)),
                get_subscription_count=lambda: 1,
            )

        def get_logger(self):
            return SimpleNamespace(error=lambda text, throttle_duration_sec: said.append(text))

    class Synchronizer:
        def __init__(self, topics, queue_size, slop):
            assert [name for _, _, name in topics] == ['visible', 'infrared']
            assert slop == 0.05

        def registerCallback(self, called):  # noqa: N802
            self.called = called

    def spin(node):
        for pair in (good, (good[0], message(grey[:-1], 'mono8')), good):
            node.pairs.called(*pair)

    def subscriber(node, kind, name, qos_profile):
        subscribed.append(name)
        return node, kind, name

    modules = {
        'message_filters': dict(ApproximateTimeSynchronizer=Synchronizer, Subscriber=subscriber),
        'rclpy': dict(init=lambda: None, spin=spin),
        'rclpy.executors': dict(ExternalShutdownException=type('Down', (Exception,), {})),
        'rclpy.node': dict(Node=Node),
        'rclpy.qos': dict(QoSProfile=dict, ReliabilityPolicy=SimpleNamespace(BEST_EFFORT=2)),
        'sensor_msgs': {},
        'sensor_msgs.msg': dict(Image=SimpleNamespace),
    }
    for name, content in modules.items():
        module = ModuleType(name)
        vars(module).update(content)
        monkeypatch.setitem(sys.modules, name, module)
    node.main()
    assert [name for name, _ in published] == ['fused', 'labels'] * 2
    assert len(said) == 1
    assert 'make a rig file with `bffr align`' in said[0]
    fused, labels = published[0][1], published[1][1]
    assert (fused.header, fused.encoding, fused.step) == ('of bgr8', 'bgr8', 3 * 48)
    assert node.array_of(fused).shape == (32, 48, 3)
    np.testing.assert_array_equal(node.array_of(labels), grey // 128)


def test_it_is_short(root):
    assert len((root / 'integrations/ros2/fuse_node.py').read_text().splitlines()) <= 150
