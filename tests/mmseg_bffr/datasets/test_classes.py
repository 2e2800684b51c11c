"""Any classes: selected by name, replaced, shifted by one, removed; and wrapped data sets."""

import numpy as np
import pytest
from mmengine.config import Config
from mmseg.datasets import BaseSegDataset
from mmseg.utils import voc_palette
from PIL import Image

from bffr.errors import InputError
from bffr.images.image_io import read_image, write_png
from mmseg_bffr.apis.check_data import check_dataset
from mmseg_bffr.datasets import MFNetDataset, PairDataset
from mmseg_bffr.datasets.dataset_configs import class_metainfo
from mmseg_bffr.datasets.pair_dataset import voc_colours

STEPS = [dict(type='LoadPair'), dict(type='LoadLabels')]
PREFIX = dict(img_path='vis', ir_path='ir', seg_map_path='labels')
OWN = dict(classes=('road', 'vehicle', 'human'), palette=[[1, 2, 3], [4, 5, 6], [7, 8, 9]])


@pytest.fixture
def three(pairs):
    """The pairs with labels 0, 1, 2 and 255."""
    for name in 'abcd':
        labels = read_image(pairs / f'labels/{name}.png') % 3
        labels[0] = 255
        write_png(pairs / f'labels/{name}.png', labels)
    return pairs


def pair_data(root, **kwargs):
    kwargs = {'metainfo': OWN, 'data_prefix': PREFIX, 'ann_file': 'train.txt', **kwargs}
    return PairDataset(data_root=str(root), pipeline=STEPS, **kwargs)


def stored_and_learnt(root, data):
    return read_image(root / 'labels/a.png'), data[0]['gt_seg_map']


@pytest.mark.parametrize('kind', [PairDataset, MFNetDataset])
def test_unknown_names_replace_the_list(three, kind, logged):
    data = kind(data_root=str(three), ann_file='train.txt', metainfo=OWN, data_prefix=PREFIX,
                pipeline=STEPS)  # fmt: skip
    stored, learnt = stored_and_learnt(three, data)
    np.testing.assert_array_equal(learnt, stored)
    assert data.metainfo['classes'] == OWN['classes']
    assert data.metainfo['palette'] == OWN['palette']
    told = any('road, vehicle, human: not among' in message for message in logged)
    assert told == (kind is MFNetDataset)  # which has other classes


def test_labels_beyond_own_classes_are_refused(pairs):
    with pytest.raises(InputError, match=r'a\.png: has label\(s\) 3, .*; the classes are 0\.\.2'):
        pair_data(pairs)[0]


def test_negative_labels_are_refused(three):
    labels = read_image(three / 'labels/a.png').astype(np.int32)
    labels[1, :2] = -1, -250
    (three / 'labels/a.png').unlink()
    Image.fromarray(labels).save(three / 'labels/a.tif')
    with pytest.raises(InputError, match=r'a\.tif: has label\(s\) -250, -1; the classes are'):
        pair_data(three)[0]


@pytest.mark.parametrize('names', [('person', 'bike'), ('bike', 'unlabeled', 'person')])
def test_known_names_select(pairs, names):
    data = MFNetDataset(str(pairs), 'train.txt', metainfo=dict(classes=names), pipeline=STEPS)
    stored, learnt = stored_and_learnt(pairs, data)
    all_names, colours = MFNetDataset.METAINFO['classes'], MFNetDataset.METAINFO['palette']
    expected = np.full_like(stored, 255)
    for label, name in enumerate(names):
        expected[stored == all_names.index(name)] = label
    np.testing.assert_array_equal(learnt, expected)
    assert data.metainfo['palette'] == [colours[all_names.index(name)] for name in names]


def test_all_names_in_another_order_take_their_colours_along(pairs):
    names = MFNetDataset.METAINFO['classes'][::-1]
    data = MFNetDataset(str(pairs), 'train.txt', metainfo=dict(classes=names), pipeline=STEPS)
    stored, learnt = stored_and_learnt(pairs, data)
    np.testing.assert_array_equal(learnt, 8 - stored)
    assert data.metainfo['palette'] == MFNetDataset.METAINFO['palette'][::-1]


@pytest.mark.parametrize('ignore', [False, True])
def test_selected_classes_can_be_removed(pairs, ignore):
    data = MFNetDataset(
        str(pairs), 'train.txt', metainfo=dict(classes=('unlabeled', 'person', 'bike')),
        removed_classes=['person'], ignore_removed=ignore, pipeline=STEPS,
    )  # fmt: skip
    stored, learnt = stored_and_learnt(pairs, data)
    expected = np.full_like(stored, 255)
    expected[stored == 0], expected[stored == 3] = 0, 2
    expected[stored == 2] = 255 if ignore else 0
    np.testing.assert_array_equal(learnt, expected)


