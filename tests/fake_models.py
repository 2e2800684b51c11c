"""Models that are functions of a few lines, behind the interface that every engine has."""

import numpy as np

from bffr.models.model import Model


class FakeEngine:
    """Runs functions of a batch: `fuse(visible, infrared)` and perhaps `segment`, likewise."""

    def __init__(self, fuse, segment=None):
        self._fuse, self._segment = fuse, segment

    def run(self, visible, infrared, segment):
        return self._fuse(visible, infrared), self._segment(visible, infrared) if segment else None


def fake_model(fuse, segment=None, *, palette=((0, 0, 0), (40, 50, 60)), min_size=1, **metadata):
    """A model of functions from uint8 (N, H, W, 3) and (N, H, W) to images and labels."""
    palette = [list(colour) for colour in palette] if segment else []
    known = dict(classes=[f'class {index}' for index in range(len(palette))], palette=palette)
    known.update(dict(min_size=min_size, infrared={}), **metadata)
    return Model(FakeEngine(fuse, segment), known)


def visible_model(**metadata):
    """Gives back the visible image."""
    return fake_model(lambda visible, infrared: visible / np.float32(255), **metadata)


def drawn_pair(index):
    """Gradients, uint8 (32, 48, 3) and (32, 48); infrared is brighter with the index."""
    y, x = np.mgrid[:32, :48].astype(np.uint8)
    return np.stack([x + 50, y + 40, x + y], axis=-1), 2 * x + 30 + 10 * index


def mean_and_bright(visible, infrared):
    """What the functions of `mean_model` give: the mean of both, and where infrared is bright."""
    return (visible + infrared[..., None].astype(np.float32)) / 510, infrared // 128


def mean_model(calls=None):
    """Fuses to the mean, labels what is bright in infrared, and appends to `calls`."""

    def fuse(visible, infrared):
        if calls is not None:
            calls.append(len(visible))
        return mean_and_bright(visible, infrared)[0]

    return fake_model(fuse, lambda *pair: mean_and_bright(*pair)[1])
