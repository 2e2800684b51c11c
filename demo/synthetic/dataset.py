"""Street scenes by day and night as a data set in the folders that MFNetDataset reads."""

import csv
from pathlib import Path

import numpy as np
from tqdm import tqdm

from bffr.errors import InputError
from bffr.evaluation.box_hits import COLUMNS
from bffr.images.image_io import write_png

from .canvas import BIKE, CAR, PERSON, Canvas
from .street import draw_ground, draw_sky, roadside
from .traffic import traffic

CYCLE = ('train', 'val', 'test', 'train', 'train', 'train')  # splits of each two scenes
BOXED = {CAR: 'car', PERSON: 'person', BIKE: 'bike'}
LEAST = 12


def write_synthetic_dataset(root, pairs=48, size=(96, 128), seed=0):
    """Draw day and night street scenes with MFNet's labels; return {split: names}.

    Writes ROOT/{vis,ir,labels}/NAME.png (uint8: BGR, grey, label indices), the split files
    train.txt, val.txt, test.txt and visual.txt (the first four of val), and boxes.csv, see
    `boxes_of`. Day scenes (names end in
    D) and night scenes (N) alternate; scene k depends on `seed` and k only. At least 6 `pairs`, so
    that no split is empty; `size` is height and width, at least 48.
    """
    if pairs < 6:
        raise InputError(f'{pairs} pairs do not fill train, val and test; ask for at least 6.')
    if min(size) < 48:
        raise InputError(f'Size {size[0]}x{size[1]} is too small to draw; ask for at least 48x48.')
    boxes, splits = [], {split: [] for split in ('train', 'val', 'test')}
    for index in tqdm(range(pairs), desc='drawing scenes', unit='pair'):
        name = f'{index:05d}{"DN"[index % 2]}'
        night = index % 2 == 1
        *images, objects, _ = render_scene(np.random.default_rng([seed, index]), size, night)
        for folder, image in zip(('vis', 'ir', 'labels'), images, strict=True):
            write_png(Path(root, folder, f'{name}.png'), image)
        boxes += [(name, *box) for box in boxes_of(images[2], objects)]
        splits[CYCLE[index // 2 % len(CYCLE)]].append(name)
    splits['visual'] = splits['val'][:4]
    for split, names in splits.items():
        Path(root, f'{split}.txt').write_text(''.join(f'{name}\n' for name in names))
    with open(Path(root, 'boxes.csv'), 'w', newline='', encoding='utf-8') as file:
        csv.writer(file).writerows([COLUMNS, *boxes])
    return splits


def boxes_of(labels, objects):
    """List (class, x1, y1, x2, y2) of cars, persons and bikes, as far as they are not hidden.

    Of `labels` and `objects` (H, W); both corners are pixels of the object. What shows less than
    `LEAST` pixels has no box.
    """
    boxes = []
    for number in np.unique(objects[objects > 0]):
        for label, name in BOXED.items():
            rows, columns = np.nonzero((objects == number) & (labels == label))
            if len(rows) >= LEAST:
                corners = columns.min(), rows.min(), columns.max(), rows.max()
                boxes.append((name, *map(int, corners)))
    return boxes


def render_scene(rng, size, night, right=0.0):
    """Draw visible (H, W, 3) BGR, infrared and labels (H, W), uint8, of one scene; its geometry.

    That are objects, int32 (H, W): 0, or the number of the one that a pixel with a label belongs
    to; and depths, float32 (H, W): metres, infinite in the sky. All is as a camera sees it that
    stands `right` metres to the right: what is z metres away lies 0.84 W right / z pixels to the
    left.

    Neither picture alone is enough to label it: by night only infrared shows what is warm or cold
    (persons, cars, bikes, kerbs, bumps, steel), and only visible light shows the cones, which
    reflect it; cones and car stops are as warm as the street. `rng` alone decides what is drawn.
    """
    canvas = Canvas(rng, size, night, right)
    draw_sky(canvas, rng)
    draw_ground(canvas, rng)
    street = canvas.picture[..., 3].copy()
    items = sorted(roadside(rng) + traffic(rng, night), key=lambda item: -item[0])
    for canvas.number, (z, draw, *arguments) in enumerate(items, 1):
        draw(canvas, rng, z, *arguments)
    return canvas.develop(rng, street)
