"""Fusing and segmenting test sets and folders, from their command lines."""

import csv
import json
import pickle
import re
import shutil

import cv2
import numpy as np
import pytest
import torch

from bffr_runtime.image_io import read_image, write_png
from mmseg_bffr.apis import fuse, init_model, segment
from mmseg_bffr.datasets import MFNetDataset
from mmseg_bffr.datasets.splits import read_split
from mmseg_bffr.models import FuserSegmenter

from .conftest import pictures

CLASSES = MFNetDataset.METAINFO['classes']
PALETTE = np.array(MFNetDataset.METAINFO['palette'], np.uint8)


@pytest.fixture(scope='module')
def names(synthetic):
    return read_split(synthetic / 'test.txt')


def pair(synthetic, name):
    return synthetic / f'vis/{name}.png', synthetic / f'ir/{name}.png'


class TestFusion:
    def test_writes_what_the_api_returns_and_the_metrics(
        self, tool, tiny_configs, trained_fuser, synthetic, names, tmp_path
    ):
        run = tool(
            'test_fusion.py', tiny_configs[0], trained_fuser.checkpoint, '--work-dir',
            tmp_path, '--eval', 'EN', 'SD', '--out', tmp_path / 'metrics.json',
        )  # fmt: skip
        assert run.error is None
        assert '100%' in run.messages  # the progress bar
        assert re.search(r'EN: \d', run.log)
        assert {'EN', 'SD'} <= set(re.findall(r'\w+', (tmp_path / 'metrics.json').read_text()))
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
        assert all(float(row['EN']) > 0 for row in rows)

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
        metrics = json.loads(file.read_text())
        assert {'aAcc', 'mIoU', 'mAcc', 'IoU', 'Acc'} <= set(metrics)

        model = init_model(tiny_configs[1], trained_joint.checkpoint)
        intersection, union, right, pixels = np.zeros(9), np.zeros(9), 0, 0
        assert pictures(tmp_path / 'shown') == sorted(f'{name}.png' for name in names)
        for name in names:
            labels = segment(model, *pair(synthetic, name))
            painted = read_image(tmp_path / f'shown/{name}.png')
            np.testing.assert_array_equal(painted, PALETTE[labels][..., ::-1])
            truth = read_image(synthetic / f'labels/{name}.png')
            right, pixels = right + (labels == truth).sum(), pixels + truth.size
            for label in range(9):
                intersection[label] += ((labels == label) & (truth == label)).sum()
                union[label] += ((labels == label) | (truth == label)).sum()
        assert metrics['aAcc'] == pytest.approx(100 * right / pixels, abs=0.01)
        for name, i, u in zip(MFNetDataset.METAINFO['classes'], intersection, union, strict=True):
            value = metrics['IoU'][name]
            assert value is None if u == 0 else value == pytest.approx(100 * i / u, abs=0.01)

    def test_drawn_boxes_beside_the_iou(
        self, tool, tiny_configs, trained_joint, synthetic, names, tmp_path
    ):
        config, boxes = tmp_path / 'boxes.py', tmp_path / 'boxes.csv'
        config.write_text(
            f'_base_ = {str(tiny_configs[1])!r}\n'
            "test_evaluator = [dict(type='FusionMetric'), dict(type='BoxHitMetric', "
            f'boxes={str(boxes)!r})]\n'
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
            '--opacity', '0.1',
        )  # fmt: skip
        assert run.error is None
        model = init_model(tiny_configs[1], trained_joint.checkpoint)
        for name in names:  # the picture under the paint is not the mirrored one
            fused = fuse(model, *pair(synthetic, name)).astype(float)
            shown = read_image(tmp_path / f'shown/{name}.png').astype(float)
            assert shown.shape == fused.shape
            assert np.abs(shown - fused).mean() < np.abs(shown - fused[:, ::-1]).mean()
        (file,) = tmp_path.glob('eval_*.json')
        assert {'mIoU', 'mDice', 'Dice'} <= set(json.loads(file.read_text()))
        assert len(set(seen)) == 4 * len(names)  # two scales, each mirrored, too


