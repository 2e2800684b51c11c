"""What `--cfg-options` may not say."""

import pytest

from bffr.errors import InputError
from mmseg_bffr.apis.config import load_config


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
    ],
)
def test_wrong_options(tiny_configs, option, sentence):
    with pytest.raises(InputError, match=sentence):
        load_config(tiny_configs[0], [option])


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
