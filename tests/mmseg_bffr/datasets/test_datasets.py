"""The two data sets: what they list, load, and refuse."""

import shutil

import cv2
import numpy as np
import pytest

from bffr.errors import InputError
from bffr.images.image_io import read_image, write_png
from mmseg_bffr.datasets import FusionDataset, MFNetDataset

PIPELINE = [dict(type='LoadPair'), dict(type='LoadLabels')]


def load(dataset):
    return [dataset[index] for index in range(len(dataset))]


def mfnet(root, ann_file='train.txt', **kwargs):
    return MFNetDataset(data_root=str(root), ann_file=ann_file, pipeline=PIPELINE, **kwargs)


@pytest.fixture
def original(pairs, tmp_path_factory):
    """The same pairs in MFNet's own layout, with `_flip` names in the split."""
    root = tmp_path_factory.mktemp('mfnet')
    for name in 'abcd':
        image = [read_image(pairs / folder / f'{name}.png') for folder in ('vis', 'ir')]
        write_png(root / f'images/{name}.png', np.dstack(image))
        write_png(root / f'labels/{name}.png', read_image(pairs / f'labels/{name}.png'))
    (root / 'train.txt').write_text('a\nc\na_flip\nc_flip\n')
    return root


class TestFusionDataset:
    def test_two_folders_with_free_extensions(self, pairs):
        image = read_image(pairs / 'ir/b.png')
        (pairs / 'ir/b.png').unlink()
        (pairs / 'ir/b.bmp').write_bytes(cv2.imencode('.bmp', image)[1].tobytes())
        dataset = FusionDataset(data_root=str(pairs), pipeline=PIPELINE[:1])
        samples = load(dataset)
        assert [sample['img_path'][-5:] for sample in samples] == [f'{n}.png' for n in 'abcd']
        np.testing.assert_array_equal(samples[1]['img'][..., 3], image)

    def test_split_file(self, pairs):
        (pairs / 'vis/extra.png').write_bytes(b'')
        dataset = FusionDataset(data_root=str(pairs), ann_file='train.txt', pipeline=PIPELINE[:1])
        assert len(dataset) == 2

    def test_split_file_with_unknown_names(self, pairs):
        (pairs / 'train.txt').write_text('a\nx\ny\n')
        with pytest.raises(InputError, match=r'vis: has no image for 2 name\(s\): x, y'):
            FusionDataset(data_root=str(pairs), ann_file='train.txt', pipeline=[])

    def test_missing_counterpart(self, pairs):
        (pairs / 'ir/c.png').unlink()
        with pytest.raises(InputError, match=r'ir: has no image for 1 name\(s\): c'):
            FusionDataset(data_root=str(pairs), pipeline=[])

    def test_pair_of_two_sizes(self, pairs):
        write_png(pairs / 'ir/b.png', np.zeros((10, 16), np.uint8))
        dataset = FusionDataset(data_root=str(pairs), pipeline=PIPELINE[:1])
        with pytest.raises(InputError, match=r'b\.png.* visible .* 16x12 .* infrared .* 16x10'):
            dataset[1]


