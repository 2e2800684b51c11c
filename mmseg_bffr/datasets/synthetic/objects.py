"""The labeled objects, and by which camera each can be seen.

|                        | visible, day | infrared, day | visible, night | infrared, night |
|------------------------|--------------|---------------|----------------|-----------------|
| person, car, bike      | yes          | yes           | no             | warm            |
| curve (kerb), bump     | yes          | weakly        | no             | warm            |
| guardrail              | yes          | cold          | no             | cold            |
| color cone             | yes          | **no**        | reflects light | no              |
| car stop               | yes          | **no**        | (not drawn)    |                 |

Cones and car stops are light and unheated: they take the temperature of the ground. What holds a
fire (persons, engines), heat of the day (kerbs, rubber bumps) or mirrors the cold sky (bare steel)
stands out in infrared, by night above all.
"""

import numpy as np

from .canvas import Material
from .shapes import box, capsule, upright
from .street import KERB_WIDTH, ROAD_HALF_WIDTH

CAR, PERSON, BIKE, CURVE, CAR_STOP, GUARDRAIL, COLOR_CONE, BUMP = range(1, 9)

SKIN = Material((0.55, 0.66, 0.86), 196, 235)
HAIR = Material((0.10, 0.13, 0.18), 172, 200)
CLOTHES = [(0.25, 0.20, 0.75), (0.70, 0.35, 0.15), (0.85, 0.85, 0.82), (0.25, 0.60, 0.85)]
TROUSERS = [(0.35, 0.22, 0.14), (0.14, 0.14, 0.16), (0.40, 0.48, 0.54)]
CAR_BODIES = [(0.18, 0.16, 0.70), (0.72, 0.42, 0.16), (0.86, 0.86, 0.84), (0.30, 0.30, 0.32)]
SHOE = Material((0.07, 0.07, 0.07), 140, 150)
BIKE_TYRE = Material((0.08, 0.08, 0.08), 148, 136)
SPOKE = Material((0.66, 0.66, 0.66), 134, 112)
STEEL = Material((0.70, 0.69, 0.68), 76, 26)
STONE = Material((0.74, 0.76, 0.77), 126, 104)
CONE = Material((0.10, 0.36, 0.93), None, None, (0.02, 0.11, 0.30))
CONE_BAND = Material((0.92, 0.93, 0.94), None, None, (0.62, 0.70, 0.72))
STOP_YELLOW = Material((0.10, 0.76, 0.93), None, None)
STOP_WHITE = Material((0.90, 0.91, 0.90), None, None)
BUMP_YELLOW = Material((0.16, 0.66, 0.86), 136, 108)
BUMP_BLACK = Material((0.12, 0.12, 0.13), 142, 114)


def _choose(rng, options):
    return options[rng.integers(len(options))]


def draw_kerbs(canvas):
    """Both stone edges of the road: label curve."""
    for side in (-1, 1):
        edge = side * ROAD_HALF_WIDTH
        x = sorted((edge, edge + side * KERB_WIDTH))
        stones = np.geomspace(0.8 * canvas.camera.near, 60, 34)
        for index in reversed(range(len(stones) - 1)):
            stone = STONE.shaded(1.0 if index % 2 else 0.88)
            faces = box(x, (0, 0.16), stones[index : index + 2])
            canvas.paint(faces['left' if side > 0 else 'right'], stone.shaded(0.72), CURVE)
            canvas.paint(faces['top'], stone, CURVE)


def draw_bump(canvas, z):
    """A striped rubber bump across the road, its near edge at distance z."""
    edges = np.linspace(-ROAD_HALF_WIDTH, ROAD_HALF_WIDTH, 15)
    for index in range(len(edges) - 1):
        rubber = BUMP_YELLOW if index % 2 else BUMP_BLACK
        left, right = edges[index : index + 2]
        foot = [(left, 0, z), (right, 0, z), (right, 0.12, z + 0.35), (left, 0.12, z + 0.35)]
        canvas.paint(foot, rubber.shaded(0.85), BUMP)
        crest = box((left, right), (0, 0.12), (z + 0.35, z + 0.8))['top']
        canvas.paint(crest, rubber, BUMP)


