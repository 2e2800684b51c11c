"""Fusing and segmenting test sets and folders, from their command lines."""

import csv
import json
import math
import pickle
import re
import shutil

import cv2
import numpy as np
import pytest
import torch

from bffr.images.image_io import read_image, write_png
from bffr.images.splits import read_split
from bffr.version import __version__
from mmseg_bffr.apis import fuse, init_model, segment
from mmseg_bffr.datasets import MFNetDataset
from mmseg_bffr.models import FuserSegmenter
from tests.command_lines import pictures

CLASSES = MFNetDataset.METAINFO['classes']
PALETTE = np.array(MFNetDataset.METAINFO['palette'], np.uint8)


@pytest.fixture(scope='module')
def names(synthetic):
    return read_split(synthetic / 'test.txt')


def pair(synthetic, name):
    return synthetic / f'vis/{name}.png', synthetic / f'ir/{name}.png'


def fusion_metrics(synthetic, folder, name):
    """Entropy, deviation and error of a written image, by their formulas."""
    images = map(read_image, (folder / f'{name}.png', *pair(synthetic, name)))
    fused, visible, infrared = (
        (image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)).astype(float)
        for image in images
    )
    shares = np.bincount(fused.astype(int).ravel()) / fused.size
    errors = [((fused - source) ** 2).mean() / 255**2 for source in (visible, infrared)]
    return {
        'EN': -sum(share * math.log2(share) for share in shares if share),
        'SD': fused.std(),
        'MSE': sum(errors) / 2,
    }


def segmentation_metrics(label_maps, truths):
    """Percentages over all pixels; None for a class that is nowhere."""
    labels, truth = (np.concatenate([image.ravel() for image in x]) for x in (label_maps, truths))
    found = {'IoU': [], 'Acc': [], 'Dice': []}
    for label in range(9):
        one, other = labels == label, truth == label
        both, either = (one & other).sum(), (one | other).sum()
        found['IoU'].append(100 * both / either if either else None)
        found['Dice'].append(200 * both / (one.sum() + other.sum()) if either else None)
        found['Acc'].append(100 * both / other.sum() if other.any() else None)
    means = {
        f'm{name}': np.mean([x for x in values if x is not None]) for name, values in found.items()
    }
    of_classes = {name: dict(zip(CLASSES, values, strict=True)) for name, values in found.items()}
    return {'aAcc': 100 * (labels == truth).mean(), **means, **of_classes}


def assert_percentages(metrics, names, expected):
    assert set(metrics) == names | {'protocol', 'images', 'version'}
    for name in names:
        nested = isinstance(metrics[name], dict)
        for value, right in zip(
            *(x[name].values() if nested else [x[name]] for x in (metrics, expected)), strict=True
        ):
            assert value is None if right is None else value == pytest.approx(right, abs=0.01)