def test_own_classes_can_be_removed(three):
    stored, learnt = stored_and_learnt(three, pair_data(three, removed_classes=['human']))
    np.testing.assert_array_equal(learnt, np.where(stored == 2, 0, stored))
    with pytest.raises(InputError, match='person cannot be removed; choose from vehicle, human'):
        pair_data(three, removed_classes=['person'])


def test_reduce_zero_label(three):
    labels = read_image(three / 'labels/a.png')
    labels[1, :4] = 3
    write_png(three / 'labels/a.png', labels)
    stored, learnt = stored_and_learnt(three, pair_data(three, reduce_zero_label=True))
    expected = stored.astype(int) - 1
    expected[(stored == 0) | (stored == 255)] = 255
    np.testing.assert_array_equal(learnt, expected)
    labels[0, 0] = 4
    write_png(three / 'labels/a.png', labels)
    with pytest.raises(InputError, match=r'label\(s\) 4; the classes are 1\.\.3, and 0 and 255'):
        pair_data(three, reduce_zero_label=True)[0]


def test_palette(three):
    assert np.shape(pair_data(three, metainfo=dict(classes=list('abc'))).metainfo['palette']) == (
        3, 3,
    )  # fmt: skip
    with pytest.raises(InputError, match=r'2 colours for 3 classes \(a, b, c\)'):
        pair_data(three, metainfo=dict(classes=list('abc'), palette=[[0, 0, 0], [1, 1, 1]]))


@pytest.mark.parametrize(('first', 'start'), [('Background', 0), ('road', 1)])
def test_a_palette_that_is_not_given_is_that_of_voc(three, first, start):
    names = (first, *map(str, range(19)))
    palette = pair_data(three, metainfo=dict(classes=names)).metainfo['palette']
    assert palette == voc_palette()[start : start + 20]
    assert len({tuple(c) for c in voc_colours([str(k) for k in range(200)])}) == 200


def test_labels_without_classes_are_refused(three):
    with pytest.raises(InputError, match='metainfo: has no classes'):
        pair_data(three, metainfo=None)


class TestCheckDataset:
    def config(self, root, **kwargs):
        return dict(type='PairDataset', data_root=str(root), data_prefix=PREFIX, metainfo=OWN,
                    pipeline=STEPS, **kwargs)  # fmt: skip

    def test_wrapped(self, three):
        (three / 'val.txt').write_text('b\n')
        one = self.config(three, ann_file='train.txt')
        repeated = dict(type='RepeatDataset', times=5, dataset=one)
        both = dict(type='ConcatDataset', datasets=[repeated, dict(one, ann_file='val.txt')])
        found = check_dataset(both, workers=1)
        assert (found.pairs, found.problems) == (3, [])
        expected = np.concatenate([read_image(three / f'labels/{n}.png').ravel() for n in 'acb'])
        assert found.pixels == {k: (expected == k).sum() for k in (0, 1, 2, 255)}
        problems = check_dataset(both, min_size=13, workers=1).problems
        assert len(problems) == 3
        assert 'vis/a.png: has 16x12 pixels; the network needs 13x13.' in problems[0]
        (three / 'labels/b.png').write_bytes(b'')
        (three / 'train.txt').write_text('a\nx\n')
        problems = check_dataset(both, workers=1).problems
        assert len(problems) == 2
        assert 'x' in problems[0]
        assert 'b.png' in problems[1]

    def test_mmsegmentations_own_data_set_and_loaders(self, pairs):
        config = dict(
            type='BaseSegDataset', data_root=str(pairs), img_suffix='.png', metainfo=OWN,
            data_prefix=dict(img_path='vis', seg_map_path='labels'), ann_file='train.txt',
            pipeline=[dict(type='LoadImageFromFile'), dict(type='LoadAnnotations')],
        )  # fmt: skip
        problems = check_dataset(config, workers=1).problems
        assert len(problems) == 2
        assert 'has label(s) 3' in problems[0]
        config['metainfo'] = dict(classes=[f'class {k}' for k in range(9)])
        found = check_dataset(config, workers=1)
        assert not found.problems
        assert sorted(found.pixels) == list(range(9))


def test_classes_of_a_config(tmp_path):
    def part(**dataset):
        return dict(dataset=dict(data_root=str(tmp_path / 'nowhere'), pipeline=STEPS, **dataset))

    unlabelled = part(type='FusionDataset')
    own = part(type='PairDataset', metainfo=OWN)
    wrapped = dict(dataset=dict(type='RepeatDataset', times=2, dataset=own['dataset']))
    for train in (own, wrapped):
        cfg = Config(dict(train_dataloader=train, test_dataloader=unlabelled))
        assert class_metainfo(cfg) == OWN
    mfnet = part(type='MFNetDataset', ann_file='test.txt')
    cfg = Config(dict(train_dataloader=unlabelled, test_dataloader=mfnet))
    assert class_metainfo(cfg) == MFNetDataset.METAINFO
    assert not class_metainfo(Config(dict(test_dataloader=unlabelled)))['classes']
    assert BaseSegDataset.METAINFO == {}
