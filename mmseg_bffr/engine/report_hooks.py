"""What a run reports besides its log: how far it is, and what it takes to repeat it."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

from mmengine.dist import is_main_process, master_only
from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmengine.utils.dl_utils import collect_env
from mmseg.registry import HOOKS
from tqdm import tqdm

from bffr import __version__


@HOOKS.register_module()
class ProgressBarHook(Hook):
    """Show how far validation or test is; training has its log lines."""

    def _before_epoch(self, runner, mode: str = 'train') -> None:
        if mode != 'train':
            loop = runner.val_loop if mode == 'val' else runner.test_loop
            self.bar = tqdm(
                total=len(loop.dataloader), desc=mode, unit='batch', disable=not is_main_process()
            )

    def _after_iter(self, runner, batch_idx, data_batch=None, outputs=None, mode='train') -> None:
        if mode != 'train':
            self.bar.update()

    def _after_epoch(self, runner, mode: str = 'train') -> None:
        if mode != 'train':
            self.bar.close()


@HOOKS.register_module()
class RunRecordHook(Hook):
    """Write WORK_DIR/TIME/run.json: command line, git revision, seed, environment.

    The full config is beside it, as mmengine's runner writes it.
    """

    @master_only
    def before_train(self, runner: Runner) -> None:
        """Write the file; a resumed run has its seed by now."""
        record = {
            'command': shlex.join([sys.executable, *sys.argv]),
            'folder': os.getcwd(),
            'git': revision(),
            'seed': runner.seed,
            'deterministic': runner.deterministic,
            'processes': runner.world_size,
            'environment': {name: str(value) for name, value in collect_env().items()},
        }
        path = Path(runner.log_dir, 'run.json')
        path.write_text(json.dumps(record, indent=1) + '\n', encoding='utf-8')
        runner.logger.info(f'Command, revision {record["git"]} and environment: {path}')

    before_test = before_train


def revision() -> str:
    """Commit of this project's checkout, `-dirty` if changed since; otherwise the version."""
    checkout = Path(__file__).parents[2]
    within = Path(checkout, 'tools', 'train_fuser.py').is_file()
    if within and _git(checkout, 'rev-parse', '--show-prefix') == '':
        return _git(checkout, 'describe', '--always', '--abbrev=40', '--dirty', '--exclude=*')
    return f'version {__version__}'


def _git(folder: Path, *words: str) -> str | None:
    """What git says there; None if it is not installed or fails."""
    try:
        run = subprocess.run(['git', *words], cwd=folder, capture_output=True, text=True)
    except OSError:
        return None
    return run.stdout.strip() if run.returncode == 0 else None