class TestMFNetDataset:
    def test_own_layout(self, pairs):
        samples = load(mfnet(pairs))
        assert len(samples) == 2
        for name, sample in zip('ac', samples, strict=True):
            image = sample['img']
            assert image.shape == (12, 16, 4)
            np.testing.assert_array_equal(image[..., :3], read_image(pairs / f'vis/{name}.png'))
            np.testing.assert_array_equal(image[..., 3], read_image(pairs / f'ir/{name}.png'))
            labels = read_image(pairs / f'labels/{name}.png')
            np.testing.assert_array_equal(sample['gt_seg_map'], labels)

    def test_original_layout_gives_the_same_samples(self, pairs, original, logged):
        for ours, theirs in zip(load(mfnet(pairs)), load(mfnet(original)), strict=True):
            np.testing.assert_array_equal(ours['img'], theirs['img'])
            np.testing.assert_array_equal(ours['gt_seg_map'], theirs['gt_seg_map'])
        assert any('2 mirrored copies' in message for message in logged)

    def test_mirrored_copies_are_used_where_they_exist(self, original):
        for folder in ('images', 'labels'):
            image = read_image(original / f'{folder}/a.png')
            write_png(original / f'{folder}/a_flip.png', np.fliplr(image).copy())
        samples = load(mfnet(original))
        assert len(samples) == 3
        np.testing.assert_array_equal(samples[2]['img'], samples[0]['img'][:, ::-1])

    def test_mirrored_copies_must_exist_in_the_own_layout(self, pairs):
        (pairs / 'train.txt').write_text('a\na_flip\n')
        with pytest.raises(InputError, match=r'vis: has no image for 1 name\(s\): a_flip'):
            mfnet(pairs)

    def test_original_layout_with_an_image_missing(self, original):
        (original / 'images/c.png').unlink()
        with pytest.raises(InputError, match=r'images: has no image for 1 name\(s\): c'):
            mfnet(original)

    def test_original_layout_with_three_channels(self, original):
        write_png(original / 'images/a.png', np.zeros((12, 16, 3), np.uint8))
        with pytest.raises(InputError, match=r'a\.png: is not an 8-bit image with 4 channels'):
            mfnet(original)[0]

    @pytest.mark.parametrize('key', ['img_path', 'ir_path'])
    def test_one_modality_is_read_as_in_a_pair(self, pairs, key):
        infrared = np.linspace(29000, 29600, 12 * 16).reshape(12, 16).astype(np.uint16)
        write_png(pairs / 'ir/a.png', infrared)
        prefix = dict(img_path='vis', ir_path='ir', seg_map_path='labels')
        pair, labels = (mfnet(pairs)[0][name] for name in ('img', 'gt_seg_map'))
        prefix[{'img_path': 'ir_path', 'ir_path': 'img_path'}[key]] = ''
        sample = mfnet(pairs, data_prefix=prefix)[0]
        expected = pair[..., :3] if key == 'img_path' else np.dstack([pair[..., 3]] * 3)
        np.testing.assert_array_equal(sample['img'], expected)
        np.testing.assert_array_equal(sample['gt_seg_map'], labels)
        assert np.ptp(pair[..., 3]) == 255

    def test_one_modality_of_a_cut_file(self, pairs):
        whole = (pairs / 'ir/a.png').read_bytes()
        (pairs / 'ir/a.png').write_bytes(whole[: len(whole) // 2])
        prefix = dict(img_path='', ir_path='ir', seg_map_path='labels')
        with pytest.raises(InputError, match=r'a\.png: is empty, damaged or not an image'):
            mfnet(pairs, data_prefix=prefix)[0]

    def test_one_modality_is_never_taken_from_both_in_one_file(self, original):
        prefix = dict(img_path='ir', ir_path='', seg_map_path='labels')
        with pytest.raises(InputError, match='both modalities in one file'):
            mfnet(original, data_prefix=prefix)

    @pytest.mark.parametrize('folder', ['vis', 'ir', 'labels'])
    def test_missing_image(self, pairs, folder):
        (pairs / folder / 'c.png').unlink()
        with pytest.raises(InputError, match=rf'{folder}: has no image for 1 name\(s\): c'):
            mfnet(pairs)

    def test_missing_images_of_all_folders_are_one_sentence(self, pairs):
        (pairs / 'train.txt').write_text('x\ny\n')
        sentence = ' '.join(rf'.*{name}: has .* 2 .*: x, y;' for name in ('vis', 'ir', 'labels'))
        with pytest.raises(InputError, match=sentence.rstrip(';')):
            mfnet(pairs)

    def test_names_beyond_ascii_and_links(self, pairs, tmp_path_factory):
        root = tmp_path_factory.mktemp('odd')
        folder = shutil.copytree(pairs, root / 'Bilder – für alle 红外/a b')
        (root / 'link').symlink_to(folder)
        (folder / 'vis/x y ü.png').symlink_to(folder / 'vis/a.png')
        for name in ('ir', 'labels'):
            shutil.copy(folder / name / 'a.png', folder / name / 'x y ü.png')
        (folder / 'odd.txt').write_text('x y ü\na\n', encoding='utf-8')
        odd, plain = load(mfnet(root / 'link', 'odd.txt'))
        assert odd['img_path'].endswith('x y ü.png')
        np.testing.assert_array_equal(odd['img'], plain['img'])

    def test_missing_folder_and_split(self, pairs):
        with pytest.raises(InputError, match='is not a folder of images'):
            mfnet(pairs, data_prefix=dict(img_path='rgb', ir_path='ir', seg_map_path='labels'))
        with pytest.raises(InputError, match=r'none\.txt: cannot be read'):
            mfnet(pairs, 'none.txt')


class TestRemovedClasses:
    def labels(self, pairs, **kwargs):
        stored = read_image(pairs / 'labels/a.png')
        return stored, mfnet(pairs, **kwargs)[0]['gt_seg_map']

    @pytest.mark.parametrize(('ignore', 'label'), [(False, 0), (True, 255)])
    def test_become_unlabeled_or_ignored(self, pairs, ignore, label):
        stored, labels = self.labels(
            pairs, removed_classes=('person', 'car'), ignore_removed=ignore
        )
        removed = np.isin(stored, [1, 2])
        assert removed.any()
        assert (labels[removed] == label).all()
        np.testing.assert_array_equal(labels[~removed], stored[~removed])

    @pytest.mark.parametrize('name', ['tree', 'unlabeled', 'Person'])
    def test_unknown_name(self, pairs, name):
        with pytest.raises(InputError, match=f'{name} cannot be removed; choose from car, person'):
            mfnet(pairs, removed_classes=('car', name))


class TestWrongLabels:
    def test_values_beyond_the_classes_are_listed(self, pairs):
        labels = np.zeros((12, 16), np.uint8)
        labels[0, :4] = 9, 254, 255, 8
        write_png(pairs / 'labels/a.png', labels)
        with pytest.raises(
            InputError, match=r'a\.png: has label\(s\) 9, 254; the classes are 0\.\.8'
        ):
            mfnet(pairs)[0]

    def test_values_of_16_bit(self, pairs):
        write_png(pairs / 'labels/a.png', np.full((12, 16), 300, np.uint16))
        with pytest.raises(InputError, match=r'labels/a\.png: has label\(s\) 300;'):
            mfnet(pairs)[0]

    def test_ignore_index_is_allowed(self, pairs):
        write_png(pairs / 'labels/a.png', np.full((12, 16), 255, np.uint8))
        assert (mfnet(pairs)[0]['gt_seg_map'] == 255).all()

    def test_size_of_another_image(self, pairs):
        write_png(pairs / 'labels/a.png', np.zeros((16, 12), np.uint8))
        with pytest.raises(InputError, match=r'a\.png: has 12x16 pixels, its image 16x12'):
            mfnet(pairs)[0]
