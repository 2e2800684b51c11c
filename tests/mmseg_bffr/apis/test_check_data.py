"""What `bffr check` counts and finds."""

import shutil

import cv2
import numpy as np
import pytest

from bffr.errors import InputError
from mmseg_bffr.apis import check_data
from mmseg_bffr.apis.check_data import check_dataset
from mmseg_bffr.apis.config import load_config, min_size


def test_counts_and_problems(tiny_configs, synthetic, tmp_path, capsys):
    data = shutil.copytree(synthetic, tmp_path / 'data')
    roots = [f'{part}_dataloader.dataset.data_root={data}' for part in ('train', 'val', 'test')]
    found = check_data(tiny_configs[0], cfg_options=roots, workers=2)
    assert [findings.pairs for findings in found.values()] == [8, 2, 2]
    assert found['train'].pixels.total() == 8 * 48 * 64
    assert '64x48: 8' in capsys.readouterr().out

    (data / 'ir/00000D.png').write_bytes(b'')
    cv2.imwrite(str(data / 'labels/00001N.png'), np.full((48, 64), 77, np.uint8))
    (data / 'val.txt').write_text('a\n')
    with pytest.raises(InputError, match='its data has 3 problem'):
        check_data(tiny_configs[0], cfg_options=roots, workers=1)
    said = capsys.readouterr().out
    for part in ('ir/00000D.png: is empty', 'labels/00001N.png: has label(s) 77', 'name(s): a'):
        assert part in said


@pytest.fixture
def check(synthetic, tmp_path):
    """Check a copy of the drawn pairs, after `spoil(folder)`; findings and problems of `val`."""
    data = shutil.copytree(synthetic, tmp_path / 'data')

    def check(config, spoil, *options):
        spoil(data)
        roots = [f'{part}_dataloader.dataset.data_root={data}' for part in ('train', 'val', 'test')]
        cfg = load_config(config, [*roots, *options])
        return check_dataset(cfg.val_dataloader.dataset, min_size(cfg.model), workers=1)

    return check


def test_all_that_is_wrong_with_a_pair_is_told_at_once(tiny_configs, check, synthetic):
    (name, other) = (synthetic / 'val.txt').read_text().split()

    def spoil(data):
        (data / f'vis/{name}.png').write_bytes(b'')
        (data / f'ir/{name}.png').write_bytes(b'')
        cv2.imwrite(str(data / f'labels/{name}.png'), np.full((48, 64), 77, np.uint8))
        cv2.imwrite(str(data / f'labels/{other}.png'), np.full((40, 64), 66, np.uint8))

    found = check(tiny_configs[0], spoil)
    assert [problem.rpartition('/')[2][:35].split(':')[0] for problem in found.problems] == [
        f'{name}.png'] * 3 + [f'{other}.png']  # fmt: skip
    first, second, third, fourth = found.problems
    assert '/vis/' in first
    assert '/ir/' in second
    assert 'has label(s) 77' in third
    assert 'has 64x40 pixels' in fourth
    assert 'has label(s) 66' in fourth


def test_a_joint_model_needs_more_pixels_than_its_fuser(tiny_configs, check, synthetic):
    def shrink(data):
        for name in (synthetic / 'val.txt').read_text().split():
            for folder in ('vis', 'ir', 'labels'):
                path = str(data / f'{folder}/{name}.png')
                cv2.imwrite(path, cv2.imread(path, cv2.IMREAD_UNCHANGED)[:24, :40])

    assert not [p for p in check(tiny_configs[0], shrink).problems if 'pixels' in p]
    problems = check(tiny_configs[1], shrink).problems
    assert sum('has 40x24 pixels; the network needs 32x32.' in problem for problem in problems) == 2


def test_missing_weights_of_a_data_sets_fuser_are_told_once(tiny_configs, check):
    config = tiny_configs[0].with_name('fused.py')
    config.write_text(
        f"""_base_ = {str(tiny_configs[0])!r}
fuser = dict(_base_.model, init_cfg=dict(type='Pretrained', checkpoint='no/weights.pth'))
val_dataloader = dict(dataset=dict(pipeline=[dict(type='LoadFused', fuser=fuser)]))
"""
    )
    problems = check(config, lambda data: None).problems
    assert problems == ['no/weights.pth: cannot be read (No such file or directory).']


class TestJudgement:
    @pytest.fixture
    def found(self, tiny_configs, check):
        def found(labels, *names):
            def paint(data):
                for path in data.glob('labels/*.png'):
                    cv2.imwrite(str(path), np.resize(np.array(labels, np.uint8), (48, 64)))

            classes = f'val_dataloader.dataset.metainfo.classes={",".join(names)}'
            kind = 'val_dataloader.dataset.type=PairDataset'
            config = tiny_configs[0].with_name('own_classes.py')
            config.write_text(
                f'_base_ = {str(tiny_configs[0])!r}\nval_dataloader = dict(dataset=dict('
                'metainfo=dict(classes=())))\n'
            )
            return check(config, paint, classes, kind)

        return found

    def test_masks_of_0_and_255(self, found):
        for more in ((), ('third',)):
            (problem,) = found([0, 0, 0, 255], 'background', 'target', *more).problems
            assert problem.startswith('target')
            assert 'never occur' in problem
            assert 'while 25.0 % of the pixels are 255, the ignored value' in problem

    def test_one_class_alone(self, found):
        (problem,) = found([1], 'background', 'target').problems
        assert problem.startswith('background never occurs in the labels; give labels of at least')

    def test_what_may_be_meant(self, found):
        warned = found([0, 1, 255, 0], 'road', 'car', 'bike')
        assert not warned.problems
        assert warned.warnings == [
            'bike never occurs in the labels.',
            '25.0 % of the pixels are 255, the ignored value.',
        ]
        clean = found([0, 1], 'road', 'car')
        assert (clean.problems, clean.warnings) == ([], [])
        assert found([*[0] * 12, *[1] * 11, 255], 'road', 'car').warnings == []
