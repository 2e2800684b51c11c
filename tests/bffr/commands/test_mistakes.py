"""Mistakes of users of the four tools end in one sentence and status 1, without a traceback."""

import os
import re
import shutil

import pytest
import torch

from mmseg_bffr.apis.zoo import zoo_model

FUSER, JOINT = 'train_fuser.py', 'train_fuser_segmenter.py'


@pytest.fixture
def says(tool, tmp_path):
    """Check that a tool ends with a sentence that holds the given parts."""

    def says(parts, name, *words):
        run = tool(name, *words, '--work-dir', tmp_path / 'work')
        assert run.status == 1
        assert run.messages.count('error: ') == 1
        assert 'Traceback' not in run.messages
        for part in [parts] if isinstance(parts, str) else parts:
            assert part in run.error

    return says


@pytest.fixture
def data(synthetic, tmp_path):
    """A copy of the drawn pairs, to be spoilt."""
    return shutil.copytree(synthetic, tmp_path / 'data')


def option(name, value):
    return '--cfg-options', *(
        f'{part}_dataloader.dataset.{name}={value}' for part in ('train', 'test')
    )


def test_bad_pair_in_a_worker_of_an_own_process(
    command, tiny_configs, trained_fuser, data, tmp_path
):
    (data / 'ir/00002D.png').write_bytes(b'')
    run = command(
        'tools/test_fusion.py', tiny_configs[0], trained_fuser.checkpoint, '--work-dir',
        tmp_path, '--cfg-options', 'test_dataloader.num_workers=1',
        f'test_dataloader.dataset.data_root={data}', 'test_dataloader.dataset.ann_file=val.txt',
    )  # fmt: skip
    assert run.returncode == 1
    (sentence,) = re.findall(r'error: .*', run.stderr)
    assert '00002D.png: is empty, damaged or not an image' in sentence
    assert 'Traceback' not in run.stderr


def test_wrong_command_line(tool):
    run = tool('test_fusion.py')
    assert run.status == 2
    assert 'CONFIG' in run.error


