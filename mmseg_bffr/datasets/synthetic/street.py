"""The unlabeled part of a scene: sky, ground, buildings, trees and street lamps."""

import cv2
import numpy as np

from .canvas import SUPERSAMPLE, Camera, Canvas, Material
from .shapes import box, capsule, upright

ROAD_HALF_WIDTH = 2.7
KERB_WIDTH = 0.4
PAVEMENT_EDGE = 5.0

ASPHALT = Material((0.36, 0.35, 0.35), 112, 72)
PAVEMENT = Material((0.52, 0.56, 0.60), 124, 64)
GRASS = Material((0.20, 0.42, 0.33), 92, 48)
PAINT = Material((0.82, 0.85, 0.86), 106, 70)
TRUNK = Material((0.16, 0.22, 0.28), 96, 66)
LEAVES = Material((0.16, 0.36, 0.24), 84, 58)
POLE = Material((0.30, 0.30, 0.30), 104, 50)
LAMP = Material((0.85, 0.90, 0.92), 112, 96, (0.75, 0.95, 1.0))
GLASS = Material((0.42, 0.36, 0.30), 70, 74)
LIT_GLASS = Material((0.42, 0.36, 0.30), 70, 92, (0.20, 0.42, 0.55))
HAZE = (0.84, 0.80, 0.76)

WALLS = [
    Material((0.42, 0.52, 0.66), 118, 76),
    Material((0.60, 0.66, 0.70), 108, 68),
    Material((0.34, 0.38, 0.58), 122, 80),
    Material((0.56, 0.54, 0.52), 112, 72),
    Material((0.46, 0.60, 0.66), 116, 70),
]


def draw_street(rng, size, night):
    """Paint an empty street.

    Args:
        rng: numpy random generator.
        size: height, width of the final picture.
        night (bool): day or night.

    Returns: the `Canvas`.
    """
    height, width = (side * SUPERSAMPLE for side in size)
    camera = Camera(
        size=(height, width),
        vanishing_x=width * rng.uniform(0.44, 0.56),
        horizon=height * rng.uniform(0.37, 0.41),
        focal=0.84 * width,
        bend=rng.uniform(-0.006, 0.006),
    )
    canvas = Canvas(camera, night)
    _draw_sky(rng, canvas)
    _draw_ground(rng, canvas)
    _draw_lane_markings(rng, canvas)
    for draw in sorted(_roadside(rng, night), key=lambda item: -item[0]):
        draw[1](canvas)
    if night:
        _light_ground(canvas)
    return canvas


def _noise(rng, shape, cells, octaves=4):
    """Smooth noise (H, W) of mean about 0 and range about -1..1, `cells` blobs along a side."""
    total = np.zeros(shape, np.float32)
    for octave in range(octaves):
        grid = rng.uniform(-1, 1, (cells * 2**octave,) * 2).astype(np.float32)
        total += cv2.resize(grid, shape[::-1], interpolation=cv2.INTER_CUBIC) / 2**octave
    return total / 1.5