def guardrail(side, start, end):
    """A steel guardrail along one edge of the road: list of (distance, function of the canvas)."""
    x = side * (ROAD_HALF_WIDTH + KERB_WIDTH + 0.1)
    height = [(0.34, 0.52, 0.80), (0.52, 0.60, 0.55), (0.60, 0.78, 1.05), (0.78, 0.94, 0.85)]

    def segment(z):
        def draw(canvas):
            post = capsule((0, 0), (0, 0.88), 0.07, 0.07)
            canvas.paint(upright(post, x, z), STEEL.shaded(0.6), GUARDRAIL)
            for low, high, shade in height:
                beam = [(x, low, z), (x, high, z), (x, high, z + 1.5), (x, low, z + 1.5)]
                canvas.paint(beam, STEEL.shaded(shade), GUARDRAIL)

        return z, draw

    return [segment(z) for z in np.arange(start, end, 1.5)]


def cone(x, z):
    """A traffic cone: (distance, function of the canvas)."""

    def draw(canvas):
        canvas.shadow(x + 0.12, z, 0.42, 0.3)
        foot = box((x - 0.27, x + 0.27), (0, 0.06), (z - 0.2, z + 0.2))
        canvas.paint(foot['top'], CONE.shaded(0.8), COLOR_CONE)
        canvas.paint(foot['front'], CONE.shaded(0.6), COLOR_CONE)

        def radius(up):
            return 0.22 - 0.19 * up / 0.85

        body = [(-radius(0), 0.05), (-radius(0.85), 0.85), (radius(0.85), 0.85), (radius(0), 0.05)]
        canvas.paint(upright(body, x, z), CONE, COLOR_CONE)
        shade = [(0.05, 0.05), (0.01, 0.85), (radius(0.85), 0.85), (radius(0), 0.05)]
        canvas.paint(upright(shade, x, z), CONE.shaded(0.82), COLOR_CONE)
        for low, high in ((0.24, 0.40), (0.54, 0.68)):
            ring = [(-radius(low), low), (-radius(high), high), (radius(high), high)]
            ring.append((radius(low), low))
            canvas.paint(upright(ring, x, z), CONE_BAND, COLOR_CONE)

    return z, draw


def car_stop(x, z, width=1.7):
    """The painted concrete block at the end of a parking bay: (distance, function)."""

    def draw(canvas):
        canvas.shadow(x + 0.1, z, 0.6 * width, 0.35)
        edges = np.linspace(x - width / 2, x + width / 2, 6)
        for index in range(5):
            colour = STOP_WHITE if index % 2 else STOP_YELLOW
            faces = box(edges[index : index + 2], (0, 0.26), (z, z + 0.4))
            canvas.paint(faces['top'], colour, CAR_STOP)
            canvas.paint(faces['front'], colour.shaded(0.78), CAR_STOP)

    return z, draw


def person(rng, x, z):
    """A walking pedestrian: (distance, function of the canvas)."""
    facing, stride = _choose(rng, [-1, 1]), rng.uniform(0.10, 0.32)
    size = rng.uniform(1.0, 1.1)
    shirt = Material(_choose(rng, CLOTHES), 164, rng.uniform(195, 212))
    trousers = Material(_choose(rng, TROUSERS), 154, rng.uniform(176, 192))
    limbs = [  # from far to near: start, end, start radius, end radius, material
        ((0.00, 1.36), (-stride, 0.98), 0.075, 0.06, shirt.shaded(0.75)),
        ((-0.03, 0.88), (stride * 0.7, 0.48), 0.12, 0.09, trousers.shaded(0.75)),
        ((stride * 0.7, 0.48), (stride * 0.8, 0.08), 0.09, 0.06, trousers.shaded(0.75)),
        ((stride * 0.8, 0.06), (stride * 0.8 + 0.12, 0.05), 0.06, 0.05, SHOE),
        ((0.03, 0.88), (-stride * 0.4, 0.48), 0.13, 0.10, trousers),
        ((-stride * 0.4, 0.48), (-stride * 1.1, 0.10), 0.10, 0.06, trousers),
        ((-stride * 1.1, 0.06), (-stride * 1.1 + 0.12, 0.05), 0.06, 0.05, SHOE),
        ((0.00, 1.42), (0.02, 1.56), 0.07, 0.07, SKIN.shaded(0.85)),
        ((0.00, 0.92), (0.00, 1.32), 0.17, 0.20, shirt),
        ((0.02, 1.36), (stride * 0.9, 1.02), 0.075, 0.06, shirt.shaded(0.88)),
        ((stride * 0.9, 1.00), (stride * 1.0, 0.96), 0.06, 0.05, SKIN),
        ((0.02, 1.62), (0.03, 1.66), 0.125, 0.125, SKIN),
        ((-0.02, 1.71), (0.03, 1.73), 0.11, 0.08, HAIR),
    ]

    def draw(canvas):
        canvas.shadow(x + 0.15, z, 0.5, 0.22)
        for start, end, start_radius, end_radius, material in limbs:
            outline = size * capsule(start, end, start_radius, end_radius)
            canvas.paint(upright(outline, x, z, facing), material, PERSON)

    return z, draw