class TestConfigsAndOptions:
    def test_missing_initial_weights(self, says, tiny_configs):
        parts = 'no.pth', 'train_fuser.py', '--cfg-options model.fuser.init_cfg=None'
        option = '--cfg-options', 'model.fuser.init_cfg.checkpoint=no.pth'
        says(parts, JOINT, tiny_configs[1], *option)

    def test_config(self, says, tiny_configs):
        says('use tools/train_fuser_segmenter.py', FUSER, tiny_configs[1])
        says('use tools/train_fuser.py', JOINT, tiny_configs[0])

    def test_unknown_types(self, says, tiny_configs):
        options = '--cfg-options', 'model.type=TransFusser'
        says('there is no model TransFusser; did you mean TransFuser', FUSER, tiny_configs[0],
             *options)  # fmt: skip
        options = '--cfg-options', 'train_dataloader.dataset.type=MyData'
        says(
            ['type MyData', 'dataset registry', 'custom_imports'], FUSER, tiny_configs[0], *options
        )

    def test_number_of_classes(self, says, tiny_configs, trained_joint):
        option = '--cfg-options', 'model.decode_head.num_classes=3'
        sentence = 'model.decode_head.num_classes: is 3, but the data has 9 classes'
        says(sentence, JOINT, tiny_configs[1], *option, 'model.fuser.init_cfg=None')
        checkpoint = trained_joint.checkpoint
        says(sentence, 'test_fuser_segmenter.py', tiny_configs[1], checkpoint, '--eval', 'mIoU',
             *option)  # fmt: skip

    def test_a_package_that_a_config_needs(self, says, tiny_configs, tmp_path, monkeypatch):
        config = tmp_path / 'own.py'
        base = f'_base_ = {str(tiny_configs[0])!r}\n'
        config.write_text(f"{base}custom_imports = dict(imports=['bffr_none'])\n")
        says(['own.py: ', 'bffr_none', 'PYTHONPATH'], FUSER, config)
        config.write_text(
            f"{base}visualizer = dict(vis_backends=[dict(type='TensorboardVisBackend')])\n"
        )
        monkeypatch.setattr('bffr.errors.find_spec', lambda _: None)
        says("tensorboard is not installed; install it with `pip install 'bffr[te", FUSER, config)

    @pytest.mark.parametrize(
        ('loop', 'sampler'),
        [
            ("type='IterBasedTrainLoop', max_iters=2", 'InfiniteSampler'),
            ("type='EpochBasedTrainLoop', max_epochs=2", 'DefaultSampler'),
        ],
    )
    def test_mmengines_loops(self, says, tool, tiny_configs, tmp_path, loop, sampler):
        config = tmp_path / 'own.py'
        config.write_text(
            f'_base_ = {str(tiny_configs[0])!r}\n'
            f'train_cfg = dict(_delete_=True, {loop}, val_interval=2)\n'
        )
        says(f'set train_dataloader.sampler.type={sampler}', FUSER, config)
        words = '--work-dir', tmp_path / 'own', '--cfg-options'
        options = f'train_dataloader.sampler.type={sampler}', 'custom_hooks=[]'
        run = tool(FUSER, config, *words, *options)
        assert run.error is None
        assert (tmp_path / 'own/iter_2.pth').is_file()
        assert len(re.findall(r'\(val\).* Qabf: ', run.log)) == 1

    def test_results_among_the_inputs(self, says, tiny_configs, trained_joint, synthetic, tmp_path):
        for tool, config, folder in (
            ('test_fusion.py', tiny_configs[0], 'ir'),
            ('test_fusion.py', tiny_configs[1], 'vis'),
            ('test_fuser_segmenter.py', tiny_configs[1], 'labels'),
        ):
            words = [trained_joint.checkpoint, '--show-dir', synthetic / folder]
            says('choose another place', tool, config, *words)
        link = tmp_path / 'link'
        link.symlink_to(synthetic / 'ir')
        words = [trained_joint.checkpoint, '--show-dir', link]
        says('link: holds input; choose another', 'test_fusion.py', tiny_configs[0], *words)

    @pytest.mark.parametrize('place', ['/proc/no', 'file'])
    def test_work_dir_that_cannot_be(self, tool, tiny_configs, tmp_path, place):
        (tmp_path / 'file').touch()
        run = tool(FUSER, tiny_configs[0], '--work-dir', tmp_path / place)
        assert run.status == 1
        assert re.match(rf'error: .*{place}: cannot be written .*another --work-dir', run.error)

    def test_absent_names_stop_training_before_it_starts(self, says, tiny_configs, data, tmp_path):
        (data / 'val.txt').write_text('a\nb\n')
        parts = [
            f'{folder}: has no image for 2 name(s): a, b' for folder in ('vis', 'ir', 'labels')
        ]
        roots = [f'{part}_dataloader.dataset.data_root={data}' for part in ('train', 'val')]
        says(parts, FUSER, tiny_configs[0], '--cfg-options', *roots)
        assert not list((tmp_path / 'work').rglob('*.pth'))

    def test_results_of_one_name(self, says, tiny_configs, trained_fuser, synthetic, tmp_path):
        config, work = tmp_path / 'two.py', tmp_path / 'work'
        one = f"dict(type='MFNetDataset', data_root={str(synthetic)!r}, ann_file='test.txt', "
        one += "data_prefix=dict(img_path='vis', ir_path='ir'), pipeline=_base_.test_pipeline)"
        config.write_text(
            f'_base_ = {str(tiny_configs[0])!r}\ntest_dataloader = dict(dataset=dict('
            f"_delete_=True, type='ConcatDataset', datasets=[{one}, {one}]))\n"
        )
        words = 'test_fusion.py', config, trained_fuser.checkpoint
        says('are in several test sets, so their results would have one name', *words)
        assert not list(work.glob('test_result/*'))

    def test_fusion(self, says, tiny_configs, trained_fuser, root):
        words = 'test_fusion.py', tiny_configs[0], trained_fuser.checkpoint
        says('SNR', *words, '--eval', 'SNR')
        says('metrics.txt', *words, '--eval', 'EN', '--out', 'metrics.txt')
        segmenter = root / 'configs/segformer/segformer_mit-b0_1xb4-160k_mfnet-240x320.py'
        says('has no fuser', 'test_fusion.py', segmenter, trained_fuser.checkpoint)

    def test_configs_of_the_zoo(self, says):
        config, weights = zoo_model('content-t-2026-11')
        says('config.py: has no test_cfg', 'test_fusion.py', config, weights)
        says('config.py: has no train_dataloader', FUSER, config)

    def test_segmentation(self, says, tiny_configs, trained_joint, root):
        words = 'test_fuser_segmenter.py', tiny_configs[1], trained_joint.checkpoint
        says('--opacity 2.0', *words, '--opacity', 2)
        says('written as .pkl', *words, '--out', 'labels.json')
        says('choose from mIoU, mDice, mFscore', *words, '--eval', 'IOU')
        says('has no segmenter', words[0], tiny_configs[0], words[2])
        tno = root / 'configs/fuser_segmenters/transfuser_segformer_mit-b0_preavgfuser6_tno.py'
        says('no labels', words[0], tno, words[2], '--eval', 'mIoU')


