"""What moves and stands on the road; x is how far right of its middle, z how far ahead."""

import cv2
import numpy as np

from .canvas import BIKE, CAR, CAR_STOP, COLOR_CONE, GUARDRAIL, PERSON, Material
from .street import KERB_EDGE

PAINTS = [(0.22, 0.18, 0.72), (0.72, 0.40, 0.16), (0.85, 0.85, 0.83), (0.25, 0.60, 0.85)]
SKIN = Material((0.55, 0.66, 0.86), 196, 235, PERSON)
DARK = Material((0.08, 0.10, 0.13), 158, 180, PERSON)
BIKE_TYRE = Material((0.08, 0.08, 0.08), 148, 136, BIKE)
STEEL = Material((0.70, 0.69, 0.68), 76, 26, GUARDRAIL)
CONE = Material((0.10, 0.36, 0.93), label=COLOR_CONE, glow=(0.02, 0.11, 0.30))
BAND = Material((0.92, 0.93, 0.94), label=COLOR_CONE, glow=(0.62, 0.70, 0.72))
STOP = [Material(bgr, label=CAR_STOP) for bgr in ((0.10, 0.76, 0.93), (0.90, 0.91, 0.90))]
BLACK = Material((0.11, 0.11, 0.11), 151, 186, CAR)
WINDOW = Material((0.24, 0.20, 0.17), 66, 92, CAR)
TAIL_LIGHT = Material((0.12, 0.08, 0.90), 146, 156, CAR)
HEAD_LIGHT = Material((1.0, 1.0, 1.0), 146, 165, CAR)
METAL = Material((0.80, 0.82, 0.82), 134, 148, CAR)
CIRCLE = np.stack([f(np.linspace(0, 2 * np.pi, 25)) for f in (np.sin, np.cos)], axis=1)
FRAME = [(-0.02, 0.34), (-0.54, 0.36), (-0.16, 0.78), (0.36, 0.8), (-0.02, 0.34), (-0.2, 0.9)]
HANDLEBAR, SADDLE = [(0.54, 0.36), (0.34, 1), (0.5, 1.04)], [(-0.34, 0.92), (-0.08, 0.92)]
WALKING, RIDING = [  # hip, chest, head, far knee, foot and hand, near knee, foot and hand
    [(0, 0.96), (0, 1.36), (0.02, 1.72), (0.2, 0.5), (0.22, 0.07), (-0.26, 1.02), (-0.1, 0.5),
     (-0.3, 0.07), (0.26, 1.02)],
    [(-0.18, 0.98), (0.07, 1.38), (0.23, 1.7), (0.16, 0.72), (0.04, 0.28), (0.48, 1.08),
     (0.12, 0.62), (-0.08, 0.24), (0.48, 1.08)],
]  # fmt: skip
PROFILE = np.array([  # of a car: (along, up), from the rear over the roof to the front
    (-2.00, 0.24), (-1.98, 0.62), (-1.90, 0.92), (-1.52, 1.42), (-1.20, 1.50), (-0.10, 1.48),
    (0.70, 0.98), (1.70, 0.84), (1.96, 0.66), (2.00, 0.26),
])  # fmt: skip
ON_EDGES = {  # of the profile: part of its half width, start and end along it, material
    0: [(1, 0, 1, BLACK)], 2: [(0.86, 0.08, 0.9, WINDOW)], 5: [(0.86, 0.08, 0.9, WINDOW)],
    1: [(0.97, 0.2, 0.8, TAIL_LIGHT), (0.62, 0.2, 0.8, BLACK), (0.28, 0.1, 0.6, METAL)],
    7: [(0.95, 0.1, 0.95, HEAD_LIGHT), (0.55, 0.1, 0.95, BLACK)],
    8: [(1, 0, 1, BLACK), (0.28, 0.3, 0.65, METAL)],
}  # fmt: skip
ON_SIDES = [
    ([(-1.66, 0.98), (-1.38, 1.38), (-0.80, 1.41), (-0.80, 0.98)], WINDOW),
    ([(-0.70, 0.98), (-0.70, 1.41), (-0.14, 1.39), (0.48, 0.99)], WINDOW),
    *[(r * CIRCLE + (a, 0.33), m) for r, m in ((0.34, BLACK), (0.18, METAL)) for a in (-1.2, 1.2)],
]


def traffic(rng, night):
    """What stands on the road and beside it: list of (z, function(canvas, rng, z, ...), ...)."""
    parking = rng.choice([-1, 1])  # the side where the car stands
    bay, z, yaw = 1.6 * parking, rng.uniform(6.8, 7.8), rng.normal(0, 0.1)
    items, stops = [(z, _car, bay, yaw + rng.choice([0, np.pi]))], [z - 3]
    if rng.random() < 0.25:  # it crosses the road instead
        items, stops = [(z, _car, 0.6 * bay, rng.choice([-1, 1]) * np.pi / 2)], [4.4, 5.6]
    items += [] if night else [(z, _car_stop, bay) for z in stops]
    near, far = rng.permutation([_bike, _person])
    x, z = -parking * rng.uniform(0.2, 0.7), rng.uniform(3.7, 4.4)
    cones = [(z + 0.8 * step, _cone, x - 0.45 * parking * step) for step in range(3)]
    items += cones if rng.random() < 0.75 else [(z, near, x)]
    items.append((rng.uniform(5.2, 6.2), far, -parking * rng.uniform(1.7, 2.2)))
    for side, chance in ((-parking, 0.65), (parking, 0.35)):
        rail = [(z, _guardrail, (KERB_EDGE + 0.1) * side) for z in np.arange(3, 14, 1.5)]
        items += rail if rng.random() < chance else [(rng.uniform(6.2, 6.9), _person, 3.4 * side)]
    return items


