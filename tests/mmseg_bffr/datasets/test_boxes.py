"""Boxes of all kinds of files, on their way to the network, and what a check finds in them."""

import json

import cv2
import numpy as np
import pytest
import torch
from mmseg.registry import DATASETS, TRANSFORMS

from bffr import Rig
from bffr.errors import InputError
from mmseg_bffr.apis.check_data import _judge_box_files, check_dataset
from mmseg_bffr.datasets import LoadBoxes

SIZE = (48, 64)
CLASSES = ('person', 'car')
DRAWN = {'a': [('car', 8, 6, 40, 30), ('person', 50, 0, 64, 48)], 'b': [('person', 4, 2, 30, 20)]}
"""Edges of boxes in pixels; the pairs c and d have none."""


def write_csv(folder):
    lines = ['name,class,x1,y1,x2,y2']
    for name, boxes in DRAWN.items():
        lines += [f'{name},{key},{x1},{y1},{x2 - 1},{y2 - 1}' for key, x1, y1, x2, y2 in boxes]
    (folder / 'boxes.csv').write_text('\n'.join(lines))
    return 'boxes.csv'


def write_coco(folder):
    content = {
        'categories': [dict(id=7, name='car'), dict(id=3, name='person')],
        'images': [dict(id=i, file_name=f'somewhere/{name}.jpg') for i, name in enumerate('abcd')],
        'annotations': [
            dict(image_id=i, category_id={'car': 7, 'person': 3}[key], bbox=[x, y, x2 - x, y2 - y])
            for i, name in enumerate('ab')
            for key, x, y, x2, y2 in DRAWN[name]
        ],
    }
    crowd = dict(image_id=2, category_id=7, bbox=[0, 0, 9, 9], iscrowd=1)
    content['annotations'].append(crowd)
    (folder / 'boxes.json').write_text(json.dumps(content))
    return 'boxes.json'


def write_yolo(folder):
    (folder / 'txt').mkdir()
    (folder / 'txt/classes.txt').write_text('person\ncar\n')
    for name, boxes in DRAWN.items():
        lines = [
            f'{CLASSES.index(key)} {(x1 + x2) / 128} {(y1 + y2) / 96} {(x2 - x1) / 64} '
            f'{(y2 - y1) / 48}'
            for key, x1, y1, x2, y2 in boxes
        ]
        (folder / f'txt/{name}.txt').write_text('\n'.join([*lines, '']))
    return 'txt'


def voc_object(key, x1, y1, x2, y2):
    corners = dict(xmin=x1 + 1, ymin=y1 + 1, xmax=x2, ymax=y2)
    box = ''.join(f'<{tag}>{value}</{tag}>' for tag, value in corners.items())
    return f'<object><name>{key}</name><bndbox>{box}</bndbox></object>'


def write_voc(folder):
    (folder / 'xml').mkdir()
    for name, boxes in DRAWN.items():
        objects = ''.join(voc_object(*box) for box in boxes)
        (folder / f'xml/{name}.xml').write_text(f'<annotation>{objects}</annotation>')
    return 'xml'


WRITERS = [write_csv, write_coco, write_yolo, write_voc]
LOADED = [dict(type='LoadPair'), dict(type='LoadBoxes')]


@pytest.fixture
def data(tmp_path):
    """Four pairs, on which a box is as bright as its class says."""
    for name in 'abcd':
        image = np.zeros(SIZE, np.uint8)
        for key, x1, y1, x2, y2 in DRAWN.get(name, ()):
            image[y1:y2, x1:x2] = 100 + 50 * CLASSES.index(key)
        for folder in ('vis', 'ir'):
            (tmp_path / folder).mkdir(exist_ok=True)
            cv2.imwrite(str(tmp_path / folder / f'{name}.png'), image)
    return tmp_path


def config(data, boxes, pipeline=LOADED, **kwargs):
    kwargs = dict(metainfo=dict(classes=CLASSES), **kwargs)
    where = dict(data_root=str(data), boxes=boxes, pipeline=list(pipeline))
    return dict(type='PairDetectionDataset', **where, **kwargs)


@pytest.mark.parametrize('mark', ['', '\ufeff'], ids=['', 'mark'])
@pytest.mark.parametrize('write', WRITERS)
def test_all_kinds_of_files_say_the_same(data, write, mark):
    """With and without the byte order mark that editors on Windows write."""
    boxes = data / write(data)
    for file in boxes.iterdir() if boxes.is_dir() else [boxes]:
        file.write_text(mark + file.read_text(), encoding='utf-8')
    dataset = DATASETS.build(config(data, boxes.name))
    assert [dataset.get_data_info(i)['name'] for i in range(4)] == list('abcd')
    for sample, name in zip(dataset, 'abcd', strict=False):
        drawn = DRAWN.get(name, [])
        expected = np.float32([box for _, *box in drawn]).reshape(-1, 4)
        np.testing.assert_allclose(sample['gt_bboxes'], expected, atol=1e-4)
        assert sample['gt_bboxes_labels'].tolist() == [CLASSES.index(key) for key, *_ in drawn]
        assert sample['gt_bboxes'].dtype == np.float32


