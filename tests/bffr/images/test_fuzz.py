"""Whatever goes in: a documented error, or an image in range."""

import cv2
import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bffr.errors import InputError
from bffr.images.image_io import read_infrared, read_labels, read_visible
from mmseg_bffr.apis import fuse, init_model, segment

SETTINGS = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
DTYPES = [np.uint8, np.uint16, np.int32, np.float32, np.float64, np.bool_]
ENCODED = [
    cv2.imencode(suffix, np.random.default_rng(0).integers(0, 256, (16, 17, 3), np.uint8))[1]
    for suffix in ('.png', '.jpg', '.bmp', '.tif', '.webp')
]


@pytest.fixture(scope='module')
def model(tiny_configs):
    torch.manual_seed(0)
    return init_model(tiny_configs[1])


@st.composite
def images(draw, size, channels):
    """An array of a size, mostly of the right kind."""
    right = draw(st.integers(0, 4)) > 0
    dtype = np.uint8 if right else draw(st.sampled_from(DTYPES))
    channels = channels if right else draw(st.sampled_from([0, 1, 2, 3, 4]))
    shape = size if channels == 0 else (*size, channels)
    kind = draw(st.sampled_from(['noise', 'black', 'white', 'step', 'extreme']))
    image = np.zeros(shape)
    if kind == 'noise':
        image = np.random.default_rng(draw(st.integers(0, 9))).uniform(0, 255, shape)
    elif kind != 'black':
        image[:, shape[1] // 2 if kind == 'step' else 0 :] = 255
    if kind == 'extreme' and np.dtype(dtype).kind == 'f':
        image[:] = draw(st.sampled_from([np.nan, np.inf, -1e30]))
    return image.astype(dtype)


@st.composite
def pairs(draw):
    sides = st.one_of(st.integers(32, 70), st.integers(1, 70))
    size = draw(st.tuples(sides, sides))
    other = size if draw(st.integers(0, 9)) else draw(st.tuples(sides, sides))
    return draw(images(size, 3)), draw(images(other, 0))


@pytest.mark.parametrize('run', [fuse, segment])
def test_arrays(model, run):
    reached, refused = [], []

    @SETTINGS
    @given(pairs())
    def check(pair):
        try:
            result = run(model, *pair)
        except InputError as error:
            refused.append(str(error))
            return
        reached.append(pair)
        assert result.dtype == np.uint8
        assert result.shape[:2] == pair[0].shape[:2]
        assert run is fuse or result.max() < 9

    check()
    assert len(reached) > 3
    assert all(refused)


@pytest.mark.parametrize('read', [read_visible, read_infrared, read_labels])
def test_bytes(read, tmp_path):
    path, refused = tmp_path / 'fuzzed', []

    @SETTINGS
    @given(st.data())
    def check(data):
        content = bytearray(data.draw(st.sampled_from(ENCODED)).tobytes())
        for _ in range(data.draw(st.integers(0, 4))):
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
        content = bytes(content[: data.draw(st.integers(0, len(content)))])
        path.write_bytes(data.draw(st.sampled_from([content, content[::-1]])))
        try:
            image = read(path)
        except InputError as error:
            refused.append(str(error))
            return
        assert image.dtype == np.uint8
        assert image.size > 0

    check()
    assert refused
    assert all(str(path) in sentence for sentence in refused)
