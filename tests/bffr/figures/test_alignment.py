"""The picture of an alignment: with infrared as it was on the left, as it is on the right."""

import numpy as np
import pytest

from bffr.figures import draw_alignment
from bffr.images.image_io import read_visible
from bffr.rigs.rig import Rig
from tests.bffr.figures.reading import near

YELLOW, GREEN, RED = (0, 255, 255), (0, 255, 0), (0, 0, 255)


def test_before_and_after(tmp_path, figures):
    visible = np.full((120, 180, 3), (200, 80, 40), np.uint8)
    infrared = np.full((120, 180), 100, np.uint8)
    visible[40:80, 60:120] = 255
    infrared[40:80, 60:120] = 10
    shift = np.array([[1.0, 0, 40], [0, 1, 24], [0, 0, 1]])
    before, after = (
        Rig.of_matrix(matrix, (180, 120), (180, 120), 0.0) for matrix in (shift, np.eye(3))
    )
    draw_alignment(tmp_path / 'a.png', visible, infrared, before, after)
    assert [panel.get_title() for panel in figures[0].axes[:2]] == ['Before', 'After']
    picture = read_visible(tmp_path / 'a.png')[60:]
    rows = [np.array_split(row, 2, axis=1) for row in np.array_split(picture, 2)]
    (checks_before, checks_after), (edges_before, edges_after) = rows
    for checks in (checks_before, checks_after):
        assert 0.3 < near(checks, (200, 80, 40)).mean() < 0.5  # every other tile, less the square
    unseen = 1 - (1 - 40 / 180) * (1 - 24 / 120)
    grey, black = (near(checks_before, (level,) * 3).mean() for level in (100, 0))
    assert grey == pytest.approx((1 - unseen) / 2 - 0.04, abs=0.04)
    assert black == pytest.approx(unseen / 2, abs=0.04)
    assert 0.3 < near(checks_after, (100,) * 3).mean() < 0.5
    assert near(checks_after, (0,) * 3).mean() < 0.06  # the frame, and the square nearly
    assert near(edges_after, YELLOW, 60).mean() > 0.02
    assert near(edges_before, GREEN, 60).mean() > 0.01
    assert near(edges_before, RED, 60).mean() > 0.01
    for colour in (GREEN, RED):
        assert near(edges_after, colour, 60).mean() < 0.002
