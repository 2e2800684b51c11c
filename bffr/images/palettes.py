"""From pseudo-colours back to the brightness that they stand for."""

import cv2
import numpy as np

from bffr.errors import InputError

_OPENCV = (
    *('autumn', 'bone', 'cividis', 'cool', 'deepgreen', 'hot', 'inferno', 'jet', 'magma', 'ocean'),
    *('parula', 'pink', 'plasma', 'rainbow', 'spring', 'summer', 'turbo', 'viridis', 'winter'),
)
_IRON = {  # position: R, G, B, after what thermal cameras show
    0.0: (0, 0, 10),
    0.12: (35, 0, 110),
    0.3: (125, 0, 155),
    0.5: (200, 45, 100),
    0.65: (235, 95, 20),
    0.82: (252, 170, 0),
    0.94: (255, 235, 90),
    1.0: (255, 255, 245),
}

PALETTES = *_OPENCV, 'iron'

_FAR = 40  # in grey levels, of the median pixel from the palette: it is another one
_COLOURED = 32  # grey levels between the channels of what is seen as a colour
_SHARE = 0.05  # of the pixels, from which on an image is coloured


def palette_colours(name: str) -> np.ndarray:
    """The 256 colours of a palette, uint8 (256, 3), BGR, from cold to hot.

    OpenCV's maps of that name; `iron` is close to that of most thermal cameras.
    """
    levels = np.arange(256, dtype=np.uint8)
    if name == 'iron':
        channels = np.array([*_IRON.values()]).T[::-1]
        positions = [255 * position for position in _IRON]
        colours = [np.interp(levels, positions, channel) for channel in channels]
        return np.round(np.stack(colours, axis=1)).astype(np.uint8)
    return cv2.applyColorMap(levels, getattr(cv2, f'COLORMAP_{name.upper()}')).reshape(256, 3)


def is_coloured(image: np.ndarray) -> bool:
    """Whether (H, W, 3), uint8, is more than a grey image with some marks and a JPEG's noise."""
    blue, green, red = cv2.split(np.ascontiguousarray(image[..., :3]))
    distance = cv2.max(blue, cv2.max(green, red)) - cv2.min(blue, cv2.min(green, red))
    return bool((distance > _COLOURED).mean() > _SHARE)


def from_palette(image: np.ndarray, name: str) -> np.ndarray:
    """The position of each pixel's nearest colour in a palette.

    Args:
        image: uint8 (H, W, 3), BGR.
        name: One of `PALETTES`.

    Returns:
        np.ndarray: uint8 (H, W).

    Raises:
        InputError: The colours are not those of the palette.
    """
    pixels = image.reshape(-1, 3)
    keys = pixels.astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], np.uint32)
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    colours = pixels[first].astype(np.float32)
    distance, level = cv2.batchDistance(
        colours, palette_colours(name).astype(np.float32), cv2.CV_32F, K=1
    )
    if np.median(distance[inverse]) > _FAR:
        raise InputError(f'its colours are not those of the palette {name}; name another palette.')
    return level[inverse, 0].astype(np.uint8).reshape(image.shape[:2])