def bike(rng, x, z, ridden):
    """A bicycle from the side, with a rider or parked: (distance, function of the canvas)."""
    facing = _choose(rng, [-1, 1])
    frame = Material(_choose(rng, CAR_BODIES), 140, 128)
    shirt = Material(_choose(rng, CLOTHES), 164, rng.uniform(195, 212))
    trousers = Material(_choose(rng, TROUSERS), 154, rng.uniform(176, 192))
    back, front, radius = (-0.54, 0.36), (0.54, 0.36), 0.36
    tubes = [
        (back, (-0.02, 0.34)), (back, (-0.16, 0.78)), ((-0.02, 0.34), (-0.2, 0.9)),
        ((-0.02, 0.34), (0.36, 0.78)), ((-0.16, 0.78), (0.36, 0.8)), (front, (0.34, 1.0)),
        ((0.34, 1.0), (0.5, 1.04)), ((-0.34, 0.92), (-0.08, 0.92)),
    ]  # fmt: skip
    rider = [
        ((-0.20, 0.96), (0.16, 0.72), 0.12, 0.09, trousers.shaded(0.8)),
        ((0.16, 0.72), (0.04, 0.28), 0.09, 0.06, trousers.shaded(0.8)),
        ((-0.20, 0.96), (0.12, 0.62), 0.13, 0.10, trousers),
        ((0.12, 0.62), (-0.08, 0.24), 0.10, 0.06, trousers),
        ((-0.18, 1.00), (0.10, 1.42), 0.17, 0.19, shirt),
        ((0.12, 1.40), (0.44, 1.08), 0.075, 0.06, shirt.shaded(0.88)),
        ((0.46, 1.07), (0.49, 1.06), 0.06, 0.06, SKIN),
        ((0.22, 1.66), (0.24, 1.70), 0.125, 0.125, SKIN),
        ((0.18, 1.76), (0.24, 1.77), 0.12, 0.09, HAIR),
    ]

    def draw(canvas):
        canvas.shadow(x + 0.1, z, 0.9, 0.2)
        for hub in (back, front):
            canvas.mark(upright(capsule(hub, hub, radius, radius), x, z), BIKE)
            for angle in np.arange(0, np.pi, np.pi / 6):
                spoke = radius * np.array([np.cos(angle), np.sin(angle)])
                outline = capsule(hub - spoke, hub + spoke, 0.012, 0.012)
                canvas.paint(upright(outline, x, z, facing), SPOKE, BIKE)
            for angle in np.arange(0, 2 * np.pi, np.pi / 12):
                rim = radius * np.array([np.cos(angle), np.sin(angle)])
                turn = radius * np.array([np.cos(angle + 0.3), np.sin(angle + 0.3)])
                outline = capsule(hub + rim, hub + turn, 0.055, 0.055)
                canvas.paint(upright(outline, x, z, facing), BIKE_TYRE, BIKE)
        canvas.mark(upright([back, (-0.16, 0.78), (0.36, 0.8), (-0.02, 0.34)], x, z, facing), BIKE)
        for start, end in tubes:
            canvas.paint(upright(capsule(start, end, 0.045, 0.045), x, z, facing), frame, BIKE)
        for start, end, start_radius, end_radius, material in rider if ridden else ():
            outline = capsule(start, end, start_radius, end_radius)
            canvas.paint(upright(outline, x, z, facing), material, PERSON)

    return z, draw
