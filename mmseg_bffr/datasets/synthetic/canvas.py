"""A pinhole camera, and the three aligned pictures that are painted through it."""

from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np

SUPERSAMPLE = 4
"""Everything is painted this many times larger than asked, and shrunk at the end."""


class Material(NamedTuple):
    """What a surface looks like to the two cameras."""

    bgr: tuple[float, float, float]
    """Reflectance in [0, 1]."""
    day: float | None
    """Infrared grey level by day; None: the temperature of the background, so invisible."""
    night: float | None
    """The same by night."""
    glow: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """Light it gives off, or reflects to its source, by night (BGR)."""

    def shaded(self, factor):
        """The same surface in other light: reflectance times `factor`."""
        return self._replace(bgr=tuple(factor * value for value in self.bgr))

    def mixed(self, bgr, amount):
        """The same surface with its colour moved towards `bgr` by `amount` in [0, 1]."""
        pairs = zip(self.bgr, bgr, strict=True)
        return self._replace(bgr=tuple(a + amount * (b - a) for a, b in pairs))


@dataclass(frozen=True)
class Camera:
    """A camera that looks along a road; world points are (x right, y up, z ahead) in metres."""

    size: tuple[int, int]
    """Height, width in pixels."""
    vanishing_x: float
    horizon: float
    focal: float
    bend: float
    """Curvature of the road: at distance z it has moved sideways by bend * z^2."""
    eye: float = 1.5
    """Height above the road."""

    @property
    def near(self):
        """Distance of the ground at the lower edge of the picture."""
        return self.focal * self.eye / (self.size[0] - self.horizon)

    def project(self, points):
        """World points (N, 3) -> pixel coordinates (N, 2)."""
        x, y, z = np.asarray(points, float).reshape(-1, 3).T
        z = np.maximum(z, 0.5 * self.near)
        u = self.vanishing_x + self.focal * (x + self.bend * z**2) / z
        v = self.horizon + self.focal * (self.eye - y) / z
        return np.stack([u, v], axis=1)

    def ground(self):
        """World x and z, each (rows, W), of the ground pixels, and the first of those rows."""
        height, width = self.size
        first = int(np.ceil(self.horizon)) + 1
        z = self.focal * self.eye / (np.arange(first, height) - self.horizon)[:, None]
        u = np.arange(width)[None] - self.vanishing_x
        return u * z / self.focal - self.bend * z**2, np.broadcast_to(z, (len(z), width)), first


class Canvas:
    """Visible picture, infrared picture and labels of one scene, painted from far to near.

    Attributes, all H x W (times 3 for the first two) at `SUPERSAMPLE` times the final size:
    `reflectance` float32 BGR in [0, 1]; `glow` float32 BGR, the light that does not come from the
    sun; `infrared` float32 grey levels in [0, 255]; `labels` uint8.
    """

    def __init__(self, camera, night):
        self.camera = camera
        self.night = night
        self.reflectance = np.zeros((*camera.size, 3), np.float32)
        self.glow = np.zeros((*camera.size, 3), np.float32)
        self.infrared = np.zeros(camera.size, np.float32)
        self.labels = np.zeros(camera.size, np.uint8)
        self.background = self.infrared

    def keep_background(self):
        """Remember the infrared picture so far: what background temperature means from now on."""
        self.background = self.infrared.copy()

    def paint_pixels(self, pixels, material, label=0):
        """Fill the polygon `pixels` (N, 2) in all pictures."""
        polygon = [np.round(np.asarray(pixels) * 16).astype(np.int32)]
        fill = {'lineType': cv2.LINE_8, 'shift': 4}
        cv2.fillPoly(self.reflectance, polygon, material.bgr, **fill)
        cv2.fillPoly(self.glow, polygon, material.glow, **fill)
        cv2.fillPoly(self.labels, polygon, label, **fill)
        grey_level = material.night if self.night else material.day
        if grey_level is not None:
            cv2.fillPoly(self.infrared, polygon, grey_level, **fill)
        else:
            mask = cv2.fillPoly(np.zeros(self.camera.size, np.uint8), polygon, 1, **fill)
            np.copyto(self.infrared, self.background, where=mask.astype(bool))

    def paint(self, points, material, label=0):
        """Fill the polygon of the world points (N, 3) in all pictures."""
        self.paint_pixels(self.camera.project(points), material, label)

    def mark(self, points, label):
        """Label the polygon of the world points (N, 3) without painting it."""
        polygon = [np.round(self.camera.project(points) * 16).astype(np.int32)]
        cv2.fillPoly(self.labels, polygon, label, cv2.LINE_8, 4)

    def shadow(self, x, z, half_width, half_depth, strength=0.5):
        """Darken a soft ellipse on the ground."""
        world_x, world_z, first = self.camera.ground()
        distance = ((world_x - x) / half_width) ** 2 + ((world_z - z) / half_depth) ** 2
        shade = strength * np.clip(1.6 * (1.1 - distance), 0, 1)
        self.reflectance[first:] *= (1 - shade)[..., None]

    def develop(self, rng):
        """The two cameras' pictures and the labels, at the final size.

        Returns visible (H, W, 3) uint8 BGR, infrared (H, W) uint8, labels (H, W) uint8.
        """
        height, width = (side // SUPERSAMPLE for side in self.camera.size)
        unit = SUPERSAMPLE * height / 96  # one pixel of a 96-row picture

        if self.night:
            moonlight = np.array([0.060, 0.048, 0.042], np.float32)
            bloom = cv2.GaussianBlur(self.glow, (0, 0), 1.2 * unit)
            bloom += 1.5 * cv2.GaussianBlur(self.glow, (0, 0), 5 * unit)
            visible = self.reflectance * moonlight + self.glow + 0.7 * bloom
        else:
            visible = self.reflectance
        infrared = cv2.GaussianBlur(self.infrared, (0, 0), 0.65 * unit)  # thermal optics are soft

        def shrink(image):
            return cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)

        visible, infrared = 255 * shrink(visible), shrink(infrared)
        visible = visible + rng.normal(0, 2.5, (height, width, 1))
        visible = visible + rng.normal(0, 1.5, (height, width, 3))
        infrared = infrared + rng.normal(0, 2, (height, width)) + rng.normal(0, 1, width)
        middle = SUPERSAMPLE // 2
        labels = self.labels[middle::SUPERSAMPLE, middle::SUPERSAMPLE]

        def to_uint8(image):
            return np.clip(np.round(image), 0, 255).astype(np.uint8)

        return to_uint8(visible), to_uint8(infrared), np.ascontiguousarray(labels)
