"""Training and testing detectors, from their command lines."""

import csv
import json
import math
from statistics import mean

import pytest
import torch

from bffr.images.image_io import read_image
from bffr.images.splits import read_split
from mmseg_bffr.checkpoints import load_from_file
from tests.command_lines import trained
from tests.mmseg_bffr.engine.states import assert_identical, losses


@pytest.fixture(scope='module')
def joint(tiny_detector, run_tool, tmp_path_factory):
    return trained(run_tool, tmp_path_factory.mktemp('joint'), 'train', tiny_detector)


@pytest.fixture(scope='module')
def alone(tiny_detector, tmp_path_factory):
    """A config without a fuser, of infrared images."""
    config = tmp_path_factory.mktemp('alone') / 'alone.py'
    images = "dict(dataset=dict(data_prefix=dict(img_path='', ir_path='ir')))"
    parts = 'data_preprocessor', 'backbone', 'neck', 'detector'
    same = ', '.join(f'{part}={{{{_base_.model.{part}}}}}' for part in parts)
    config.write_text(
        f'_base_ = {str(tiny_detector)!r}\n'
        f"model = dict(_delete_=True, type='Detector', {same})\n"
        f'train_dataloader = val_dataloader = test_dataloader = {images}\n'
        "custom_hooks = [dict(type='ProgressBarHook')]\n"
    )
    return config


class TestTraining:
    def test_learns_from_boxes_and_correlation_and_validates(self, joint):
        assert 'loss_classification' in joint.log
        assert 'loss_reg' in joint.log
        assert 'Average precision of boxes' in joint.log
        assert 'AP50' in joint.log
        assert list((joint.folder / 'fusion_result/2').glob('*.png'))

    def test_resumed_is_as_if_uninterrupted(self, tiny_detector, run_tool, tmp_path):
        options = 'default_hooks.checkpoint.interval=1', 'log_processor.num_digits=20'
        words = ['train', tiny_detector, '--seed', 3, '--no-validate', '--cfg-options', *options]
        for folder, ends in (('whole', [4]), ('parts', [1, 2, 4])):
            for end in ends:
                last = f'train_cfg.max_iters={end}'
                where = '--work-dir', tmp_path / folder, '--auto-resume'
                assert run_tool(*words[:5], *where, *words[5:], last) is None
        assert_identical(tmp_path / 'whole/iter_4.pth', tmp_path / 'parts/iter_4.pth')
        assert losses(tmp_path / 'whole') == losses(tmp_path / 'parts')

    @pytest.mark.parametrize('frozen', [False, True])
    def test_what_learns(self, tiny_detector, run_tool, tmp_path, frozen):
        words = ['train', tiny_detector, '--work-dir', tmp_path, '--seed', 0, '--cfg-options']
        options = 'default_hooks.checkpoint.interval=1', f'model.frozen_fuser={frozen}'
        assert run_tool(*words, *options) is None
        one, two = (load_from_file(tmp_path / f'iter_{n}.pth', 'cpu')['state_dict'] for n in (1, 2))
        changed = {name.partition('.')[0] for name in one if not torch.equal(one[name], two[name])}
        assert changed == ({'detector'} if frozen else {'detector', 'fuser'})

    def test_in_mixed_precision(self, tiny_detector, run_tool, tmp_path):
        words = 'train', tiny_detector, '--work-dir', tmp_path, '--amp', '--seed', 0
        assert run_tool(*words) is None

    def test_another_number_of_classes_is_refused(self, tiny_detector, tool, tmp_path):
        options = '--cfg-options', 'model.detector.num_classes=7'
        run = tool('train', tiny_detector, '--work-dir', tmp_path, *options)
        assert run.status == 1
        assert 'model.detector.num_classes: is 7, but the data has 3 classes' in run.error