class TestCheckpoints:
    @pytest.mark.parametrize('name', ['test_fusion.py', 'test_fuser_segmenter.py'])
    def test_missing_or_damaged(self, says, name, tiny_configs, trained_joint, tmp_path):
        says('none.pth: cannot be read', name, tiny_configs[1], 'none.pth')
        damaged = tmp_path / 'damaged.pth'
        damaged.write_bytes(trained_joint.checkpoint.read_bytes()[:5000])
        says('damaged.pth: is damaged', name, tiny_configs[1], damaged)

    def test_of_another_model(self, says, tiny_configs, trained_fuser, root, synthetic):
        misfit = 'does not fit'
        says(misfit, 'test_fuser_segmenter.py', tiny_configs[1], trained_fuser.checkpoint)
        says(misfit, 'test_fusion.py', root / 'configs/fuser/transfuser6_avg.py',
             trained_fuser.checkpoint, *option('data_root', synthetic))  # fmt: skip

    def test_single_modality_segmenters_do_not_load_a_part_either(
        self, says, root, trained_joint, synthetic
    ):
        config = root / 'configs/segformer/segformer_mit-b0_1xb4-1k_msrs-weak-96x128.py'
        says(
            'does not fit EncoderDecoder', 'test_fuser_segmenter.py', config,
            trained_joint.checkpoint, '--eval', 'mIoU', *option('data_root', synthetic),
        )  # fmt: skip

    def test_for_training(self, says, tiny_configs, trained_fuser, tmp_path):
        config = tiny_configs[0]
        says('none.pth: cannot be read', FUSER, config, '--load-from', 'none.pth')
        says('none.pth: cannot be read', FUSER, config, '--resume-from', 'none.pth')
        weights = tmp_path / 'weights.pth'
        full = torch.load(trained_fuser.checkpoint, weights_only=False)
        torch.save({'state_dict': full['state_dict']}, weights)
        says('use --load-from', FUSER, config, '--resume-from', weights)
        says('does not fit FuserSegmenter', JOINT, tiny_configs[1], '--load-from', weights)

    def test_missing_backbone_weights(self, says, root, tmp_path, trained_fuser):
        joint = root / 'configs/fuser_segmenters/transfuser_segformer_mit-b0_preavgfuser6.py'
        says(
            ['no_b0.pth', 'pretrain/README.md', 'model.backbone.init_cfg=None'], JOINT, joint,
            '--cfg-options', f'model.fuser.init_cfg.checkpoint={trained_fuser.checkpoint}',
            'model.backbone.init_cfg.checkpoint=no_b0.pth',
        )  # fmt: skip

    @pytest.mark.parametrize('words', [
        [FUSER, 0, '--load-from'], [FUSER, 0, '--resume-from'], ['test_fusion.py', 0],
        ['test_fuser_segmenter.py', 1],
    ])  # fmt: skip
    def test_code_in_a_checkpoint_is_not_run(self, says, tiny_configs, tmp_path, words):
        class Foreign:
            def __reduce__(self):
                return os.mkdir, (str(tmp_path / 'code_was_run'),)

        torch.save(
            {'meta': Foreign(), 'state_dict': {'w': torch.ones(1)}}, tmp_path / 'foreign.pth'
        )
        name, which, *flag = words
        says('foreign.pth: refused', name, tiny_configs[which], *flag, tmp_path / 'foreign.pth')
        assert not (tmp_path / 'code_was_run').exists()
