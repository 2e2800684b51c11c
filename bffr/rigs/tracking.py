"""Following a rig that drifts: by heat, zoom or vibration its images move against one another."""

from contextlib import suppress
from dataclasses import replace

import cv2
import numpy as np

from bffr.errors import InputError
from bffr.rigs.automatic import BLOCKS, FEWEST, Reduced, distance
from bffr.rigs.edge_agreement import WIDTH
from bffr.rigs.points import fit_points
from bffr.rigs.rig import Rig

_KEPT = 0.7  # of what edges said before, from one frame to the next but one
_FIRST = 8  # frames that are looked at before any is moved
_PACE = 0.4  # of the way that is gone in a frame
_RADIUS = 24  # pixels of an overlap 320 wide, up to which blocks are searched

_SMALLEST, _FARTHEST, _DISPUTE, _STEP = 6, 40, 3, 0.2  # pixels of a visible image 640 wide
_GAIN = 1.1  # of the correlation, times


class RigTracker:
    """Gives each frame of a video its rig.

    What blocks of edges say is summed over the last frames, apart for every other one, see
    `find_alignment`. Where both sums tell the same drift, of 6 to 40 pixels of 640, at which edges
    agree better than where they are, the rig goes there, a part of the way with each frame;
    elsewhere it stays where it was.

    Attributes:
        farthest: Mean distance over the overlap, in visible pixels, from the rig of the file to the
            one that was farthest from it.
        frames, followed: How many frames there were, and of how many edges told the drift.
    """

    def __init__(self, rig: Rig):
        self.farthest, self.frames, self.followed = 0.0, 0, 0
        self._first = self._rig = rig
        self._drift = np.eye(3)
        self._sums = [0, 0]

    def __call__(self, visible: np.ndarray, infrared: np.ndarray) -> Rig:
        """The rig of a pair of frames, uint8 (H, W, 3), BGR, and (h, w)."""
        if not self._first.fits(visible.shape[1::-1], infrared.shape[::-1]):
            return self._rig  # which fusing refuses
        grey = cv2.cvtColor(visible, cv2.COLOR_BGR2GRAY)
        pair = tuple(map(self._first.inside, (grey, self._first.warp(infrared))))
        reduced = Reduced([pair], np.eye(3), WIDTH)
        correlations = reduced.block_correlations(np.eye(3), BLOCKS, _RADIUS)
        half = self.frames % 2
        self._sums[half] = _KEPT * self._sums[half] + correlations
        self.frames += 1
        target = self._target(reduced) if self.frames >= _FIRST else None
        if target is not None:
            self.followed += 1
            self._drift = self._drift + _PACE * (target - self._drift)
        moved = np.eye(3) if self._rig.drift is None else np.array(self._rig.drift)
        if self._apart(self._drift, moved) > _STEP * self._unit:
            self._rig = replace(self._first, drift=tuple(map(tuple, self._drift.tolist())))
            self.farthest = max(self.farthest, self._apart(self._drift, np.eye(3)))
        return self._rig

    @property
    def _unit(self) -> float:
        return self._first.visible_size[0] / (2 * WIDTH)

    def _apart(self, first: np.ndarray, second: np.ndarray) -> float:
        x, y, *size = self._first.overlap
        corner = np.array([[1, 0, x], [0, 1, y], [0, 0, 1]])
        return distance(first @ corner, second @ corner, size)

    def _target(self, reduced: Reduced) -> np.ndarray | None:
        """The drift that the last frames tell; None where they do not."""
        x, y, *_ = self._first.overlap
        corner = np.array([[1, 0, x], [0, 1, y], [0, 0, 1]])
        found = []
        for total in (self._sums[0] + self._sums[1], *self._sums):
            points = reduced.block_points(total, BLOCKS)
            with suppress(InputError):
                fit = fit_points(points, 'similarity', reduced.size[0])
                if fit.used.sum() >= FEWEST:
                    found.append(fit.matrix)
        if len(found) < 3:
            return None
        drift, *halves = (
            corner @ reduced.moved(np.eye(3), matrix) @ np.linalg.inv(corner) for matrix in found
        )
        move = self._apart(drift, np.eye(3))
        if self._apart(*halves) > _DISPUTE * self._unit or move > _FARTHEST * self._unit:
            return None
        if move < _SMALLEST * self._unit:
            return np.eye(3)
        middles = reduced.middles(BLOCKS)
        (places,) = cv2.perspectiveTransform(middles[None], np.linalg.inv(found[0]))
        columns, rows = np.rint(places - middles).astype(int).T + _RADIUS
        if max(rows.max(), columns.max()) > 2 * _RADIUS or min(rows.min(), columns.min()) < 0:
            return None
        total = self._sums[0] + self._sums[1]
        blocks = np.arange(len(BLOCKS))
        gained = total[blocks, rows, columns].sum() > _GAIN * total[:, _RADIUS, _RADIUS].sum()
        return drift if gained else None
