"""Convert MFNet's original distribution to OUT/{vis,ir,labels}/NAME.png and split files.

SRC holds images/ (4-channel PNGs: RGB and thermal), labels/ and train.txt, val.txt, test.txt.
To continue an interrupted conversion, start it again.
"""

import argparse
import os
from pathlib import Path

import numpy as np
from tqdm import tqdm

from bffr.commands.run import run
from bffr.errors import InputError
from bffr.files import write_whole
from bffr.images.image_io import read_image, read_labels, write_png
from bffr.images.results import FLIP_SUFFIX
from bffr.images.splits import read_split

SPLITS = [f'{split}{time}' for split in ('train', 'val', 'test') for time in ('', '_day', '_night')]
PNG_END = b'\x00\x00\x00\x00IEND\xaeB`\x82'


def convert_mfnet(
    src: str | os.PathLike, out: str | os.PathLike, flip: bool = False
) -> dict[str, int]:
    """Split MFNet's RGB + thermal images and copy its labels and split files.

    Reads SRC/images/NAME.png (four channels, the thermal one last), SRC/labels/NAME.png and those
    of SRC/{train,val,test}[_day|_night].txt that exist; writes OUT/{vis,ir,labels}/NAME.png and
    the same split files, last. Pairs that OUT already has whole are left as they are, so an
    interrupted conversion goes on where it stopped.

    Args:
        src: MFNet's folder.
        out: Folder to write to.
        flip: Also write each training pair mirrored, as NAME_flip, and list it in train.txt.
            Otherwise the `_flip` lines of the original are left out.

    Returns:
        dict: Number of names in each split file written.

    Raises:
        InputError: `src` is not MFNet's folder, or `out` is the same folder.
    """
    src, out = Path(src), Path(out)
    if src.resolve() == out.resolve():
        raise InputError(f'{out}: is the source folder itself; give another output folder.')
    for folder in ('images', 'labels'):
        if not (src / folder).is_dir():
            raise InputError(f"{src}: has no {folder}/ folder; give MFNet's original folder.")
    splits = _read_splits(src)
    names = sorted(set().union(*splits.values()))
    files = [f'{folder}/{name}.png' for name in names for folder in ('images', 'labels')]
    if absent := [file for file in files if not (src / file).is_file()]:
        raise InputError(
            f'{src}: the split files name images that are absent, add them or remove their lines: '
            f'{", ".join(absent)}.'
        )

    mirrored = set(splits.get('train', ())) if flip else set()
    for name in tqdm(names, desc='converting MFNet', unit='pair'):
        _convert_pair(src, out, name, mirrored=name in mirrored)
    if mirrored:
        splits['train'] += [name + FLIP_SUFFIX for name in splits['train']]
    for split, listed in splits.items():
        write_whole(out / f'{split}.txt', ''.join(f'{name}\n' for name in listed).encode())
    return {split: len(listed) for split, listed in splits.items()}


def _read_splits(src):
    """Names in each split file that exists, without the mirrored copies."""
    splits = {
        file.stem: [name for name in read_split(file) if not name.endswith(FLIP_SUFFIX)]
        for file in (src / f'{split}.txt' for split in SPLITS)
        if file.exists()
    }
    if not splits:
        raise InputError(f"{src}: has no train.txt, val.txt or test.txt; give MFNet's folder.")
    return splits


def _convert_pair(src, out, name, mirrored):
    """Write a pair and, if `mirrored`, its mirrored copy, unless they are already there."""
    copies = [name, name + FLIP_SUFFIX] if mirrored else [name]
    files = [out / folder / f'{copy}.png' for copy in copies for folder in ('vis', 'ir', 'labels')]
    if all(file.is_file() and file.read_bytes().endswith(PNG_END) for file in files):
        return
    image, labels = _read_pair(src / 'images' / f'{name}.png', src / 'labels' / f'{name}.png')
    for folder, array in {'vis': image[..., :3], 'ir': image[..., 3], 'labels': labels}.items():
        write_png(out / folder / f'{name}.png', array)
        if mirrored:
            write_png(out / folder / f'{name}{FLIP_SUFFIX}.png', np.fliplr(array).copy())


def _read_pair(image_file, labels_file):
    image, labels = read_image(image_file), read_labels(labels_file)
    channels = image.shape[2] if image.ndim == 3 else 1
    if channels != 4:
        raise InputError(
            f'{image_file}: has {channels} channel(s) instead of the 4 (RGB and thermal) of '
            "MFNet's images; give MFNet's original folder."
        )
    if labels.shape != image.shape[:2] or labels.dtype != np.uint8:
        raise InputError(
            f'{labels_file}: is {labels.dtype} of shape {labels.shape}, but label indices of '
            f'type uint8 and shape {image.shape[:2]} belong to its image; replace the file.'
        )
    return image, labels


def main() -> None:
    """Convert and say how many pairs each split has."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('src', metavar='SRC', help="MFNet's folder")
    parser.add_argument('out', metavar='OUT', help='folder to write to')
    parser.add_argument(
        '--flip',
        action='store_true',
        help='also write each training pair mirrored, as NAME_flip, and list it in train.txt '
        '(redundant beside the random flip of the training pipeline)',
    )
    args = parser.parse_args()
    counts = convert_mfnet(args.src, args.out, args.flip)
    print(f'{args.out}: ' + ', '.join(f'{split} {count}' for split, count in counts.items()))


if __name__ == '__main__':
    run(main)
