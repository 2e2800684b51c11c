import cv2
import numpy as np
import pytest

import bffr
from bffr.errors import InputError
from bffr.models.rules import RULES, laplacian


@pytest.fixture
def pair():
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (45, 61, 3), np.uint8), rng.integers(0, 256, (45, 61), np.uint8)


def luma(image):
    return cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)


@pytest.mark.parametrize('method', ['average', 'max', 'laplacian'])
def test_equal_sources_stay_what_they_are(method, pair):
    same = luma(pair[0])
    np.testing.assert_allclose(RULES[method](same, same).astype(int), same, atol=1)


@pytest.mark.parametrize('method', RULES)
def test_sources_are_treated_alike(method, pair):
    a, b = luma(pair[0]), pair[1]
    fuse = RULES[method]
    np.testing.assert_allclose(fuse(a, b).astype(int), fuse(b, a), atol=1)


def test_average_and_maximum(pair):
    a, b = luma(pair[0]).astype(int), pair[1].astype(int)
    np.testing.assert_allclose(RULES['average'](a.astype(np.uint8), pair[1]), (a + b) / 2, atol=0.5)
    np.testing.assert_array_equal(RULES['max'](a.astype(np.uint8), pair[1]), np.maximum(a, b))


def test_laplacian_keeps_the_stronger_detail():
    flat = np.full((64, 64), 100, np.uint8)
    detailed = flat.copy()
    detailed[::2] = 140
    fused = laplacian(flat, detailed).astype(int)
    assert np.ptp(fused[20:40, 20:40]) >= 35


def test_grey_pairs_stay_grey(pair):
    grey = np.repeat(pair[1][..., None], 3, axis=2)
    fused = bffr.load('max').fuse(grey, pair[1])
    assert fused.shape == grey.shape
    assert np.ptp(fused.astype(int), axis=2).max() <= 1


@pytest.mark.parametrize('rule', RULES)
def test_as_a_model(pair, rule):
    """The rule's luma, the visible image's chroma."""
    fused = bffr.load(rule).fuse(*pair, stretch='none')
    ycrcb = cv2.cvtColor(pair[0], cv2.COLOR_BGR2YCrCb)
    ycrcb[..., 0] = RULES[rule](ycrcb[..., 0].copy(), pair[1])
    np.testing.assert_array_equal(fused, cv2.cvtColor(ycrcb, cv2.COLOR_YCrCb2BGR))


def test_refusals(pair):
    with pytest.raises(
        InputError, match='mean: is not a model of the zoo, rule or folder; choose from .*, max'
    ):
        bffr.load('mean')
    with pytest.raises(InputError, match='This model only fuses'):
        bffr.load('laplacian').segment(*pair)
    for more in (dict(engine='openvino'), dict(device='cuda')):
        with pytest.raises(InputError, match='max: is a rule; leave out engine and device'):
            bffr.load('max', **more)
