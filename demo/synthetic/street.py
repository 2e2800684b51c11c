"""The street itself: sky, ground, kerbs, bump, buildings, trees and lamps."""

import cv2
import numpy as np

from .canvas import BUMP, CURVE, HAZE, MOONLIGHT, Material

ROAD_EDGE, KERB_EDGE, PAVEMENT_EDGE = 2.7, 3.2, 5.0  # metres from the middle of the road
GROUND = np.array([  # B, G, R, infrared by day and by night, strength of the grain, label
    (0.36, 0.35, 0.35, 112, 72, 0.12, 0), (0.74, 0.76, 0.77, 126, 104, 0.06, CURVE),
    (0.52, 0.56, 0.60, 124, 64, 0.08, 0), (0.20, 0.42, 0.33, 92, 48, 0.30, 0),
    (0.82, 0.85, 0.86, 106, 70, 0.05, 0), (0.12, 0.12, 0.13, 142, 114, 0.05, BUMP),
    (0.16, 0.66, 0.86, 136, 108, 0.05, BUMP),
], np.float32)  # fmt: skip
_, KERB, PAVEMENT, _, LINE, BLACK, _ = range(7)
WALLS = [(0.42, 0.52, 0.66), (0.60, 0.66, 0.70), (0.34, 0.38, 0.58), (0.56, 0.54, 0.52)]
GLASS = Material((0.42, 0.36, 0.30), 70, 74)
LIT_GLASS = Material((0.42, 0.36, 0.30), 70, 92, glow=(0.20, 0.42, 0.55))
TRUNK = Material((0.16, 0.22, 0.28), 96, 66)
LEAVES = Material((0.16, 0.36, 0.24), 84, 58)
POLE = Material((0.30, 0.30, 0.30), 104, 50)
LAMP = Material((0.85, 0.90, 0.92), 112, 96, glow=(0.75, 0.95, 1.0))


def _noise(rng, cells):  # (512, 512), about -1..1; the largest blobs are 512 / cells wide
    grids = (np.float32(rng.uniform(-0.6, 0.6, (cells * n,) * 2)) / n for n in (1, 2, 4, 8))
    return sum(cv2.resize(grid, (512, 512), interpolation=cv2.INTER_CUBIC) for grid in grids)


def draw_sky(canvas, rng):
    """Paint the sky, by night with stars."""
    sky = canvas.picture[: int(canvas.horizon) + 2]
    down = np.linspace(0, 1, len(sky), dtype=np.float32)[:, None, None]
    top = np.array((0.74, 0.72, 0.68) if rng.random() < 0.3 else (0.86, 0.62, 0.40))
    clouds = cv2.resize(_noise(rng, 4), sky.shape[1::-1])[..., None]
    cover = np.clip(1.6 * clouds + 0.1, 0, 1) * (1 - 0.5 * down)
    sky[..., :3] = (1 - cover) * (top + (HAZE - top) * down) + 0.95 * cover
    sky[..., 3:] = (26 + 18 * down + 16 * cover) * (0.6 if canvas.night else 1)
    if canvas.night:
        sky[..., :3] = 0.25 * MOONLIGHT * sky[..., :3] + down**2 * (0.075, 0.052, 0.050)
        rows, columns = rng.integers(0, [[len(sky) // 2], [sky.shape[1]]], (2, 14))
        sky[rows, columns, :3] = 8  # stars


def draw_ground(canvas, rng):
    """Paint road, kerbs, pavements, grass and perhaps a bump across the road."""
    x, z, side = canvas.x, canvas.z, np.abs(canvas.x)
    zone = np.digitize(side, [ROAD_EDGE, KERB_EDGE, PAVEMENT_EDGE])
    dashes = (side < 0.07) & ((z + rng.uniform(0, 3)) % 3.2 < 1.5)
    zone[dashes | (np.abs(side - ROAD_EDGE + 0.22) < 0.05)] = LINE
    foot = rng.uniform(3.5, 4.3) if rng.random() < 0.5 else 99
    bump = (z > foot) & (z < foot + 0.8) & (side < ROAD_EDGE)
    zone[bump] = BLACK + x[bump] // 0.386 % 2
    place = [(axis % 512).astype(np.float32) for axis in (60 * x + 256, 40 * z + 0 * x)]
    grain = cv2.remap(_noise(rng, 32), *place, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    grain *= np.minimum(9 / z, 1)  # finer than a pixel farther away
    shade = 1 + GROUND[zone, 5] * grain - 0.2 * bump * (z < foot + 0.3)
    shade -= 0.16 * (zone == PAVEMENT) * ((x % 1 < 0.05) | (z % 1 < 0.05)) * (z < 14)  # slabs
    shade -= (zone == KERB) * (0.3 * (side < ROAD_EDGE + 0.1) + 0.12 * (z % 2 < 1))
    colour = HAZE + np.exp(-z / 70)[..., None] * (GROUND[zone, :3] * shade[..., None] - HAZE)
    if canvas.night:
        lamps = 0.35 * np.exp(-(((z - 19) / 5) ** 2) - (x / 3.5) ** 2)
        colour *= MOONLIGHT + lamps[..., None] * (0.55, 0.85, 1)
    canvas.picture[-len(z) :] = np.dstack([colour, GROUND[zone, 3 + canvas.night] + 4 * grain])
    canvas.labels[-len(z) :] = GROUND[zone, 6]


def roadside(rng):
    """What stands behind the pavements: list of (z, function(canvas, rng, z, ...), ...)."""
    items = []
    for side in (-1, 1):
        fronts, posts = np.arange(rng.uniform(6, 9), 70, 9), np.arange(rng.uniform(11, 14), 45, 11)
        items += [(z, _building, side, z + rng.uniform(6, 9)) for z in fronts]
        items += [(z, _tree, side * rng.uniform(5.2, 6.5)) for z in rng.uniform(9, 40, 4)]
        items += [(z, _lamp, side) for z in posts]
    return items


def _building(canvas, rng, front, side, back):
    inner, height = side * rng.uniform(6.3, 7.5), rng.uniform(4.5, 10)
    outer, columns = inner + 7 * side, int((back - front) / 1.6)
    wall = Material(rng.choice(WALLS), rng.uniform(106, 124), rng.uniform(67, 81))
    canvas.block((inner, outer), (0, height), (front, back), wall, rng.uniform(0.95, 1.2))
    for floor, column in np.ndindex(int(height / 1.6), columns):
        y = 1.55 * floor + np.array([0.55, 1.5])
        part = (column + np.array([0.28, 0.72])) / columns
        facade, gable = front + part * (back - front), inner + part * (outer - inner)
        for x, z in (((inner, inner), facade), (gable, (front, front))):
            canvas.wall(x, y, z, LIT_GLASS if rng.random() < 0.28 else GLASS)


def _tree(canvas, rng, z, x):
    height = rng.uniform(3, 4.5)
    canvas.stroke(x, z, [(0, 0), (0, height)], 0.11, TRUNK)
    blobs = rng.normal((0, height), (0.55, 0.6), (26, 2))
    for order, blob in enumerate(sorted(blobs, key=sum)):  # the lit ones, upper right, come last
        canvas.stroke(x, z, [blob, blob], rng.uniform(0.45, 0.9), LEAVES, 0.7 + 0.6 * order / 26)


def _lamp(canvas, rng, z, side):
    x = side * (ROAD_EDGE + 0.8)
    canvas.stroke(x, z, [(0, 0), (0, 5), (-1.1 * side, 5.2)], 0.06, POLE)
    canvas.stroke(x, z, [(-1.1 * side, 5.15), (-1.65 * side, 5.15)], 0.1, LAMP)