class TestTesting:
    @pytest.fixture(scope='class')
    def tested(self, tiny_detector, joint, run_tool, tmp_path_factory):
        folder = tmp_path_factory.mktemp('tested')
        where = '--work-dir', folder, '--show-dir', folder / 'shown'
        words = 'test', tiny_detector, joint.checkpoint, '--eval', 'bbox', *where
        assert run_tool(*words) is None
        return folder

    def test_numbers(self, tested):
        (file,) = tested.glob('eval_*.json')
        found = json.loads(file.read_text())
        assert {'AP', 'AP50', 'AP75', 'AP_small', 'AP_medium', 'AP_large', 'boxes'} <= set(found)
        for part in ('day', 'night', 'person', 'car', 'bike'):
            assert set(found[part]) >= {'AP', 'AP50', 'boxes'}
        assert found['boxes'] == found['day']['boxes'] + found['night']['boxes'] > 0
        assert set(found['night']) >= {'person.AP50', 'car.boxes'}

    def test_pictures(self, tested, synthetic):
        for name in read_split(synthetic / 'test.txt'):
            shown = read_image(tested / f'shown/{name}.png')
            assert shown.shape == (48, 64, 3)
            assert (shown == read_image(synthetic / f'vis/{name}.png')).all(2).mean() < 0.3
        assert read_image(tested / 'precision_recall.png').size

    def test_of_one_kind_of_image(self, alone, run_tool, tmp_path, synthetic):
        run = trained(run_tool, tmp_path / 'run', 'train', alone)
        shown = tmp_path / 'shown'
        words = 'test', alone, run.checkpoint, '--eval', 'bbox', '--show-dir', shown
        assert run_tool(*words) is None
        name = read_split(synthetic / 'test.txt')[0]
        drawn, below = (read_image(folder / f'{name}.png') for folder in (shown, synthetic / 'ir'))
        assert (drawn == below[..., None]).all(2).mean() > 0.3

    def test_the_fuser_alone(self, tiny_detector, joint, run_tool, tmp_path):
        words = 'test-fusion', tiny_detector, joint.checkpoint, '--show-dir', tmp_path / 'fused'
        assert run_tool(*words, '--work-dir', tmp_path) is None
        assert len(list((tmp_path / 'fused').iterdir())) == 2

    @pytest.mark.parametrize(
        ('words', 'status', 'sentence'),
        [
            (['--eval', 'mIoU'], 1, '--eval mIoU: for a detector, choose bbox'),
            (['--out', 'maps.pkl'], 2, '--out is for label maps, which a detector does not make'),
            (['--aug-test'], 2, '--aug-test is for label maps, which a detector does not make'),
            (['--opacity', '0.5'], 2, '--opacity is for label maps'),
            (['--confusion', 'm.png'], 2, '--confusion is for label maps'),
        ],
    )
    def test_what_a_detector_has_not(self, tiny_detector, joint, tool, words, status, sentence):
        run = tool('test', tiny_detector, joint.checkpoint, *words)
        assert (run.status, sentence in run.error) == (status, True), run.error

    def test_a_segmenter_has_no_boxes(self, tiny_configs, joint, tool):
        run = tool('test', tiny_configs[1], joint.checkpoint, '--eval', 'bbox')
        assert '--eval bbox: choose from mIoU' in run.error

    def test_a_checkpoint_of_other_classes_is_refused(self, tiny_detector, joint, tool, tmp_path):
        config = tmp_path / 'other.py'
        swapped = "dict(dataset=dict(metainfo=dict(classes=('person', 'car', 'bike'))))"
        parts = ' = '.join(f'{part}_dataloader' for part in ('train', 'val', 'test'))
        config.write_text(f'_base_ = {str(tiny_detector)!r}\n{parts} = {swapped}\n')
        run = tool('test', config, joint.checkpoint, '--eval', 'bbox')
        assert 'was trained on the classes car, person, bike' in run.error


class TestDownstream:
    @pytest.fixture
    def compare(self, alone, tool, synthetic, tmp_path):
        def compare(images, *words):
            where = '--work-dir', tmp_path / 'runs', '--out', tmp_path / 'table.csv'
            fused = f'Mine={images.format(synthetic)}'
            return tool('downstream', '--fused', fused, '--data', alone, *where, *words)

        return compare

    @pytest.mark.parametrize('images', ['{0}/vis', '{0}/vis,{0}/ir'])
    def test_table_over_seeds(self, compare, run_tool, tmp_path, images):
        run = compare(images, '--task', 'detection', '--seeds', 0, 1)
        assert run.error is None
        with open(tmp_path / 'table.csv', newline='') as file:
            rows = {row['part']: row for row in csv.DictReader(file)}
        (folder,) = (tmp_path / 'runs').glob('*/Mine-*')
        found = []
        for seed in (0, 1):
            checkpoint = folder / f'seed_{seed}/iter_2.pth'
            words = 'test', folder / 'config.py', checkpoint, '--eval', 'bbox', '--work-dir'
            assert run_tool(*words, tmp_path / str(seed)) is None
            (file,) = (tmp_path / str(seed)).glob('eval_*.json')
            found.append(json.loads(file.read_text()))
        values = [('all', 'AP', '', 'AP'), ('night', 'car', 'night', 'car.AP50')]
        values += [(part, 'boxes', part.removeprefix('all'), 'boxes') for part in rows]
        for part, column, group, key in values:
            expected = mean((seed[group] if group else seed)[key] for seed in found)
            assert float(rows[part][column]) == pytest.approx(expected, abs=0.01)
        assert 'Iter(train)' not in compare(images, '--task', 'detection', '--seeds', 1).log

    def test_other_boxes(self, compare, synthetic, tmp_path):
        rows = (synthetic / 'boxes.csv').read_text().splitlines(keepends=True)
        name = read_split(synthetic / 'test.txt')[0]
        kept = [row for row in rows if not row.startswith(f'{name},')]
        (tmp_path / 'other.csv').write_text(''.join(kept))
        run = compare('{0}/vis', '--task', 'detection', '--boxes', f'other={tmp_path}/other.csv')
        assert run.error is None
        with open(tmp_path / 'table.csv', newline='') as file:
            boxes = {row['part']: float(row['boxes']) for row in csv.DictReader(file)}
        gone = len(rows) - len(kept)
        assert gone > 0
        assert boxes['all, other boxes'] == boxes['all'] - gone

    def test_mistakes(self, compare, tmp_path):
        run = compare('{0}/vis', '--task', 'detection', '--boxes', f'a={tmp_path}/none.csv')
        assert 'none.csv: ' in run.error
        assert 'Iter(train)' not in run.log
        assert 'is for detection; give --task detection' in compare('{0}/vis').error


def test_undefined_numbers_are_null(tiny_detector, joint, run_tool, tmp_path):
    one = '--cfg-options', 'test_dataloader.dataset.indices=1'
    words = 'test', tiny_detector, joint.checkpoint, '--eval', 'bbox', '--work-dir', tmp_path
    assert run_tool(*words, *one) is None
    (file,) = tmp_path.glob('eval_*.json')
    found = json.loads(file.read_text(), parse_constant=lambda text: pytest.fail(text))
    assert 'day' not in found
    assert found['AP_large'] is None
    assert not math.isnan(found['AP'])
