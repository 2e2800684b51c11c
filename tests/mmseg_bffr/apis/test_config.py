"""What `--cfg-options` may not say."""

import pytest

from bffr.errors import InputError
from mmseg_bffr.apis.config import load_config, require_matching_classes


@pytest.mark.parametrize(
    ('option', 'sentence'),
    [
        (
            'trian_cfg.max_iters=3',
            'trian_cfg.max_iters: the config has no trian_cfg; did you mean train_cfg',
        ),
        ('train_dataloader.datset.data_root=x', 'no datset; did you mean dataset'),
        ('wrok_dir=x', 'no wrok_dir; did you mean work_dir'),
        (
            "train_dataloader.dataset.pipeline=[dict(type='LoadPair', keep=True)]",
            'pipeline=.* holds a dictionary; give its keys one by one',
        ),
        ('nonsense', '--cfg-options: nonsense does not fit'),
        ('data_root=/x', r'already used data_root; set train_dataloader\.dataset\.data_root, val_'),
        ('crop_size=(1,2)', r'train_dataloader\.dataset\.pipeline\.3\.crop_size'),
        ('data_preprocessor.std=[1]', r'; set model\.data_preprocessor\.std instead'),
        (
            'train_pipeline.2.scale=(1,2)',
            r'; set train_dataloader\.dataset\.pipeline\.2\.scale ins',
        ),
        ('dataset_type=A', r'; set train_dataloader\.dataset\.type, val_'),
        (
            'custom_imports.imports=[a]',
            'has no effect, as the file has already used custom_imports',
        ),
    ],
)
def test_wrong_options(tiny_configs, option, sentence):
    with pytest.raises(InputError, match=sentence):
        load_config(tiny_configs[0], [option])


def test_a_variable_of_a_loss_is_named_where_it_went(root):
    config = root / 'configs/fuser/transfuser-t_distilled_1xb4-5k_msrs-roadscene-128x128.py'
    with pytest.raises(
        InputError, match=r'already used teacher; set model\.loss\.teacher\.channels'
    ):
        load_config(config, ['teacher.channels=[1]'])


def test_what_is_read_later_can_be_set(tiny_configs):
    options = (
        'model.data_preprocessor.std=[1]', 'sync_bn=None', 'compile=True', 'work_dir=x',
        'tta_pipeline.0.type=A', 'visual_dataloader.dataset.indices=1', 'randomness.seed=1',
        'model.fuser.new=1',
    )  # fmt: skip
    cfg = load_config(tiny_configs[1], options)
    assert (cfg.compile, cfg.tta_pipeline[0].type, cfg.model.fuser.new) == (True, 'A', 1)


def test_a_missing_base_is_named(tmp_path):
    config = tmp_path / 'derived.py'
    config.write_text("_base_ = './none.py'\n")
    with pytest.raises(InputError, match=r'derived\.py: its base is missing.*none\.py'):
        load_config(config)


def test_the_line_of_a_syntax_error_is_named(tiny_configs, tmp_path):
    broken, derived = tmp_path / 'broken.py', tmp_path / 'derived.py'
    broken.write_text(f'_base_ = {str(tiny_configs[0])!r}\na = 1\nb = (\nc = 2\n')
    derived.write_text(f'_base_ = {str(broken)!r}\n')
    for config in (broken, derived):
        with pytest.raises(InputError, match=r'broken\.py.*line 3'):
            load_config(config)


@pytest.mark.parametrize(
    ('part', 'value', 'sentence'),
    [
        ('decode_head', dict(num_classes=3), 'decode_head.num_classes: is 3, but the data has 9'),
        (
            'auxiliary_head',
            [dict(num_classes=9), dict(num_classes=19)],
            'auxiliary_head.num_classes: is 19, but',
        ),
        (
            'decode_head',
            dict(loss_decode=[dict(), dict(class_weight=[1.0, 2.0])]),
            'model.decode_head.loss_decode.class_weight: has 2 weights, but the data has 9 classes',
        ),
    ],
)
def test_heads_that_do_not_fit_the_classes(tiny_configs, part, value, sentence):
    cfg = load_config(tiny_configs[1])
    require_matching_classes(cfg, 'train', 'val', 'test')
    cfg.merge_from_dict({f'model.{part}': value})
    with pytest.raises(InputError, match=sentence):
        require_matching_classes(cfg, 'train')
