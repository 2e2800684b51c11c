"""Whatever happens while checkpoints are written, a whole one is left and found."""

import shutil

import pytest

from bffr.errors import InputError
from mmseg_bffr.checkpoints import find_latest, load_from_file

from .process import log, train
from .states import assert_identical


def options(*more):
    return ('train_cfg.max_iters=3', 'default_hooks.checkpoint.interval=1', *more)


@pytest.fixture(scope='module')
def whole(tiny_configs, tmp_path_factory):
    """A training of three iterations with a checkpoint each."""
    folder = tmp_path_factory.mktemp('whole')
    assert train(tiny_configs[0], folder, no_validate=True, seed=1, cfg_options=options()) == 0
    return folder


@pytest.fixture
def moved(whole, tmp_path):
    """A copy elsewhere, whose `last_checkpoint` names a file of the original."""
    return shutil.copytree(whole, tmp_path / 'moved')


def damage(path):
    content = path.read_bytes()
    middle = len(content) // 2
    path.write_bytes(content[:middle] + b'damage' * 100 + content[middle + 600 :])


def cut(path):
    path.write_bytes(path.read_bytes()[:-1000])


@pytest.mark.parametrize('place', [('rename', 2), ('fsync', 4)])
def test_killed_while_saving(tiny_configs, whole, tmp_path, place):
    arguments = {'no_validate': True, 'seed': 1, 'cfg_options': options(), 'auto_resume': True}
    assert train(tiny_configs[0], tmp_path, place, **arguments) == -9
    assert train(tiny_configs[0], tmp_path, **arguments) == 0
    assert_identical(tmp_path / 'iter_3.pth', whole / 'iter_3.pth')
    assert not list(tmp_path.glob('.*partial'))


def test_a_schedule_that_holds_a_function_can_be_resumed(tiny_configs, tmp_path):
    config = tmp_path / 'one_cycle.py'
    config.write_text(
        f'_base_ = {str(tiny_configs[0])!r}\n'
        "param_scheduler = [dict(type='OneCycleLR', eta_max=1e-3, end=4, by_epoch=False)]\n"
    )
    arguments = {'no_validate': True, 'seed': 1, 'auto_resume': True}
    for number in 2, 3:
        iterations = (*options(), f'train_cfg.max_iters={number}')
        assert train(config, tmp_path / 'run', cfg_options=iterations, **arguments) == 0
    assert load_from_file(tmp_path / 'run/iter_3.pth')['meta']['iter'] == 3


class TestFindLatest:
    def test_nothing_yet(self, tmp_path):
        assert find_latest(tmp_path) is None

    def test_nothing_left(self, moved):
        for path in moved.glob('*.pth'):
            path.unlink()
        (moved / 'last_checkpoint').write_text('iter_3.pth')
        assert find_latest(moved) is None

    def test_moved(self, moved):
        assert not (moved / 'last_checkpoint').read_text().startswith(str(moved))
        assert find_latest(moved) == str(moved / 'iter_3.pth')

    def test_last_checkpoint_is_believed(self, moved):
        (moved / 'last_checkpoint').write_text('iter_2.pth')
        assert find_latest(moved) == str(moved / 'iter_2.pth')

    @pytest.mark.parametrize('content', ['', 'iter_', '\0\0\0'])
    def test_half_written_last_checkpoint(self, moved, content):
        (moved / 'last_checkpoint').write_text(content)
        assert find_latest(moved) == str(moved / 'iter_3.pth')

    def test_damaged_files_are_skipped_and_named(self, moved, logged):
        damage(moved / 'iter_3.pth')
        cut(moved / 'iter_2.pth')
        assert find_latest(moved) == str(moved / 'iter_1.pth')
        for name in ('iter_3.pth', 'iter_2.pth'):
            assert any('Skipped' in line and name in line for line in logged)

    def test_none_is_whole(self, moved):
        for path in moved.glob('*.pth'):
            cut(path)
        with pytest.raises(InputError, match=r'none of its 3 checkpoint\(s\) can be resumed'):
            find_latest(moved)


@pytest.mark.parametrize('spoil', [damage, cut])
def test_damaged_checkpoints_are_refused(moved, spoil):
    spoil(moved / 'iter_1.pth')
    with pytest.raises(InputError, match=r'iter_1\.pth: is damaged'):
        load_from_file(moved / 'iter_1.pth')


def test_disk_full_leaves_the_checkpoint_before(tiny_configs, tmp_path):
    (tmp_path / '.iter_2.pth.partial').symlink_to('/dev/full')
    keep = options('default_hooks.checkpoint.max_keep_ckpts=1')
    assert train(tiny_configs[0], tmp_path, no_validate=True, cfg_options=keep) == 1
    last = log(tmp_path).splitlines()[-1]
    assert last.startswith(f'error: {tmp_path}/iter_2.pth: cannot be written (No space left')
    assert find_latest(tmp_path) == str(tmp_path / 'iter_1.pth')
    assert not (tmp_path / '.iter_2.pth.partial').is_symlink()


def test_outdated_ones_are_removed_and_the_best_is_kept_by_a_resumed_run(tiny_configs, tmp_path):
    best = options(
        'default_hooks.checkpoint.max_keep_ckpts=1',
        'default_hooks.checkpoint.save_best=SD',
        'default_hooks.checkpoint.rule=greater',
        'train_cfg.val_interval=1',
    )
    first, second = tmp_path / 'first', tmp_path / 'second'
    assert train(tiny_configs[0], first, ('iteration', 3), cfg_options=best) == -9
    shutil.copytree(first, second)
    assert train(tiny_configs[0], second, cfg_options=best, auto_resume=True) == 0
    assert [path.name for path in second.glob('iter_*')] == ['iter_3.pth']
    assert len(list(second.glob('best_*'))) == 1
    assert len(list(first.glob('best_*'))) == 1
    assert len(list(first.glob('iter_*'))) == 1