@pytest.mark.parametrize(
    'images', [dict(img_path='vis', ir_path=''), dict(img_path='', ir_path='ir')]
)
def test_of_one_modality(data, images):
    dataset = DATASETS.build(config(data, write_csv(data), data_prefix=images))
    assert dataset[0]['img'].shape == (*SIZE, 3)
    assert len(dataset[0]['gt_bboxes']) == 2


def test_polygons_and_points(data):
    points = ''.join(
        f'<x{i}>{x}</x{i}><y{i}>{y}</y{i}>'
        for i, (x, y) in enumerate([(9, 20), (20, 7), (40, 9)], 1)
    )
    write_voc(data)
    (data / 'xml/a.xml').write_text(
        f'<annotation><object><name> car </name><polygon>{points}</polygon></object>'
        '<object><name>car</name><point><x>3</x><y>3</y></point></object></annotation>'
    )
    sample = DATASETS.build(config(data, 'xml'))[0]
    assert sample['gt_bboxes'].tolist() == [[8, 6, 40, 20]]


def test_other_names_of_classes(data):
    names = dict(metainfo=dict(classes=('vehicle',)), class_names=dict(car='vehicle', person=None))
    where = dict(data_root=str(data), boxes=write_csv(data), pipeline=LOADED)
    dataset = DATASETS.build(dict(type='PairDetectionDataset', **where, **names))
    assert dataset[0]['gt_bboxes_labels'].tolist() == [0]
    assert dataset[1]['gt_bboxes'].shape == (0, 4)


STEPS = {
    'scaled': [dict(type='RandomResize', scale=(100, 90), ratio_range=(0.7, 1.6), keep_ratio=True)],
    'mirrored': [dict(type='RandomFlip', prob=1.0)],
    'cut': [dict(type='RandomBoxCrop', crop_size=(30, 40), least=0.0)],
    'all': [
        dict(type='RandomResize', scale=(64, 48), ratio_range=(0.8, 2.0), keep_ratio=True),
        dict(type='RandomBoxCrop', crop_size=(40, 50), least=0.0),
        dict(type='RandomFlip', prob=0.5),
    ],
}


@pytest.mark.parametrize('steps', STEPS)
def test_boxes_stay_on_what_they_are_of(data, steps):
    dataset = DATASETS.build(config(data, write_csv(data), [*LOADED, *STEPS[steps]]))
    seen = 0
    for seed in range(8):
        np.random.seed(seed)
        sample = dataset[1]
        for channel in (0, 3):
            rows, columns = np.nonzero(sample['img'][..., channel] > 50)
            for box in sample['gt_bboxes']:
                around = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
                np.testing.assert_allclose(box, around, atol=1.2)
                seen += 1
    assert seen > 8


def test_boxes_of_which_too_little_is_left_are_dropped():
    boxes = np.float32([[0, 0, 10, 10], [6, 0, 16, 10], [30, 30, 40, 40]])
    sample = dict(img=np.zeros((20, 20, 4)), gt_bboxes=boxes, gt_bboxes_labels=np.arange(3))
    crop = TRANSFORMS.build(dict(type='RandomBoxCrop', crop_size=(20, 8), least=0.3))
    crop.crop_bbox = lambda results: (0, 20, 0, 8)
    cut = crop(sample)
    assert cut['gt_bboxes'].tolist() == [[0, 0, 8, 10]]  # of the second, a fifth is left
    assert cut['gt_bboxes_labels'].tolist() == [0]


def test_misaligned_infrared_leaves_boxes_on_the_visible_image(data):
    steps = [*LOADED, dict(type='RandomMisalignment', shift=5, prob=1.0)]
    boxes = [
        DATASETS.build(config(data, write_csv(data), s))[0]['gt_bboxes'] for s in (LOADED, steps)
    ]
    np.testing.assert_array_equal(*boxes)


def test_packed(data):
    steps = [*LOADED, *STEPS['all'], dict(type='PackBoxes')]
    dataset = DATASETS.build(config(data, write_csv(data), steps))
    for index, count in ((1, 1), (2, 0)):
        packed = dataset[index]
        truth = packed['data_samples'].gt_instances
        assert packed['inputs'].shape[0] == 4
        assert (truth.bboxes.shape, truth.bboxes.dtype) == ((count, 4), torch.float32)
        assert (truth.labels.shape, truth.labels.dtype) == ((count,), torch.int64)


def test_boxes_follow_a_rig(data):
    rig = Rig(np.eye(3), SIZE[::-1], SIZE[::-1], (10, 4, 40, 40), 0.0)
    rig.write(data / 'rig.json')
    pipeline = [dict(type='LoadPair', align=str(data / 'rig.json')), dict(type='LoadBoxes')]
    first, second, *_ = DATASETS.build(config(data, write_csv(data), pipeline))
    assert first['img'].shape == (40, 40, 4)
    np.testing.assert_array_equal(first['gt_bboxes'], [[0, 2, 30, 26]])  # the person is outside
    assert [CLASSES[label] for label in first['gt_bboxes_labels']] == ['car']
    np.testing.assert_array_equal(second['gt_bboxes'], [[0, 0, 20, 16]])


