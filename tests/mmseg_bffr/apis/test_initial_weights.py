"""Each part of a model starts from one source."""

import pytest
import torch
from mmengine.config import Config

from bffr.errors import InputError
from mmseg_bffr.apis.config import build_model, load_config
from mmseg_bffr.apis.initial_weights import choose_initial_weights
from mmseg_bffr.checkpoints import refuse_partial_loads, safe_loading


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


@pytest.fixture
def initialized(tiny_configs, tmp_path):
    """Build the tiny joint model with an `init_cfg` of a part, and give it its weights."""

    def initialized(part, value, checkpoint):
        cfg = load_config(tiny_configs[1], ['model.fuser.init_cfg=None'])
        own = dict(start(str(tmp_path / 'a.pth')), prefix=f'{part}.' if part else None)
        cfg.merge_from_dict(value)
        cfg.merge_from_dict({f'model.{part}.init_cfg': own} if part else {'model.init_cfg': own})
        torch.save({'state_dict': checkpoint}, tmp_path / 'a.pth')
        model = build_model(cfg.model)
        refuse_partial_loads(model)
        with safe_loading():
            model.init_weights()
        return model

    return initialized


HEAD = dict(
    type='FCNHead', in_channels=32, in_index=0, channels=4, num_convs=1, num_classes=9,
    norm_cfg=dict(type='BN'),
)  # fmt: skip


@pytest.mark.parametrize('part', ['decode_head', 'auxiliary_head', ''])
def test_no_module_loads_in_part(initialized, tiny_configs, part):
    value = {'model.auxiliary_head': HEAD}
    cfg = load_config(tiny_configs[1])
    cfg.merge_from_dict(value)
    whole = build_model(cfg.model).state_dict()
    loaded = initialized(part, value, whole).state_dict()
    for name in (name for name in whole if name.startswith(part or 'auxiliary_head')):
        assert torch.equal(loaded[name], whole[name])
    key = f'{part or "decode_head"}.conv_seg.'
    for spoilt in (
        {name: tensor for name, tensor in whole.items() if name != f'{key}bias'},
        whole | {f'{key}weight': whole[f'{key}weight'][:5]},
    ):
        with pytest.raises(InputError, match=r'a\.pth: does not fit .* as configured'):
            initialized(part, value, spoilt)


def test_a_prefix_that_nothing_has_is_told(tool, tiny_configs, trained_joint, tmp_path):
    config = tmp_path / 'prefix.py'
    own = dict(start(str(trained_joint.checkpoint)), prefix='auxiliary_head.')
    config.write_text(
        f'_base_ = {str(tiny_configs[1])!r}\n'
        f'model = dict(fuser=dict(init_cfg=None), decode_head=dict(init_cfg={own}))\n'
    )
    run = tool('train_fuser_segmenter.py', config, '--work-dir', tmp_path / 'out')
    assert 'auxiliary_head. is not in the pretrained model' in run.error
