import cv2
import numpy as np
import pytest

from bffr.images.image_io import write_png

CAR, PERSON = 1, 2


@pytest.fixture
def labels() -> np.ndarray:
    """A label map (40, 60): a car, two persons, and a person of a single pixel."""
    labels = np.zeros((40, 60), np.uint8)
    labels[20:30, 5:25] = CAR
    labels[10:25, 35:39] = PERSON
    labels[0:8, 52:60] = PERSON
    labels[38, 2] = PERSON
    return labels


@pytest.fixture
def folders(tmp_path, labels):
    """Folders of two pairs: vis, dark and bright (vis by 20 less and by 30 more), labels."""
    noise = np.random.default_rng(0).integers(60, 160, (40, 60, 3), dtype=np.uint8)
    images = {
        'vis': cv2.GaussianBlur(noise, (0, 0), 2),
        'labels': labels,
    }
    images['dark'], images['bright'] = images['vis'] - 20, images['vis'] + 30
    for folder, image in images.items():
        for stem in ('a', 'b'):
            write_png(tmp_path / folder / f'{stem}.png', image)
    return tmp_path
