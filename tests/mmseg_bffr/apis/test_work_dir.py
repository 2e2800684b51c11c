"""A work dir holds one training; a failed start leaves nothing; tests do not touch its config."""

import shutil
from pathlib import Path

import pytest
from mmengine.config import Config

from mmseg_bffr.apis import init_model

TRAIN, TEST = 'train_fuser.py', 'test_fusion.py'


@pytest.fixture
def once(tool, tiny_configs, tmp_path):
    """Train one iteration in a folder, and list what is there afterwards."""

    def once(*words, folder=tmp_path / 'work'):
        run = tool(
            TRAIN, tiny_configs[0], '--no-validate', '--work-dir', folder, *words, '--cfg-options',
            'train_cfg.max_iters=1', 'default_hooks.checkpoint.interval=1',
        )  # fmt: skip
        run.folder = folder
        return run

    return once


def logs(folder):
    return sorted(folder.glob('*/*.log'))


def test_a_second_training_is_refused_or_replaces_the_first(once, tmp_path):
    assert once().error is None
    folder = tmp_path / 'work'
    (folder / 'notes.txt').touch()
    (first,) = logs(folder)
    checkpoint = folder / 'iter_1.pth'
    before = checkpoint.stat().st_mtime_ns
    assert 'work: holds another training; continue it with --auto-resume' in once().error
    assert logs(folder) == [first]
    assert once('--auto-resume').error is None
    assert once('--resume-from', checkpoint).error is None
    assert checkpoint.stat().st_mtime_ns == before
    refused = once('--overwrite', '--load-from', checkpoint)
    assert 'iter_1.pth: --overwrite would remove it' in refused.error
    assert 'holds another training' in once('--load-from', checkpoint).error
    assert once('--overwrite', '--load-from', 'none.pth').status == 1
    assert first.is_file()  # a failed start removes nothing
    assert once('--overwrite').error is None
    assert not first.exists()
    assert len(logs(folder)) == 1
    assert checkpoint.stat().st_mtime_ns != before
    assert (folder / 'notes.txt').is_file()
    assert once('--overwrite', '--auto-resume').status == 2
    assert once('--overwrite', '--resume-from', checkpoint).status == 2


def test_the_next_command_names_the_checkpoint_on_any_drive(once, monkeypatch):
    def relpath(*_):
        raise ValueError('path is on mount D:, start on mount C:')  # as on Windows

    monkeypatch.setattr('os.path.relpath', relpath)
    run = once()
    assert run.error is None
    assert f'model.fuser.init_cfg.checkpoint={run.folder}/iter_1.pth' in run.log


def test_a_failed_start_leaves_nothing(once, tool, tiny_configs, trained_fuser, tmp_path):
    assert once('--load-from', 'none.pth').status == 1
    assert [path.name for path in (tmp_path / 'work').iterdir()] == ['.lock']
    assert tool(TEST, tiny_configs[0], 'none.pth', '--work-dir', tmp_path / 'a/b').status == 1
    assert not (tmp_path / 'a').exists()
    (tmp_path / 'mine').mkdir()
    (tmp_path / 'mine/notes.txt').touch()
    words = TEST, tiny_configs[0], 'none.pth', '--work-dir', tmp_path / 'mine'
    assert tool(*words).status == 1
    unknown = '--cfg-options', 'model.type=DenseFuse', 'model.channels=3'  # found in the runner
    assert tool(*words, *unknown).status == 1
    assert [path.name for path in (tmp_path / 'mine').iterdir()] == ['notes.txt']


@pytest.mark.parametrize(
    ('mistake', 'said'),
    [
        (['--load-from', 'none.pth'], 'none.pth: cannot be read'),
        (['--cfg-options', 'model.type=DenseFuse', 'model.channels=3'], 'is called channels'),
    ],
)
def test_an_open_log_hides_no_mistake(tool, tiny_configs, tmp_path, monkeypatch, mistake, said):
    remove = shutil.rmtree

    def rmtree(path, ignore_errors=False, **options):
        if not ignore_errors and tmp_path in Path(path).parents:
            raise PermissionError(13, 'used by another process', str(path))  # as on Windows
        remove(path, ignore_errors, **options)

    monkeypatch.setattr('shutil.rmtree', rmtree)
    words = TRAIN, tiny_configs[0], '--no-validate', '--work-dir', tmp_path / 'work', *mistake
    assert said in tool(*words).error


def test_a_test_goes_beside_its_checkpoint_and_leaves_the_config(
    once, tool, tiny_configs, tmp_path
):
    assert once().error is None
    folder = tmp_path / 'work'
    config, checkpoint = folder / tiny_configs[0].name, folder / 'iter_1.pth'
    before = config.read_text()
    option = '--cfg-options', 'model.stretch=False'
    assert tool(TEST, tiny_configs[0], checkpoint, *option).error is None
    assert config.read_text() == before
    assert (folder / 'test_result').is_dir()
    assert logs(folder)
    configs = map(Config.fromfile, folder.glob('*/vis_data/config.py'))
    assert [cfg.model.get('stretch', True) for cfg in configs].count(False) == 1
    assert init_model(config, checkpoint).stretch


def test_weights_that_no_training_left_there_are_tested_elsewhere(
    tool, tiny_configs, trained_fuser, tmp_path, monkeypatch
):
    weights = tmp_path / 'pretrain/weights.pth'
    weights.parent.mkdir()
    weights.write_bytes(trained_fuser.checkpoint.read_bytes())
    config = tmp_path / 'tiny.py'
    config.write_text(f'_base_ = {str(tiny_configs[0])!r}\nwork_dir = {str(tmp_path / "own")!r}\n')
    assert tool(TEST, config, weights).error is None
    assert (tmp_path / 'own/test_result').is_dir()
    assert [path.name for path in weights.parent.iterdir()] == ['weights.pth']