class TestFusion:
    def test_writes_what_the_api_returns_and_the_metrics(
        self, tool, tiny_configs, trained_fuser, synthetic, names, tmp_path
    ):
        run = tool(
            'test_fusion.py', tiny_configs[0], trained_fuser.checkpoint, '--work-dir',
            tmp_path, '--eval', 'EN', 'SD', 'MSE', '--out', tmp_path / 'metrics.json',
        )  # fmt: skip
        assert run.error is None
        assert '100%' in run.messages  # the progress bar
        expected = [fusion_metrics(synthetic, tmp_path / 'test_result', name) for name in names]
        written = json.loads((tmp_path / 'metrics.json').read_text())
        for metric in ('EN', 'SD', 'MSE'):
            mean = np.mean([values[metric] for values in expected])
            logged = re.search(rf' {metric}: (\S+)', run.log)[1]
            assert float(logged) == pytest.approx(mean, abs=1e-4)
            assert written['summary']['fused'][metric]['mean'] == pytest.approx(mean)
        assert pictures(tmp_path / 'test_result') == sorted(f'{name}.png' for name in names)
        model = init_model(tiny_configs[0], trained_fuser.checkpoint)
        for name in names:
            saved = read_image(tmp_path / f'test_result/{name}.png').astype(int)
            assert np.abs(saved - fuse(model, *pair(synthetic, name))).max() <= 1

    def test_show_dir_and_joint_checkpoint_in_whole_images_unstretched(
        self, tool, tiny_configs, trained_joint, synthetic, names, tmp_path
    ):
        run = tool(
            'test_fusion.py', tiny_configs[1], trained_joint.checkpoint, '--work-dir', tmp_path,
            '--show-dir', tmp_path / 'shown', '--no-stretch', '--eval', 'EN', 'SD', '--out',
            tmp_path / 'metrics.csv',
        )  # fmt: skip
        assert run.error is None
        assert not (tmp_path / 'test_result').exists()
        model = init_model(tiny_configs[1], trained_joint.checkpoint)
        for name in names:
            saved = read_image(tmp_path / f'shown/{name}.png').astype(int)
            assert np.abs(saved - fuse(model, *pair(synthetic, name), stretch=False)).max() <= 1
            assert np.abs(saved - fuse(model, *pair(synthetic, name))).max() > 1
        with open(tmp_path / 'metrics.csv', newline='') as file:
            rows = list(csv.DictReader(file))
        assert [row['image'] for row in rows] == names
        for row in rows:
            expected = fusion_metrics(synthetic, tmp_path / 'shown', row['image'])
            assert float(row['EN']) == pytest.approx(expected['EN'], rel=1e-4)
            assert float(row['SD']) == pytest.approx(expected['SD'], rel=1e-4)

    def test_joint_checkpoint_with_a_fuser_config(
        self, tool, tiny_configs, trained_joint, tmp_path
    ):
        words = ['--work-dir', tmp_path]
        assert (
            tool('test_fusion.py', tiny_configs[0], trained_joint.checkpoint, *words).error is None
        )
        assert len(pictures(tmp_path / 'test_result')) == 2

    def test_two_folders_at_native_size(
        self, tool, tiny_configs, trained_fuser, synthetic, tmp_path
    ):
        (tmp_path / 'ir').mkdir()
        sizes = {'one': (48, 64), 'two': (33, 21), 'three': (40, 50)}
        for (stem, (height, width)), suffix in zip(
            sizes.items(), ('.bmp', '.tif', '.png'), strict=True
        ):
            vis, ir = (read_image(f)[:height, :width] for f in pair(synthetic, '00001N'))
            write_png(tmp_path / f'vis/{stem}.png', np.ascontiguousarray(vis))
            cv2.imwrite(str(tmp_path / f'ir/{stem}{suffix}'), ir)
        run = tool(
            'test_fusion.py', tiny_configs[0], trained_fuser.checkpoint, '--work-dir',
            tmp_path / 'work', '--vis-dir', tmp_path / 'vis', '--ir-dir', tmp_path / 'ir',
        )  # fmt: skip
        assert run.error is None
        shapes = {
            p.stem: read_image(p).shape[:2] for p in (tmp_path / 'work/test_result').iterdir()
        }
        assert shapes == sizes

    def test_data_set_by_cfg_options(self, tool, tiny_configs, trained_fuser, synthetic, tmp_path):
        for folder in ('vis', 'ir', 'labels'):
            (tmp_path / 'data' / folder).mkdir(parents=True)
            shutil.copy(synthetic / folder / '00001N.png', tmp_path / 'data' / folder / 'new.png')
        (tmp_path / 'data/mine.txt').write_text('new\n')
        run = tool(
            'test_fusion.py', tiny_configs[0], trained_fuser.checkpoint, '--work-dir', tmp_path,
            '--cfg-options', f'test_dataloader.dataset.data_root={tmp_path / "data"}',
            'test_dataloader.dataset.ann_file=mine.txt',
        )  # fmt: skip
        assert run.error is None
        assert pictures(tmp_path / 'test_result') == ['new.png']


