"""A run's folder: one training's, and what a failed start leaves there."""

import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from mmengine.dist import master_only
from mmengine.hooks import Hook
from mmengine.runner import Runner

from bffr.errors import InputError

_OF_A_RUN = re.compile(r'(iter|epoch|best)_.*\.pth|last_checkpoint|fusion_result|\d{8}_\d{6}_*')


class StartHook(Hook):
    """Notes that a run began its work; a training then writes its config into the work dir."""

    priority = 'LOWEST'  # a mistake that another hook finds is a failed start
    started = False
    log_dir = None
    outdated = ()  # files and folders of the training that this one replaces

    def watch(self, runner: Runner) -> None:
        """Join a runner's hooks."""
        self.log_dir = runner.log_dir
        runner.register_hook(self)

    def before_test(self, runner: Runner) -> None:
        """Note it."""
        self.started = True

    @master_only
    def before_train(self, runner: Runner) -> None:
        """Note it, remove what is outdated, and write the config."""
        self.started = True
        _remove(self.outdated)
        Runner.dump_config(runner)


@contextmanager
def work_dir_of_a_run(work_dir: str, first: bool) -> Iterator[StartHook]:
    """Make a work dir, and remove the folder of the log if an error ends the run before it started.

    Nothing else is removed: another run may be writing there.

    Args:
        work_dir: The folder.
        first: Whether this process cleans up, of several.

    Yields:
        StartHook: To watch the runner.

    Raises:
        InputError: The folder cannot be written to.
    """
    folder, hook = Path(work_dir), StartHook()
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise InputError(
            f'{work_dir}: cannot be written to ({error.strerror}); choose another --work-dir.'
        ) from None
    try:
        yield hook
    except BaseException:
        if first and not hook.started:
            if hook.log_dir:
                shutil.rmtree(hook.log_dir, ignore_errors=True)  # Windows keeps open files
            with suppress(OSError):  # not empty
                for path in missing:
                    path.rmdir()
        raise


def refuse_another_training(
    work_dir: str, resumed: str | None, overwrite: bool, inputs: Sequence[str]
) -> list[Path]:
    """Let a work dir hold one training: that which goes on, or a new one.

    Args:
        work_dir: The folder.
        resumed: Checkpoint that the training goes on from.
        overwrite: Whether an earlier training there is removed.
        inputs: Files that the training begins with.

    Returns:
        list: What the earlier training left there, to be removed.

    Raises:
        InputError: Another training is there and is to stay, or an input is part of it.
    """
    folder = Path(work_dir)
    there = [path for path in folder.iterdir() if _OF_A_RUN.fullmatch(path.name)]
    used = [path for path in there if path.suffix == '.pth']
    used += [path for path in folder.glob('*/vis_data/scalars.json') if path.stat().st_size]
    if not used or (resumed and Path(resumed).resolve().parent == folder.resolve()):
        return []
    if not overwrite:
        raise InputError(
            f'{work_dir}: holds another training; continue it with --auto-resume, remove it with '
            f'--overwrite, or choose another --work-dir.'
        )
    for file in inputs:
        if Path(file).resolve() in (path.resolve() for path in there):
            raise InputError(f'{file}: --overwrite would remove it; choose another --work-dir.')
    return there


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