def _car(canvas, rng, z, x, yaw):
    paint = Material(rng.choice(PAINTS), 146, 148, CAR)
    cosine, sine = np.cos(yaw), np.sin(yaw)
    canvas.shadow(x + 0.25, z, *(np.abs([[cosine, sine], [sine, cosine]]) @ [1.05, 2.3]), 0.75)

    def face(outline, across, material, shade):
        along, up = np.transpose(outline)
        across = across * (0.88 - 0.24 * np.maximum(0, up - 0.95))
        place = x + cosine * across + sine * along, up, z + cosine * along - sine * across
        if cv2.contourArea(canvas.project(*place), oriented=True) < 0:  # it faces the camera
            canvas.paint(*place, material, shade)

    for edge in range(9)[:: 1 if cosine < 0 else -1]:
        start, step = PROFILE[edge], PROFILE[edge + 1] - PROFILE[edge]
        body = paint._replace(day=162, night=208) if edge in (6, 7) else paint  # the hood is warm
        shade = 0.74 + 0.3 * abs(step[0]) / np.hypot(*step)
        for half, low, high, material in ((1, 0, 1, body), *ON_EDGES.get(edge, ())):
            outline = start + np.outer([low, low, high, high], step)
            face(outline, [-half, half, half, -half], material, shade)
    for side in (-1, 1):
        for outline, material in ((PROFILE, paint), *ON_SIDES):
            face(outline[::-side], side, material, 0.88)


def _bike(canvas, rng, z, x):
    canvas.shadow(x + 0.1, z, 0.9, 0.2)
    facing, frame = rng.choice([-1, 1]), Material(rng.choice(PAINTS), 140, 128, BIKE)
    for hub in ((-0.54, 0.36), (0.54, 0.36)):
        rim = hub + 0.36 * CIRCLE
        disc = canvas.project(x + rim[:, 0], rim[:, 1], z)
        canvas.mark(cv2.fillPoly, disc, BIKE)  # also between the spokes
        for spoke in range(0, 12, 2):
            canvas.stroke(x, z, rim[[spoke, spoke + 12]], 0.012, BIKE_TYRE)
        canvas.stroke(x, z, rim, 0.055, BIKE_TYRE)
    for tube in (FRAME, HANDLEBAR, SADDLE):
        canvas.stroke(x, z, np.multiply(tube, (facing, 1)), 0.045, frame)
    _person(canvas, rng, z, x, RIDING, facing)


def _person(canvas, rng, z, x, pose=WALKING, facing=None):
    facing = facing or rng.choice([-1, 1]) * rng.uniform(0.4, 1.2)  # as far as the steps are wide
    shirt = Material(rng.choice(PAINTS), 164, rng.uniform(195, 212), PERSON)
    trousers = Material(0.45 * rng.choice(PAINTS), 154, rng.uniform(176, 192), PERSON)
    canvas.shadow(x + 0.15, z, 0.5, 0.22)
    hip, chest, head, *limbs = np.multiply(pose, (facing, 1))
    canvas.stroke(x, z, [chest, head], 0.07, SKIN, 0.85)
    for shade, knee, foot, hand in ((0.75, *limbs[:3]), (1, *limbs[3:])):
        canvas.stroke(x, z, [foot, foot + (0.12 * facing, -0.01)], 0.055, DARK)
        canvas.stroke(x, z, [hip, knee, foot], 0.09, trousers, shade)
        canvas.stroke(x, z, [hip, chest], 0.18, shirt)
        canvas.stroke(x, z, [hand, hand], 0.06, SKIN, shade)
        canvas.stroke(x, z, [chest, hand], 0.07, shirt, 0.88 * shade)
    canvas.stroke(x, z, [head, head], 0.13, SKIN)
    canvas.stroke(x, z, head + [(-0.04 * facing, 0.07), (0.01 * facing, 0.09)], 0.095, DARK)


def _guardrail(canvas, rng, z, x):
    canvas.stroke(x, z, [(0, 0), (0, 0.88)], 0.07, STEEL, 0.6)
    for low, high, shade in ((0.34, 0.52, 0.8), (0.52, 0.6, 0.55), (0.6, 0.94, 1)):
        canvas.wall((x, x), (low, high), (z, z + 1.5), STEEL, shade)


def _cone(canvas, rng, z, x):
    canvas.shadow(x + 0.12, z, 0.42, 0.3)
    canvas.block((x - 0.27, x + 0.27), (0, 0.06), (z - 0.2, z + 0.2), CONE, 0.8)
    for low, high, material in ((0.05, 0.85, CONE), (0.24, 0.4, BAND), (0.54, 0.68, BAND)):
        up = np.array([low, high, high, low])
        for left, shade in ((-1, 1), (0.2, 0.82)):
            canvas.paint(x + 0.22 * (1 - up) * (left, left, 1, 1), up, z, material, shade)


def _car_stop(canvas, rng, z, x):
    canvas.shadow(x + 0.1, z, 1.02, 0.35)
    edges = x + np.linspace(-0.85, 0.85, 6) * np.sign(x)
    for index in reversed(range(5)):
        canvas.block(edges[index : index + 2], (0, 0.26), (z, z + 0.4), STOP[index % 2])
