"""An enlarged region in a corner of its image."""

from collections.abc import Mapping, Sequence

import cv2
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

_MOST = 0.42, 0.6  # of an image's width and height that an inset takes

Region = tuple[float, float, float, float]
"""Left, top, width and height in pixels."""


def emptiest_corner(images: Sequence[np.ndarray], shape: tuple[int, int], region: Region) -> Region:
    """Where an enlarged region covers least of images of one scene.

    That is the corner that has least of the region itself, and of those that have none the one with
    the weakest edges.

    Args:
        images: (H, W) or (H, W, 3), of any size.
        shape: (H, W) that the region's pixels are of.
        region: What is enlarged.

    Returns:
        Region: Left, bottom, width and height, from the lower left corner, in parts of the image.
    """
    rows, columns = shape
    x, y, width, height = region
    lost = sum(map(_edges, (cv2.resize(image, (columns, rows)) for image in images)))
    lost[int(y) : int(y + height), int(x) : int(x + width)] += lost.sum() + 1
    zoom = min(_MOST[0] * columns / width, _MOST[1] * rows / height)
    width, height = zoom * width, zoom * height

    def loss(corner):
        left, top = map(round, corner)
        return lost[top : round(top + height), left : round(left + width)].sum()

    corners = [(left, top) for top in (rows - height, 0) for left in (columns - width, 0)]
    left, top = min(corners, key=loss)
    bottom = rows - top - height
    return left / columns, bottom / rows, width / columns, height / rows


def _edges(image: np.ndarray) -> np.ndarray:
    """Strength of edges, (H, W), which all together have 1."""
    grey = image.mean(axis=2) if image.ndim == 3 else image.astype(float)
    strength = np.hypot(cv2.Sobel(grey, -1, 1, 0), cv2.Sobel(grey, -1, 0, 1))
    return strength / max(strength.sum(), 1e-9)


def draw_inset(
    panel: Axes, image: np.ndarray, shown: Mapping, region: Region, place: Region
) -> None:
    """Frame a region of a panel's image, and show it enlarged.

    Args:
        panel: Shows the image.
        image, shown: The image, and how `imshow` was told to show it.
        region: What is enlarged, in the panel's coordinates.
        place: Where it is shown, see `emptiest_corner`.
    """
    x, y, width, height = region
    panel.add_patch(Rectangle((x, y), width, height, fill=False, edgecolor='red'))
    inset = panel.inset_axes(place)
    inset.imshow(image, **shown)
    inset.set(xticks=[], yticks=[], xlim=(x, x + width), ylim=(y + height, y))
    inset.spines[:].set(edgecolor='red', linewidth=1)
