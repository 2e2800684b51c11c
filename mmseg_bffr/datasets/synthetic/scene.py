"""One street scene: which objects stand where."""

import numpy as np

from .car import car
from .objects import bike, car_stop, cone, draw_bump, draw_kerbs, guardrail, person
from .street import draw_street


def render_scene(rng, size, night):
    """Render an aligned pair and its labels.

    By night, warm persons, cars and bikes show only in infrared, and cones, which reflect light,
    only in the visible picture; by day, cones and car stops show only in the visible picture (see
    `objects.py`). So neither picture is enough to label a scene.

    Args:
        rng: numpy random generator; it alone decides what the scene looks like.
        size: height, width; the scene is made for 96x128 and scales with it.
        night (bool): day or night.

    Returns:
        visible (H, W, 3) uint8 BGR, infrared (H, W) uint8, labels (H, W) uint8 in 0..8.
    """
    canvas = draw_street(rng, size, night)
    draw_kerbs(canvas)
    if rng.random() < 0.5:
        draw_bump(canvas, rng.uniform(3.5, 4.3))
    canvas.keep_background()
    for _, draw in sorted(_objects(rng, night), key=lambda item: -item[0]):
        draw(canvas)
    return canvas.develop(rng)


def _objects(rng, night):
    """What stands on and beside the road: list of (distance, function of the canvas)."""
    parking = rng.choice([-1, 1])  # the side where the car stands
    objects = []
    if rng.random() < 0.75:
        z = rng.uniform(6.8, 7.8)
        objects.append(car(rng, parking * 1.6, z, rng.choice([0, np.pi]) + rng.normal(0, 0.1)))
        stops = [(parking * 1.6, z - 3.0)]
    else:
        crossing = rng.choice([-1, 1]) * np.pi / 2
        objects.append(car(rng, parking * rng.uniform(0.4, 1.4), rng.uniform(7.0, 8.0), crossing))
        stops = [(parking * 1.6, 4.4), (parking * 1.6, 5.6)]
    if not night:
        objects += [car_stop(x, z) for x, z in stops]

    kinds = rng.permutation(['bike', 'person'])
    if rng.random() < 0.75:
        kinds[0] = 'cones'
    near, far = kinds
    objects += _traffic(rng, near, -parking * rng.uniform(0.2, 0.7), rng.uniform(3.7, 4.4))
    objects += _traffic(rng, far, -parking * rng.uniform(1.7, 2.2), rng.uniform(5.2, 6.2))

    for side, chance in ((-parking, 0.65), (parking, 0.35)):
        if rng.random() < chance:
            objects += guardrail(side, 3.0, 14)
        else:
            objects.append(person(rng, side * 3.4, rng.uniform(6.2, 6.9)))
    return objects


def _traffic(rng, kind, x, z):
    if kind == 'cones':
        return [cone(x + 0.45 * np.sign(x) * step, z + 0.8 * step) for step in range(3)]
    if kind == 'bike':
        return [bike(rng, x, z, ridden=True)]
    return [person(rng, x, z)]