def _draw_sky(rng, canvas):
    height, width = canvas.camera.size
    rows = np.linspace(0, 1, int(canvas.camera.horizon) + 2, dtype=np.float32)[:, None, None]
    end = len(rows)
    top, bottom = np.float32([0.86, 0.62, 0.40]), np.float32([0.90, 0.84, 0.78])
    if rng.random() < 0.3:  # overcast
        top, bottom = np.float32([0.74, 0.72, 0.68]), np.float32([0.84, 0.83, 0.81])
    clouds = cv2.resize(_noise(rng, (height, width), 4, 5), (width, end))
    cover = np.clip(1.6 * clouds + 0.1, 0, 1)[..., None] * (1 - 0.5 * rows)
    sky = top + (bottom - top) * rows
    canvas.reflectance[:end] = sky + cover * (0.95 - sky)
    canvas.infrared[:end] = 26 + 18 * rows[..., 0] + 16 * cover[..., 0]
    if canvas.night:
        canvas.infrared[:end] *= 0.6
        canvas.reflectance[:end] *= 0.25
        canvas.glow[:end] = np.float32([0.075, 0.052, 0.050]) * rows**2
        stars = rng.integers(0, [end // 2, width], (14, 2))
        for row, column in stars:
            cv2.circle(canvas.glow, (int(column), int(row)), 2, (0.5, 0.5, 0.45), -1)


def _draw_ground(rng, canvas):
    x, z, first = canvas.camera.ground()
    side = np.abs(x)
    texture = _noise(rng, (512, 512), 32)
    grain = cv2.remap(
        texture,
        (x * 60 % 512).astype(np.float32),
        (z * 40 % 512).astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_WRAP,
    )
    grain *= np.clip(9 / z, 0, 1)  # finer than a pixel farther away
    wear = np.exp(-(((side - 0.75) % 1.4 - 0.7) ** 2) / 0.08)  # wheel tracks

    def fill(where, material, contrast, extra=0.0):
        shade = 1 + contrast * grain + extra
        grey_level = material.night if canvas.night else material.day
        colour = np.float32(material.bgr) * shade[..., None]
        np.copyto(canvas.reflectance[first:], colour, where=where[..., None])
        np.copyto(canvas.infrared[first:], grey_level + 4 * grain, where=where, casting='unsafe')

    slabs = ((x % 1.0 < 0.05) | (z % 1.0 < 0.05)) & (z < 14)
    fill(side >= 0, GRASS, 0.30)
    fill(side < PAVEMENT_EDGE, PAVEMENT, 0.08, -0.16 * slabs)
    fill(side < ROAD_HALF_WIDTH, ASPHALT, 0.12, -0.10 * wear)
    haze = (1 - np.exp(-z / 70))[..., None]
    canvas.reflectance[first:] += haze * (np.float32(HAZE) - canvas.reflectance[first:])


def _draw_lane_markings(rng, canvas):
    offset = rng.uniform(0, 3)
    for start in np.arange(canvas.camera.near * 0.8, 45, 3.2):
        z = start + offset
        canvas.paint(box((-0.07, 0.07), (0, 0), (z, z + 1.5))['top'], PAINT)
    for x in (-ROAD_HALF_WIDTH + 0.22, ROAD_HALF_WIDTH - 0.22):
        z = np.geomspace(canvas.camera.near * 0.8, 60, 30)
        left, right = np.full_like(z, x - 0.05), np.full_like(z, x + 0.05)
        line = np.stack([np.r_[left, right[::-1]], np.zeros(60), np.r_[z, z[::-1]]], axis=1)
        canvas.paint(line, PAINT.shaded(0.92))


def _roadside(rng, night):
    """Buildings, trees and lamps on both sides: list of (distance, function of the canvas)."""
    items = []
    for side in (-1, 1):
        z = rng.uniform(6.0, 9.0)
        while z < 70:
            depth = rng.uniform(5, 10)
            if rng.random() < 0.8:
                items.append((z, _building(rng, side, z, z + depth, night)))
            else:
                items.append((z, _tree(rng, side * rng.uniform(6.5, 8.5), z + 1)))
            z += depth + rng.choice([0, 0, 2.5])
        for z in np.arange(rng.uniform(11, 14), 45, rng.uniform(9, 12)):
            items.append((z, _lamp_post(side, z)))
        for z in rng.uniform(9, 40, 3):
            items.append((z, _tree(rng, side * rng.uniform(5.2, 6.0), z)))
    return items


def _building(rng, side, front, back, night):
    wall = WALLS[rng.integers(len(WALLS))].shaded(rng.uniform(0.85, 1.1))
    wall = wall.mixed(HAZE, 1 - np.exp(-front / 90))
    edge, height = rng.uniform(6.3, 7.5), rng.uniform(4.5, 10)
    columns, floors = int((back - front) / 1.6), int(height / 1.6)
    lit = rng.random((2, floors, columns)) < 0.28
    doors = rng.random((2, columns)) < 0.2

    def draw(canvas):
        inner, outer = side * edge, side * (edge + 7)
        faces = box((min(inner, outer), max(inner, outer)), (0, height), (front, back))
        canvas.paint(faces['front'], wall.shaded(0.82))
        canvas.paint(faces['left' if side > 0 else 'right'], wall)
        for floor in range(floors):
            bottom, top = 0.55 + 1.55 * floor, 1.5 + 1.55 * floor
            for column in range(columns):
                base = bottom - 0.55 * (floor == 0 and doors[0, column])
                z = front + (column + np.array([0.28, 0.72])) * (back - front) / columns
                panes = LIT_GLASS if lit[0, floor, column] else GLASS
                canvas.paint([(inner, y, d) for y, d in _rectangle(base, top, *z)], panes)
                x = inner + side * (column + np.array([0.28, 0.72])) * 7 / columns
                panes = LIT_GLASS if lit[1, floor, column] else GLASS.shaded(0.9)
                canvas.paint([(d, y, front) for y, d in _rectangle(bottom, top, *x)], panes)

    return draw


def _rectangle(bottom, top, start, end):
    return [(bottom, start), (top, start), (top, end), (bottom, end)]


def _tree(rng, x, z):
    height = rng.uniform(3.0, 4.5)
    blobs = [
        (rng.normal(0, 0.55), height + rng.normal(0, 0.6), rng.uniform(0.45, 0.9))
        for _ in range(26)
    ]
    blobs.sort(key=lambda blob: blob[0] + blob[1])  # the lit blobs, upper right, come last
    leaves = LEAVES.shaded(rng.uniform(0.8, 1.15)).mixed(HAZE, 1 - np.exp(-z / 90))

    def draw(canvas):
        canvas.paint(upright(capsule((0, 0), (0, height), 0.13, 0.09), x, z), TRUNK)
        for order, (across, up, radius) in enumerate(blobs):
            blob = capsule((across, up), (across, up), radius, radius)
            canvas.paint(upright(blob, x, z), leaves.shaded(0.7 + 0.6 * order / len(blobs)))

    return draw


def _lamp_post(side, z):
    x = side * (ROAD_HALF_WIDTH + 0.8)

    def draw(canvas):
        arm = -side * 1.1
        canvas.paint(upright(capsule((0, 0), (0, 5), 0.07, 0.05), x, z), POLE)
        canvas.paint(upright(capsule((0, 5), (arm, 5.2), 0.05, 0.04), x, z), POLE)
        canvas.paint(upright(capsule((arm, 5.15), (1.5 * arm, 5.15), 0.1, 0.1), x, z), LAMP)

    return draw


def _light_ground(canvas):
    """The faint pools of light below the far lamps."""
    x, z, first = canvas.camera.ground()
    pool = 0.35 * np.exp(-(((z - 19) / 5) ** 2) - (x / 3.5) ** 2)
    colour = np.float32([0.55, 0.85, 1.0]) * canvas.reflectance[first:]
    canvas.glow[first:] += pool[..., None] * colour