class TestMistakes:
    def load(self, boxes, size=SIZE):
        labels = {'person': 0, 0: 0}
        return LoadBoxes()(dict(boxes=boxes, box_labels=labels, img_path='x.png', ori_shape=size))

    def test_of_one_box(self):
        with pytest.raises(InputError, match=r'x\.png: has boxes of dog, .*\(person\)'):
            self.load([('dog', 1, 1, 5, 5)])
        for box in ((5, 1, 5, 9), (9, 1, 5, 9), (70, 1, 90, 9), (1, np.nan, 5, 9)):
            with pytest.raises(InputError, match='has 1 box.es. that are empty'):
                self.load([('person', *box)])

    def test_what_reaches_outside_is_cut_and_counted(self):
        sample = self.load([('person', -1, 1, 9, 9), ('person', 50, -3, 80, 9)])
        assert sample['gt_bboxes'].tolist() == [[0, 1, 9, 9], [50, 0, 64, 9]]
        assert sample['boxes_outside'] == 1

    @pytest.mark.parametrize(
        ('file', 'text'),
        [
            ('a.xml', '<annotation><object>'),
            ('a.xml', '<a><object><bndbox><xmin>a</xmin></bndbox></object></a>'),
            ('a.txt', '0 0.5 0.5 0.1\n'),
            ('a.txt', 'person 0.5 0.5 0.1 0.1\n'),
        ],
    )
    def test_of_a_file_of_one_image(self, data, file, text):
        (data / 'drawn').mkdir()
        (data / 'drawn' / file).write_text(text)
        with pytest.raises(InputError, match=rf'drawn/{file}: is not a file of boxes'):
            DATASETS.build(config(data, 'drawn'))[0]

    @pytest.mark.parametrize(
        ('file', 'text', 'sentence'),
        [
            ('b.json', '{"images": []}', "is not a file of boxes in COCO's form"),
            ('b.json', 'x', "is not a file of boxes in COCO's form"),
            ('b.csv', 'a,b\n1,2\n', 'must have the columns'),
            ('b.csv', 'name,class,x1,y1,x2,y2\nz,car,1,1,5,5', 'has boxes of z, but of no image'),
            ('b.mat', '', r'is not a folder, \.csv or \.json'),
        ],
    )
    def test_of_a_file_of_all_images(self, data, file, text, sentence):
        (data / file).write_text(text)
        with pytest.raises(InputError, match=sentence):
            DATASETS.build(config(data, file))

    def test_of_a_folder(self, data):
        with pytest.raises(InputError, match=r'vis: holds neither \.xml nor \.txt'):
            DATASETS.build(config(data, 'vis'))

    def test_two_files_of_one_image(self, data):
        write_yolo(data)
        (data / 'txt/a.XML').write_text('')
        with pytest.raises(InputError, match=r'txt/a\.XML, .*txt/a\.txt: are for one image'):
            DATASETS.build(config(data, 'txt'))

    def test_two_images_of_one_name(self, data):
        content = json.loads((data / write_coco(data)).read_bytes())
        content['images'][1]['file_name'] = 'val\\a.png'
        (data / 'boxes.json').write_text(json.dumps(content))
        with pytest.raises(InputError, match=r'has several images a\.\*'):
            DATASETS.build(config(data, 'boxes.json'))

    def test_of_the_config(self, data):
        with pytest.raises(InputError, match='has no class dog'):
            DATASETS.build(config(data, write_csv(data), class_names=dict(cat='dog')))


class TestCheck:
    def test_counts_and_warnings(self, data):
        found = check_dataset(config(data, write_yolo(data)), workers=1)
        assert found.boxes == {0: 2, 1: 1}
        assert found.warnings == ['2 of 4 pairs have no box.']
        assert not found.problems

    def test_problems_of_each_image(self, data):
        write_yolo(data)
        (data / 'txt/a.txt').write_text('0 0.5 0.5 0.9 1.4\n')
        (data / 'txt/b.txt').write_text('5 0.5 0.5 0.1 0.1\n')
        (data / 'txt/c.txt').write_text('0 1.5 0.5 0.1 0.1\n')
        (data / 'vis/d.png').write_bytes(b'')
        found = check_dataset(config(data, 'txt'), workers=1)
        for problem, part in zip(found.problems, ('boxes of 5', 'empty', 'd.png'), strict=True):
            assert part in problem
        assert '1 box(es) reach more than 2 pixels outside' in ' '.join(found.warnings)
        assert 'car: no box has this class.' in found.warnings

    def test_boxes_of_no_image_in_any_part(self, data):
        write_yolo(data)
        (data / 'txt/zebra.txt').write_text('0 0.5 0.5 0.1 0.1\n')
        (data / 'train.txt').write_text('a\n')
        parts = [config(data, 'txt', ann_file='train.txt'), config(data, 'txt')]
        found = {str(n): check_dataset(part, workers=1) for n, part in enumerate(parts)}
        _judge_box_files(found)
        (problem,) = found['0'].problems
        assert problem.endswith('txt: has boxes of 1 image(s) that are not there: zebra')
        assert not found['1'].problems
