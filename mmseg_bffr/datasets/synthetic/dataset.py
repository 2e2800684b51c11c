"""Writing drawn scenes as a data set in the folders that MFNetDataset reads."""

import os
from pathlib import Path

import numpy as np
from tqdm import tqdm

from mmseg_bffr.datasets.image_io import write_png
from mmseg_bffr.errors import InputError

from .scene import render_scene

CYCLE = ('train', 'val', 'test', 'train', 'train', 'train')
"""Which split each next day and night scene go to."""
VISUAL = 4
"""How many pairs of the val split are shown during training."""


def write_synthetic_dataset(
    root: str | os.PathLike, pairs: int = 48, size: tuple[int, int] = (96, 128), seed: int = 0
) -> dict[str, list[str]]:
    """Draw day and night street scenes with MFNet's labels.

    Writes ROOT/{vis,ir,labels}/NAME.png (uint8: BGR, grey, label indices) and the split files
    train.txt, val.txt, test.txt and visual.txt (the first of val). Day scenes (names end in D) and
    night scenes (N) alternate; scene k depends on `seed` and k only.

    Args:
        root: Folder to write to; files of the same names are replaced.
        pairs: Number of scenes, at least 6 so that no split is empty.
        size: Height and width of the images, at least 48.
        seed: Seed of all scenes.

    Returns:
        dict: The names in each split.
    """
    if pairs < 6:
        raise InputError(f'{pairs} pairs do not fill train, val and test; ask for at least 6.')
    if min(size) < 48:
        raise InputError(f'Size {size[0]}x{size[1]} is too small to draw; ask for at least 48x48.')
    root = Path(root)
    splits = {split: [] for split in ('train', 'val', 'test')}
    for index in tqdm(range(pairs), desc='drawing scenes', unit='pair'):
        night = index % 2 == 1
        name = f'{index:05d}{"N" if night else "D"}'
        rng = np.random.default_rng([seed, index])
        visible, infrared, labels = render_scene(rng, size, night)
        for folder, image in {'vis': visible, 'ir': infrared, 'labels': labels}.items():
            write_png(root / folder / f'{name}.png', image)
        splits[CYCLE[index // 2 % len(CYCLE)]].append(name)
    splits['visual'] = splits['val'][:VISUAL]
    for split, names in splits.items():
        (root / f'{split}.txt').write_text(''.join(f'{name}\n' for name in names))
    return splits
