"""Data sets with boxes as their authors distribute them, drawn small: what is found and read."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from mmseg.registry import DATASETS

from mmseg_bffr.apis import check_data
from mmseg_bffr.apis.config import load_config

from .test_boxes import voc_object

CONFIGS = Path(__file__).parents[3] / 'configs/_base_/datasets'
SIZE = (48, 64)
BOX = (8, 6, 40, 30)


def polygon(key, x1, y1, x2, y2):
    """Corners as DroneVehicle has them, counted from 1."""
    corners = (x1 + 1, y1 + 1), (x2, y1 + 1), (x2, y2), (x1 + 1, y2)
    points = ''.join(f'<x{i}>{x}</x{i}><y{i}>{y}</y{i}>' for i, (x, y) in enumerate(corners, 1))
    return f'<object><name>{key}</name><polygon>{points}</polygon></object>'


# Name of the config -> files of visible image, infrared image and boxes of {1}, the name of a pair
# of {0}, a part; the pairs of each part; files that list them; classes as written; an object.
LAYOUTS = {
    'm3fd-boxes': (
        [
            'M3FD_Detection/Vis/{1}.png',
            'M3FD_Detection/Ir/{1}.png',
            'M3FD_Detection/Annotation/{1}.xml',
        ],
        dict(train=['00000', '00001'], val=['00471']),
        ('M3FD_Detection/{0}.txt', '{1}'),
        ('People', 'Car', 'Bus', 'Motorcycle', 'Lamp', 'Truck'),
        voc_object,
    ),
    'llvip-boxes': (
        ['LLVIP/visible/{0}/{1}.jpg', 'LLVIP/infrared/{0}/{1}.jpg', 'LLVIP/Annotations/{1}.xml'],
        dict(train=['010001', '010002'], test=['190001']),
        None,
        ('person',),
        voc_object,
    ),
    'flir-aligned': (
        [
            'align/JPEGImages/{1}_RGB.jpg',
            'align/JPEGImages/{1}_PreviewData.jpeg',
            'align/Annotations/{1}_PreviewData.xml',
        ],
        dict(train=['FLIR_00002', 'FLIR_00006'], validation=['FLIR_08864']),
        ('align/align_{0}.txt', '{1}_PreviewData'),
        ('person', 'bicycle', 'car', 'dog'),
        voc_object,
    ),
    'dronevehicle': (
        [
            'DroneVehicle/{0}/{0}img/{1}.jpg',
            'DroneVehicle/{0}/{0}imgr/{1}.jpg',
            'DroneVehicle/{0}/{0}labelr/{1}.xml',
        ],
        dict(train=['00001', '00002'], val=['00001'], test=['00001']),
        None,
        ('car', 'feright car', 'truck', 'bus', 'van', '*'),
        polygon,
    ),
}  # fmt: skip
LEARNT = {
    'm3fd-boxes': [0, 1, 2, 3, 4, 5],
    'llvip-boxes': [0],
    'flir-aligned': [0, 1, 2],
    'dronevehicle': [0, 4, 1, 2, 3],
}


@pytest.fixture
def drawn(tmp_path, monkeypatch):
    def drawn(name):
        places, parts, lists, classes, written = LAYOUTS[name]
        for part, names in parts.items():
            for pair in names:
                paths = [tmp_path / 'data' / place.format(part, pair) for place in places]
                for path in paths:
                    path.parent.mkdir(parents=True, exist_ok=True)
                cv2.imwrite(str(paths[0]), np.full((*SIZE, 3), 30, np.uint8))
                cv2.imwrite(str(paths[1]), np.full(SIZE, 200, np.uint8))
                objects = ''.join(written(key, *BOX) for key in classes)
                paths[2].write_text(f'<annotation>{objects}</annotation>')
            if lists:
                file, line = lists
                text = '\n'.join(line.format(part, pair) for pair in names)
                (tmp_path / 'data' / file.format(part)).write_text(text)
        monkeypatch.chdir(tmp_path)
        return {part: len(names) for part, names in parts.items()}

    return drawn


@pytest.mark.parametrize('name', LAYOUTS)
def test_check_command(drawn, name, capsys):
    counts = list(drawn(name).values())
    found = check_data(str(CONFIGS / f'{name}.py'), workers=1)
    assert [findings.pairs for findings in found.values()] == [counts[0], counts[1], counts[-1]]
    for findings in found.values():
        assert set(findings.boxes) == set(LEARNT[name])
        assert not findings.warnings
    assert 'boxes' in capsys.readouterr().out


@pytest.mark.parametrize('name', LAYOUTS)
def test_each_part_reads_both_images_and_the_boxes(drawn, name):
    drawn(name)
    cfg = load_config(CONFIGS / f'{name}.py')
    for part in ('train', 'val', 'test', 'visual'):
        config = cfg[f'{part}_dataloader'].dataset
        steps = [step for step in config.pipeline if step.type.startswith('Load')]
        sample = DATASETS.build({**config, 'pipeline': steps})[0]
        assert sample['img'][..., :3].mean() < 60
        assert sample['img'][..., 3].mean() > 180
        assert sample['gt_bboxes_labels'].tolist() == LEARNT[name]
        assert (sample['gt_bboxes'] == BOX).all()
