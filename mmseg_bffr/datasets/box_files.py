"""Boxes that people drew, as common tools write them.

A box is (class, x1, y1, x2, y2): the name of a class, or its number in a YOLO file, and the edges,
in pixels of the image, from 0 to its width and height.
"""

import json
import os
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path, PureWindowsPath
from xml.etree import ElementTree

from bffr.errors import InputError
from bffr.evaluation.box_hits import read_boxes

Box = tuple[str | int, float, float, float, float]


def find_boxes(path: str | os.PathLike) -> Mapping[str, list[Box] | str]:
    """Boxes by the stem of their image, or, in a folder, the file that has them.

    Args:
        path: CSV file, see `read_boxes`, both corners of whose boxes are pixels inside; JSON file
            as COCO's, of which crowds are left out; folder of XML files as PASCAL VOC's or of text
            files as YOLO's, one an image, see `read_box_file`.

    Raises:
        InputError: It is none of these.
    """
    path = Path(path)
    if path.is_dir():
        files = {}
        for one in sorted(path.iterdir()):
            if one.suffix.lower() in _READERS and one.stem != 'classes':  # names of YOLO's numbers
                if one.stem in files:
                    raise InputError(f'{files[one.stem]}, {one}: are for one image; remove one.')
                files[one.stem] = str(one)
        if not files:
            raise InputError(f'{path}: holds neither .xml nor .txt files; give a folder of boxes.')
        return files
    readers = {'.csv': _read_csv, '.json': _read_coco}
    if path.suffix.lower() not in readers:
        raise InputError(
            f'{path}: is not a folder, .csv or .json; docs/detection.md lists the formats.'
        )
    return readers[path.suffix.lower()](path)


def read_box_file(path: str | os.PathLike, size: tuple[int, int]) -> list[Box]:
    """Boxes of one image.

    Args:
        path: XML file as PASCAL VOC's: corners are pixels inside, counted from 1; a polygon counts
            as the box around it, a point is left out. Or text file as YOLO's: a line has the number
            of the class, then middle, width and height as shares of the image's.
        size: Height and width of the image.

    Raises:
        InputError: The file cannot be read or is of another kind.
    """
    try:
        return _READERS[Path(path).suffix.lower()](path, *size)
    except OSError as error:
        raise InputError(f'{path}: cannot be read ({error.strerror}).') from None
    except (ValueError, TypeError, ElementTree.ParseError) as error:
        raise InputError(
            f'{path}: is not a file of boxes ({error}); give XML in the form of PASCAL VOC, or '
            f'lines of a class number and four shares as in YOLO.'
        ) from None


def _read_csv(path: Path) -> dict[str, list[Box]]:
    return {
        name: [
            (key, x1, y1, x2 + 1, y2 + 1)
            for key, drawn in of_class.items()
            for x1, y1, x2, y2 in drawn.tolist()
        ]
        for name, of_class in read_boxes(path).items()
    }


def _read_coco(path: Path) -> dict[str, list[Box]]:
    boxes = defaultdict(list)
    try:
        content = json.loads(path.read_bytes())
        classes = {one['id']: one['name'] for one in content['categories']}
        stems = {one['id']: PureWindowsPath(one['file_name']).stem for one in content['images']}
        for one in content['annotations']:
            x, y, width, height = map(float, one['bbox'])
            if not one.get('iscrowd'):
                box = classes[one['category_id']], x, y, x + width, y + height
                boxes[stems[one['image_id']]].append(box)
    except OSError as error:
        raise InputError(f'{path}: cannot be read ({error.strerror}).') from None
    except (ValueError, TypeError, KeyError) as error:
        raise InputError(
            f"{path}: is not a file of boxes in COCO's form, with images, categories and "
            f'annotations that refer to one another ({type(error).__name__}: {error}).'
        ) from None
    twice = [stem for stem, times in Counter(stems.values()).items() if times > 1]
    if twice:
        raise InputError(f'{path}: has several images {twice[0]}.*; give each its own name.')
    return dict(boxes)


def _read_voc(path: str | os.PathLike, height: int, width: int) -> list[Box]:
    boxes = []
    for drawn in ElementTree.parse(path).getroot().iter('object'):
        shape = drawn.find('bndbox')
        shape = drawn.find('polygon') if shape is None else shape
        if shape is not None:
            x, y = ([float(one.text) for one in shape if one.tag.startswith(axis)] for axis in 'xy')
            box = min(x) - 1, min(y) - 1, max(x), max(y)
            boxes.append((drawn.findtext('name', '').strip(), *box))
    return boxes


def _read_yolo(path: str | os.PathLike, height: int, width: int) -> list[Box]:
    boxes = []
    for line in Path(path).read_text(encoding='utf-8-sig').splitlines():
        if line.strip():
            number, *shares = line.split()
            x, y, across, down = map(float, shares)
            left, top = (x - across / 2) * width, (y - down / 2) * height
            boxes.append((int(number), left, top, left + across * width, top + down * height))
    return boxes


_READERS = {'.xml': _read_voc, '.txt': _read_yolo}