class TestSegmentation:
    def test_metrics_and_painted_labels(
        self, tool, tiny_configs, trained_joint, synthetic, names, tmp_path
    ):
        run = tool(
            'test_fuser_segmenter.py', tiny_configs[1], trained_joint.checkpoint,
            '--work-dir', tmp_path, '--eval', 'mIoU', '--show-dir', tmp_path / 'shown',
        )  # fmt: skip
        assert run.error is None
        assert re.search(r'\|\s+color_cone\s+\|', run.log)
        (file,) = tmp_path.glob('eval_*.json')
        model = init_model(tiny_configs[1], trained_joint.checkpoint)
        assert pictures(tmp_path / 'shown') == sorted(f'{name}.png' for name in names)
        label_maps = []
        for name in names:
            labels = segment(model, *pair(synthetic, name))
            painted = read_image(tmp_path / f'shown/{name}.png')
            np.testing.assert_array_equal(painted, PALETTE[labels][..., ::-1])
            label_maps.append(labels)
        truths = [read_image(synthetic / f'labels/{name}.png') for name in names]
        expected = segmentation_metrics(label_maps, truths)
        metrics = json.loads(file.read_text())
        assert (metrics['images'], metrics['version']) == (len(names), __version__)
        assert_percentages(metrics, {'aAcc', 'mIoU', 'mAcc', 'IoU', 'Acc'}, expected)

    def test_confusion_by_day_and_by_night(
        self, tool, tiny_configs, trained_joint, synthetic, tmp_path
    ):
        names = read_split(synthetic / 'train.txt')
        words = 'test_fuser_segmenter.py', tiny_configs[1], trained_joint.checkpoint
        option = '--cfg-options', 'test_dataloader.dataset.ann_file=train.txt'
        for file in ('c.csv', 'c.png'):
            out = '--confusion', tmp_path / file, '--out', tmp_path / 'maps.pkl'
            assert tool(*words, '--work-dir', tmp_path, *out, *option).error is None
        assert read_image(tmp_path / 'c.png').shape[1] > read_image(tmp_path / 'c.png').shape[0]
        maps = dict(zip(names, pickle.loads((tmp_path / 'maps.pkl').read_bytes()), strict=True))
        rows = list(csv.DictReader((tmp_path / 'c.csv').read_text().splitlines()))
        parts = {'all': '', 'day': 'D', 'night': 'N'}
        assert [(row['part'], row['label']) for row in rows] == [
            (part, name) for part in parts for name in CLASSES
        ]
        for row in rows:
            chosen = [name for name in names if name.endswith(parts[row['part']])]
            truth = np.stack([read_image(synthetic / f'labels/{name}.png') for name in chosen])
            there = np.stack([maps[name] for name in chosen])[truth == CLASSES.index(row['label'])]
            assert int(row['pixels']) == len(there)
            for label, name in enumerate(CLASSES):
                if len(there):
                    share = 100 * (there == label).mean()
                    assert float(row[name]) == pytest.approx(share, abs=0.01)
                else:
                    assert row[name] == ''
        out = '--work-dir', tmp_path, '--confusion', 'c.doc'
        assert 'c.doc: figures are written as one of' in tool(*words, *out).error

    def test_confusion_counts_every_image_of_test_sets_that_share_names(
        self, tool, tiny_configs, trained_joint, synthetic, names, tmp_path
    ):
        config = tmp_path / 'two.py'
        one = f"dict(type='MFNetDataset', data_root={str(synthetic)!r}, ann_file='test.txt', "
        one += "data_prefix=dict(img_path='vis', ir_path='ir', seg_map_path='labels'), "
        one += 'pipeline=_base_.test_pipeline)'
        config.write_text(
            f'_base_ = {str(tiny_configs[1])!r}\ntest_dataloader = dict(dataset=dict('
            f"_delete_=True, type='ConcatDataset', datasets=[{one}, {one}]))\n"
            "test_evaluator = [dict(type='BoxHitMetric', boxes='no.csv')]\n"
        )
        words = '--work-dir', tmp_path, '--confusion', tmp_path / 'c.csv'
        run = tool('test_fuser_segmenter.py', config, trained_joint.checkpoint, *words)
        assert run.error is None
        rows = csv.DictReader((tmp_path / 'c.csv').read_text().splitlines())
        pixels = sum(int(row['pixels']) for row in rows if row['part'] == 'all')
        assert pixels == 2 * len(names) * 48 * 64
        words = config, trained_joint.checkpoint, '--work-dir', tmp_path, '--eval', 'mIoU'
        assert 'are in several test sets' in tool('test_fuser_segmenter.py', *words).error

    def test_a_binary_head_of_one_output(self, tool, tiny_configs, synthetic, names, tmp_path):
        config = tmp_path / 'binary.py'
        config.write_text(
            f'_base_ = {str(tiny_configs[1])!r}\n'
            "data = dict(dataset=dict(metainfo=dict(classes=('unlabeled', 'car'))))\n"
            'train_dataloader = val_dataloader = test_dataloader = data\n'
            'del data\n'
            'model = dict(fuser=dict(init_cfg=None), decode_head=dict(num_classes=2, '
            "out_channels=1, threshold=0.3, loss_decode=dict(type='CrossEntropyLoss', "
            'use_sigmoid=True)))\n'
        )
        trained = tmp_path / 'out/iter_2.pth'
        work = '--work-dir', tmp_path / 'out'
        assert tool('train_fuser_segmenter.py', config, *work).error is None
        words = '--show-dir', tmp_path / 'shown', '--out', tmp_path / 'maps.pkl', '--eval', 'mIoU'
        for more in ((), ('--aug-test', '--opacity', 0.5)):
            assert tool('test_fuser_segmenter.py', config, trained, *words, *more).error is None
            maps = pickle.loads((tmp_path / 'maps.pkl').read_bytes())
            assert {int(label) for labels in maps for label in np.unique(labels)} <= {0, 1}
            for name, labels in zip(names, maps, strict=True):
                shown = read_image(tmp_path / f'shown/{name}.png')
                if not more:
                    np.testing.assert_array_equal(shown, PALETTE[labels][..., ::-1])

    @pytest.mark.parametrize(
        'evaluator', ["[dict(type='FusionMetric'), {}]", '{}', 'dict(metrics=[{}])']
    )
    def test_drawn_boxes_beside_the_iou(
        self, tool, tiny_configs, trained_joint, synthetic, names, tmp_path, evaluator
    ):
        config, boxes = tmp_path / 'boxes.py', tmp_path / 'boxes.csv'
        metric = f"dict(type='BoxHitMetric', boxes={str(boxes)!r})"
        config.write_text(
            f"""_base_ = {str(tiny_configs[1])!r}
test_evaluator = {evaluator.format(metric)}
if isinstance(test_evaluator, dict):
    test_evaluator = dict(test_evaluator, _delete_=True)
"""
        )
        words = ['test_fuser_segmenter.py', config, trained_joint.checkpoint]
        words += ['--work-dir', tmp_path, '--eval', 'mIoU']
        assert 'boxes.csv: cannot be read' in tool(*words).error
        model = init_model(tiny_configs[1], trained_joint.checkpoint)
        maps = [segment(model, *pair(synthetic, name)) for name in names]
        label = np.bincount(np.ravel(maps)).argmax()
        lines = [f'{name},{CLASSES[label]},0,0,31,23' for name in names]
        boxes.write_text('\n'.join(['name,class,x1,y1,x2,y2', *lines]))
        assert tool(*words).error is None
        (file,) = tmp_path.glob('eval_*.json')
        metrics = json.loads(file.read_text())
        assert 'EN' not in metrics
        hits = [(labels[6:18, 8:24] == label).mean() >= 0.25 for labels in maps]
        inside = sum((labels[:28, :36] == label).sum() for labels in maps)
        share = inside / sum((labels == label).sum() for labels in maps)
        assert metrics['Hit'] == {CLASSES[label]: 100 * np.mean(hits)}
        assert metrics['Inside'] == {CLASSES[label]: pytest.approx(100 * share, abs=0.01)}

    def test_painted_labels_of_pairs_without_labels(
        self, tool, tiny_configs, trained_joint, synthetic, names, tmp_path
    ):
        config = tmp_path / 'unlabelled.py'
        config.write_text(
            f'_base_ = {str(tiny_configs[1])!r}\n'
            "steps = [dict(type='LoadPair'), dict(type='PackSegInputs')]\n"
            f"data = dict(type='FusionDataset', data_root={str(synthetic)!r}, ann_file='test.txt', "
            'pipeline=steps, test_mode=True)\n'
            'test_dataloader = dict(dataset=dict(_delete_=True, **data))\n'
            'del steps, data\n'
        )
        run = tool(
            'test_fuser_segmenter.py', config, trained_joint.checkpoint, '--work-dir', tmp_path,
            '--show-dir', tmp_path / 'shown',
        )  # fmt: skip
        assert run.error is None
        model = init_model(tiny_configs[1], trained_joint.checkpoint)
        for name in names:
            painted = PALETTE[segment(model, *pair(synthetic, name))][..., ::-1]
            np.testing.assert_array_equal(read_image(tmp_path / f'shown/{name}.png'), painted)

    def test_opacity_and_label_maps_in_one_file(
        self, tool, tiny_configs, trained_joint, synthetic, names, tmp_path
    ):
        run = tool(
            'test_fuser_segmenter.py', tiny_configs[1], trained_joint.checkpoint, '--work-dir',
            tmp_path, '--show-dir', tmp_path / 'shown', '--opacity', 0.25, '--out',
            tmp_path / 'labels.pkl',
        )  # fmt: skip
        assert run.error is None
        assert not list(tmp_path.glob('eval_*.json'))
        maps = pickle.loads((tmp_path / 'labels.pkl').read_bytes())
        model = init_model(tiny_configs[1], trained_joint.checkpoint)
        for name, labels in zip(names, maps, strict=True):
            assert labels.dtype == np.uint8
            np.testing.assert_array_equal(labels, segment(model, *pair(synthetic, name)))
            fused = fuse(model, *pair(synthetic, name)).astype(float)
            expected = 0.25 * PALETTE[labels][..., ::-1] + 0.75 * fused
            shown = read_image(tmp_path / f'shown/{name}.png')
            assert np.abs(shown - expected).max() <= 1.3

    def test_aug_test(
        self, tool, tiny_configs, trained_joint, synthetic, names, tmp_path, monkeypatch
    ):
        seen, encode_decode = [], FuserSegmenter.encode_decode

        def spy(self, inputs, metas):
            seen.append((metas[0]['img_path'], metas[0]['scale_factor'], metas[0].get('flip')))
            return encode_decode(self, inputs, metas)

        monkeypatch.setattr(FuserSegmenter, 'encode_decode', spy)
        run = tool(
            'test_fuser_segmenter.py', tiny_configs[1], trained_joint.checkpoint, '--work-dir',
            tmp_path, '--aug-test', '--eval', 'mIoU', 'mDice', '--show-dir', tmp_path / 'shown',
            '--opacity', '0.1', '--out', tmp_path / 'labels.pkl',
        )  # fmt: skip
        assert run.error is None
        model = init_model(tiny_configs[1], trained_joint.checkpoint)
        for name in names:  # the picture under the paint is not the mirrored one
            fused = fuse(model, *pair(synthetic, name)).astype(float)
            shown = read_image(tmp_path / f'shown/{name}.png').astype(float)
            assert shown.shape == fused.shape
            assert np.abs(shown - fused).mean() < np.abs(shown - fused[:, ::-1]).mean()
        (file,) = tmp_path.glob('eval_*.json')
        label_maps = pickle.loads((tmp_path / 'labels.pkl').read_bytes())
        truths = [read_image(synthetic / f'labels/{name}.png') for name in names]
        expected = segmentation_metrics(label_maps, truths)
        found = {'aAcc', 'mIoU', 'mAcc', 'mDice', 'IoU', 'Acc', 'Dice'}
        assert_percentages(json.loads(file.read_text()), found, expected)
        assert len(set(seen)) == 4 * len(names)  # two scales, each mirrored, too


@pytest.mark.skipif(torch.cuda.is_available(), reason='has a GPU')
def test_gpu_id_without_cuda_is_said(tool, tiny_configs, trained_fuser, tmp_path):
    run = tool(
        'test_fusion.py', tiny_configs[0], trained_fuser.checkpoint, '--work-dir', tmp_path,
        '--gpu-id', 0,
    )  # fmt: skip
    assert run.error is None
    assert '--gpu-id 0: there is no CUDA device, running on the CPU' in run.log
