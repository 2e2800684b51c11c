"""Each part of a model starts from one source."""

import pytest
from mmengine.config import Config

from bffr.errors import InputError
from mmseg_bffr.apis.initial_weights import choose_initial_weights


def start(file):
    return dict(type='Pretrained', checkpoint=file)


@pytest.fixture
def cfg(tmp_path):
    file = tmp_path / 'own.py'
    teacher = dict(type='A', init_cfg=start('teacher.pth'))
    model = dict(
        fuser=dict(init_cfg=start('fuser.pth'), fusion_loss=dict(teacher=teacher)),
        backbone=dict(init_cfg=[dict(type='Normal'), start('https://a/backbone.pth')]),
        decode_head=[dict(), dict(init_cfg=start('head.pth'))],
    )
    file.write_text(f'model = {model}\n')
    return Config.fromfile(file)


def test_all_missing_files_are_told_at_once(cfg):
    with pytest.raises(InputError) as error:
        choose_initial_weights(cfg, [])
    for file, part in (
        ('fuser.pth', 'fuser'),
        ('head.pth', 'decode_head.1'),
        ('teacher.pth', 'fuser.fusion_loss.teacher'),
    ):
        assert f'{file}: the initial weights of model.{part} are missing' in str(error.value)
    assert 'backbone' not in str(error.value)


@pytest.mark.parametrize('resume', [False, True])
def test_a_checkpoint_of_the_whole_counts_and_is_said_to(cfg, tmp_path, resume):
    (tmp_path / 'teacher.pth').touch()
    cfg.model.fuser.fusion_loss.teacher.init_cfg.checkpoint = str(tmp_path / 'teacher.pth')
    cfg.load_from, cfg.resume = 'whole.pth', resume
    told = choose_initial_weights(cfg, ['model.fuser.init_cfg.checkpoint=x.pth'] * resume)
    voided = (
        'fuser.init_cfg.checkpoint=fuser.pth',
        'backbone.init_cfg.checkpoint=https://a/backbone.pth',
        'decode_head.1.init_cfg.checkpoint=head.pth',
    )
    sentences = [f"load_from=whole.pth counts, not the config's model.{part}" for part in voided]
    assert told == ([] if resume else sentences)
    assert cfg.model.fuser.init_cfg is cfg.model.backbone.init_cfg is None
    assert cfg.model.fuser.fusion_loss.teacher.init_cfg is not None


@pytest.mark.parametrize('part', ['model.fuser', 'model.decode_head.1'])
def test_two_sources_on_the_command_line_are_refused(cfg, part):
    cfg.load_from = 'whole.pth'
    with pytest.raises(InputError, match=f'{part}.init_cfg: load_from=whole.pth holds weights'):
        choose_initial_weights(cfg, [f'{part}.init_cfg.checkpoint=mine.pth'])
