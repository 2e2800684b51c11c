"""A car, as a side profile drawn out to its width."""

import numpy as np

from .canvas import Material
from .objects import CAR, CAR_BODIES
from .shapes import capsule

LENGTH = 4.0
PROFILE = [  # (along, up), from the rear over the roof to the front
    (0.00, 0.24), (0.02, 0.62), (0.10, 0.92), (0.48, 1.42), (0.80, 1.50), (1.90, 1.48),
    (2.70, 0.98), (3.70, 0.84), (3.96, 0.66), (4.00, 0.26),
]  # fmt: skip
REAR, REAR_WINDOW, WINDSHIELD, HOOD, GRILLE = 0, 2, 5, 6, 8  # edges of the profile
SIDE_WINDOWS = [
    [(0.34, 0.98), (0.62, 1.38), (1.20, 1.41), (1.20, 0.98)],
    [(1.30, 0.98), (1.30, 1.41), (1.86, 1.39), (2.48, 0.99)],
]
WHEELS = [(0.78, 0.33), (3.22, 0.33)]
SUN = np.array([0.45, 0.75, -0.5])

WINDOW = Material((0.24, 0.20, 0.17), 66, 92)
TYRE = Material((0.07, 0.07, 0.07), 152, 195)
RIM = Material((0.66, 0.66, 0.66), 138, 160)
BUMPER = Material((0.16, 0.16, 0.16), 150, 178)
TAIL_LIGHT = Material((0.12, 0.08, 0.90), 146, 156)
HEAD_LIGHT = Material((1.0, 1.0, 1.0), 146, 165)
PLATE = Material((0.90, 0.94, 0.94), 132, 140)


def _half_width(up):
    return 0.88 - 0.24 * max(0.0, up - 0.95)


def _across(start, end, left, right, low, high):
    """Part of the surface above a profile edge: fractions of its width and of its length."""
    corners = []
    for across, along in ((left, low), (right, low), (right, high), (left, high)):
        there = (1 - along) * np.array(start) + along * np.array(end)
        corners.append((across * _half_width(there[1]), there[1], there[0]))
    return corners


def _panels(paint):
    """The car's surface: lists of (points (N, 3) of (across, up, along), material).

    Each list lies in one plane and starts with the whole panel, whose corners run
    counter-clockwise as seen from outside; the rest lies on top of it.
    """
    warm_hood = paint._replace(day=162, night=208)
    panels = []
    for edge, (start, end) in enumerate(zip(PROFILE[:-1], PROFILE[1:], strict=True)):
        material = {REAR: BUMPER, HOOD: warm_hood, HOOD + 1: warm_hood, GRILLE: BUMPER}
        panel = [(_across(start, end, -1, 1, 0, 1), material.get(edge, paint))]
        if edge in (REAR_WINDOW, WINDSHIELD):
            panel.append((_across(start, end, -0.86, 0.86, 0.08, 0.9), WINDOW))
        if edge == REAR + 1:
            panel.append((_across(start, end, -0.97, -0.62, 0.2, 0.8), TAIL_LIGHT))
            panel.append((_across(start, end, 0.62, 0.97, 0.2, 0.8), TAIL_LIGHT))
            panel.append((_across(start, end, -0.28, 0.28, 0.1, 0.6), PLATE))
        if edge == HOOD + 1:
            panel.append((_across(start, end, -0.95, -0.55, 0.1, 0.95), HEAD_LIGHT))
            panel.append((_across(start, end, 0.55, 0.95, 0.1, 0.95), HEAD_LIGHT))
        if edge == GRILLE:
            panel.append((_across(start, end, -0.28, 0.28, 0.3, 0.65), PLATE))
        panels.append(panel)
    for side in (-1, 1):
        outlines = [(PROFILE[::-side], paint)]
        outlines += [(window, WINDOW) for window in SIDE_WINDOWS]
        for wheel in WHEELS:
            outlines.append((capsule(wheel, wheel, 0.34, 0.34), TYRE))
            outlines.append((capsule(wheel, wheel, 0.18, 0.18), RIM))
        panels.append(
            [
                ([(side * _half_width(up), up, along) for along, up in outline], material)
                for outline, material in outlines
            ]
        )
    return panels


def car(rng, x, z, yaw):
    """A car that stands: (distance, function of the canvas).

    Args:
        x, z: place of its middle.
        yaw: 0 shows its rear, pi its front, +-pi/2 its side.
    """
    paint = Material(CAR_BODIES[rng.integers(len(CAR_BODIES))], 146, 148)
    cosine, sine = np.cos(yaw), np.sin(yaw)

    def world(points):
        across, up, along = np.asarray(points, float).T
        along = along - LENGTH / 2
        place = [x + cosine * across + sine * along, up, z - sine * across + cosine * along]
        return np.stack(place, axis=1)

    panels = [[(world(points), material) for points, material in panel] for panel in _panels(paint)]
    panels.sort(key=lambda panel: -panel[0][0][:, 2].mean())

    def draw(canvas):
        canvas.shadow(x + 0.25, z, *_shadow_radii(cosine, sine), strength=0.75)
        for panel in panels:
            if _signed_area(canvas.camera.project(panel[0][0])) >= 0:
                continue  # faces away
            normal = np.cross(*np.diff(panel[0][0][:3], axis=0))
            light = 0.66 + 0.42 * abs(normal @ SUN) / np.linalg.norm(normal)
            for points, material in panel:
                canvas.paint(points, material.shaded(light), CAR)

    return z, draw


def _shadow_radii(cosine, sine):
    across = abs(cosine) * 0.9 + abs(sine) * LENGTH / 2
    ahead = abs(sine) * 0.9 + abs(cosine) * LENGTH / 2
    return 1.15 * across + 0.15, 1.1 * ahead + 0.1


def _signed_area(polygon):
    """Negative for corners that run counter-clockwise on screen, where y points down."""
    x, y = polygon.T
    return (x * np.roll(y, -1) - y * np.roll(x, -1)).sum() / 2
