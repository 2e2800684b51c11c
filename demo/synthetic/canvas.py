"""A camera that looks along a road, and the aligned pictures that are painted through it."""

from typing import NamedTuple

import cv2
import numpy as np

CAR, PERSON, BIKE, CURVE, CAR_STOP, GUARDRAIL, COLOR_CONE, BUMP = range(1, 9)
SUPERSAMPLE = 4  # everything is painted this many times larger than asked, and shrunk at the end
HAZE, MOONLIGHT = np.float32([[0.84, 0.80, 0.76], [0.060, 0.048, 0.042]])


class Material(NamedTuple):
    """A surface: BGR in [0, 1]; infrared in [0, 255], NaN where as warm as the street behind."""

    bgr: tuple[float, float, float]
    day: float = np.nan  # infrared
    night: float = np.nan
    label: int = 0
    glow: tuple[float, float, float] = (0, 0, 0)  # given off, or reflected to its source, by night


class Canvas:
    """One scene, painted from far to near; world points are (x right, y up, z ahead) in metres.

    `picture` is float32 (H, W, 4), visible BGR in [0, 1] and infrared in [0, 255]; `labels` uint8
    (H, W); `objects` int32 (H, W), the `number` that the canvas had when a pixel with a label was
    painted, or 0; `depth` float32 (H, W), in metres, infinite in the sky; `x` (rows, W) and `z`
    (rows, 1) are the places of the last rows' pixels on the ground. The camera is `right` metres
    to the right of the road's middle.
    """

    def __init__(self, rng, size, night, right=0.0):
        height, width = (SUPERSAMPLE * side for side in size)
        self.picture = np.zeros((height, width, 4), np.float32)
        self.labels = np.zeros((height, width), np.uint8)
        self.objects, self.number = np.zeros((height, width), np.int32), 0
        self.night, self.focal, self.eye, self.right = night, 0.84 * width, 1.5, right
        self.middle, self.horizon = rng.uniform((0.44, 0.37), (0.56, 0.41)) * (width, height)
        self.bend = rng.uniform(-0.006, 0.006)  # at distance z the road is bend * z^2 further right
        below = np.arange(int(self.horizon) + 2, height)[:, None] - self.horizon
        self.z = self.focal * self.eye / below
        self.x = (np.arange(width) - self.middle) * self.z / self.focal - self.bend * self.z**2
        self.x += right
        self.depth = np.full((height, width), np.inf, np.float32)
        self.depth[-len(below) :] = self.z

    def project(self, x, y, z):
        """World x (N,) and y, z, one of which may be a number -> 16ths of pixels (N, 2)."""
        z = np.maximum(z, 0.5 * self.z[-1])
        right = self.middle + self.focal * ((x - self.right) / z + self.bend * z)
        down = self.horizon + self.focal * np.subtract(self.eye, y) / z
        return np.round(16 * np.transpose([right, down])).astype(np.int32)

    def paint(self, x, y, z, material, shade=1.0):
        """Fill the polygon of world coordinates, see `project`."""
        self._draw(cv2.fillPoly, self.project(x, y, z), np.mean(z), material, shade)

    def stroke(self, x, z, points, radius, material, shade=1.0):
        """Draw a line with round ends through points (N, 2) of (across, up), upright at (x, z)."""
        across, up = np.transpose(points)
        how = {'isClosed': False, 'thickness': max(1, round(2 * radius * self.focal / z))}
        self._draw(cv2.polylines, self.project(x + across, up, z), z, material, shade, **how)

    def _draw(self, function, pixels, distance, material, shade, **how):
        colour = shade * np.array(material.bgr)
        colour += (1 - np.exp(-distance / 90)) * (HAZE - colour)
        if self.night:
            colour = MOONLIGHT * colour + shade * np.array(material.glow)
        values = (*colour.tolist(), material.night if self.night else material.day)
        function(self.picture, [pixels], color=values, shift=4, **how)
        function(self.depth, [pixels], color=float(distance), shift=4, **how)
        self.mark(function, pixels, material.label, **how)

    def mark(self, function, pixels, label, **how):
        """Give pixels a label, and the number of the object where it is not 0."""
        function(self.labels, [pixels], color=label, shift=4, **how)
        function(self.objects, [pixels], color=self.number if label else 0, shift=4, **how)

    def wall(self, x, y, z, material, shade=1.0):
        """Paint an upright rectangle from (x[0], z[0]) to (x[1], z[1]), between both y."""
        self.paint(np.repeat(x, 2), (*y, *y[::-1]), np.repeat(z, 2), material, shade)

    def block(self, x, y, z, material, shade=1.0):
        """Paint a box, given its two ends along each axis."""
        for side in sorted(x, key=abs, reverse=True):
            self.wall((side, side), y, z, material, 0.88 * shade)
        self.wall(x, y, (z[0], z[0]), material, 0.78 * shade)
        if y[1] < self.eye:
            self.paint(np.repeat(x, 2), y[1], (*z, *z[::-1]), material, shade)

    def shadow(self, x, z, half_width, half_depth, strength=0.5):
        """Darken a soft ellipse on the ground."""
        rows = np.flatnonzero(np.abs(self.z - z) < 1.1 * half_depth) - len(self.z)
        distance = ((self.x[rows] - x) / half_width) ** 2 + ((self.z[rows] - z) / half_depth) ** 2
        light = 1 - strength * np.clip(1.6 * (1.1 - distance), 0, 1)
        self.picture[rows, :, :3] *= light[..., None]

    def develop(self, rng, street):
        """Visible BGR, infrared (`street` for NaN), labels, objects, depth, of the final size."""
        np.copyto(self.picture[..., 3], street, where=np.isnan(self.picture[..., 3]))
        every = slice(SUPERSAMPLE // 2, None, SUPERSAMPLE)
        labels, objects, depth = (
            image[every, every] for image in (self.labels, self.objects, self.depth)
        )
        unit = len(labels) / 96
        picture = cv2.resize(self.picture, labels.shape[::-1], interpolation=cv2.INTER_AREA)
        if self.night:
            light = np.maximum(picture[..., :3] - 0.1, 0)
            picture[..., :3] += 0.7 * cv2.GaussianBlur(light, (0, 0), 1.2 * unit)
            picture[..., :3] += cv2.GaussianBlur(light, (0, 0), 5 * unit)
        picture[..., 3] = cv2.GaussianBlur(picture[..., 3], (0, 0), 0.65 * unit)
        picture = picture * (255, 255, 255, 1) + rng.normal(0, 2.3, picture.shape)
        picture = np.clip(np.round(picture), 0, 255).astype(np.uint8)
        return picture[..., :3], picture[..., 3], labels, objects, depth