def test_fuse_folders_with_sheets(tool, tiny_configs, trained_joint, synthetic, tmp_path):
    stems = '00000D', '00001N'
    for folder in ('vis', 'ir'):
        (tmp_path / folder).mkdir()
        for stem in stems:
            shutil.copy(synthetic / folder / f'{stem}.png', tmp_path / folder)
    run = tool(
        'fuse.py', '--vis', tmp_path / 'vis', '--ir', tmp_path / 'ir', '--out', tmp_path,
        '--config', tiny_configs[1], '--checkpoint', trained_joint.checkpoint, '--seg', '--sheet',
    )  # fmt: skip
    assert run.error is None
    assert '2/2' in run.messages
    expected = [f'{stem}{end}.png' for stem in stems for end in ('', '_labels', '_sheet')]
    assert pictures(tmp_path) == sorted(expected)


def test_sheets_and_labels_do_not_get_in_the_way_of_metrics(
    tool, tiny_configs, trained_joint, synthetic, tmp_path
):
    for folder in ('vis', 'ir'):
        (tmp_path / folder).mkdir()
        for stem, source in (('a', '00000D'), ('b_sheet', '00001N')):
            file = synthetic / folder / f'{source}.png'
            shutil.copy(file, tmp_path / folder / f'{stem}.png')
    sources = '--vis', tmp_path / 'vis', '--ir', tmp_path / 'ir'
    run = tool(
        'fuse.py', *sources, '--out', tmp_path / 'fused', '--config', tiny_configs[1],
        '--checkpoint', trained_joint.checkpoint, '--seg', '--sheet',
    )  # fmt: skip
    assert run.error is None
    out = tmp_path / 'metrics.csv'
    words = '--fused', f'ours={tmp_path / "fused"}', '--metrics', 'EN', '--out', out
    assert tool('eval_fusion.py', *sources, *words).error is None
    with open(out, newline='') as file:
        assert [row['image'] for row in csv.DictReader(file)] == ['a', 'b_sheet']
    (tmp_path / 'fused/c.png').write_bytes(b'')
    assert 'has no c' in tool('eval_fusion.py', *sources, *words).error


def test_results_of_one_name_are_refused_before_any_work(
    tool, tiny_configs, trained_joint, synthetic, tmp_path
):
    for folder in ('vis', 'ir'):
        (tmp_path / folder).mkdir()
        for stem in ('a', 'a_labels'):
            shutil.copy(synthetic / folder / '00000D.png', tmp_path / folder / f'{stem}.png')
    words = [
        'fuse.py', '--vis', tmp_path / 'vis', '--ir', tmp_path / 'ir', '--out', tmp_path / 'out',
        '--config', tiny_configs[1], '--checkpoint', trained_joint.checkpoint,
    ]  # fmt: skip
    error = tool(*words, '--seg').error
    assert 'a_labels.png: would be made of both' in error
    assert not (tmp_path / 'out').exists()
    assert tool(*words).error is None
    assert pictures(tmp_path / 'out') == ['a.png', 'a_labels.png']


def test_fuse_one_pair(tool, tiny_configs, trained_fuser, synthetic, tmp_path):
    vis, ir = pair(synthetic, '00001N')
    run = tool(
        'fuse.py', '--vis', vis, '--ir', ir, '--out', tmp_path / 'new/out.png', '--config',
        tiny_configs[0], '--checkpoint', trained_fuser.checkpoint,
    )  # fmt: skip
    assert run.error is None
    expected = fuse(init_model(tiny_configs[0], trained_fuser.checkpoint), vis, ir)
    np.testing.assert_array_equal(read_image(tmp_path / 'new/out.png'), expected)


@pytest.mark.skipif(torch.cuda.is_available(), reason='has a GPU')
def test_gpu_id_without_cuda_is_said(tool, tiny_configs, trained_fuser, tmp_path):
    run = tool(
        'test_fusion.py', tiny_configs[0], trained_fuser.checkpoint, '--work-dir', tmp_path,
        '--gpu-id', 0,
    )  # fmt: skip
    assert run.error is None
    assert '--gpu-id 0: there is no CUDA device, running on the CPU' in run.log
