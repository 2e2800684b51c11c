"""Where things are in a figure that was written."""

import numpy as np


def near(picture: np.ndarray, colour, tolerance: int = 8) -> np.ndarray:
    """Which pixels of a picture, uint8 (H, W, 3), have about a colour, (B, G, R): bool (H, W)."""
    return np.abs(picture.astype(int) - colour).max(axis=2) < tolerance


def place(picture: np.ndarray, colour) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of the one rectangle that has a colour."""
    found = near(picture, colour)
    counts = found.sum(axis=1), found.sum(axis=0)  # of which text has few
    rows, columns = (np.flatnonzero(count > count.max() / 2) for count in counts)
    left, top, right, bottom = columns[0], rows[0], columns[-1] + 1, rows[-1] + 1
    assert found[top:bottom, left:right].mean() > 0.97
    return left, top, right, bottom


def require_grid(picture: np.ndarray, colours, aspect: float) -> None:
    """Check that rows of panels, each of one colour, stand where they belong, close together.

    Args:
        picture: uint8 (H, W, 3), BGR.
        colours: A row of (B, G, R) for each row of panels.
        aspect: Width over height of a panel.
    """
    places = np.array([[place(picture, colour) for colour in row] for row in colours])
    left, top, right, bottom = np.moveaxis(places, 2, 0)
    assert np.ptp(left, axis=0).max() <= 3
    assert np.ptp(top, axis=1).max() <= 3
    np.testing.assert_allclose((right - left) / (bottom - top), aspect, rtol=0.03)
    gaps = [*(left[:, 1:] - right[:, :-1]).ravel(), *(top[1:] - bottom[:-1]).ravel()]
    assert all(0 < gap < 0.1 * (right - left).min() for gap in gaps), gaps
