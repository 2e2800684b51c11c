"""The checkpoint that an interrupted training goes on from."""

import logging
import os
from pathlib import Path

from mmengine.logging import print_log

from bffr.errors import InputError
from mmseg_bffr.checkpoints.reading import load_from_file


def find_latest(work_dir: str | os.PathLike) -> str | None:
    """Find the latest checkpoint in a work dir that is whole and can be resumed.

    That is the one named in `last_checkpoint`, looked for in `work_dir` if the folder was moved,
    or else the `iter_N.pth` of the highest N. Files that are damaged are skipped with a warning.

    Returns:
        str or None: None if the folder holds no checkpoint at all.

    Raises:
        InputError: There are checkpoints, but none is whole.
    """
    candidates = _candidates(Path(work_dir))
    for path in candidates:
        try:
            require_resumable(path)
        except InputError as error:
            print_log(f'Skipped {error}', logger='current', level=logging.WARNING)
            continue
        return str(path)
    if any(path.is_file() for path in candidates):
        raise InputError(
            f'{work_dir}: none of its {len(candidates)} checkpoint(s) can be resumed; '
            f'move them away to start a new training.'
        )
    return None


def require_resumable(path: str | os.PathLike) -> None:
    """Check that a training can be resumed from a checkpoint.

    Raises:
        InputError: The file is missing or damaged, or holds weights alone.
    """
    checkpoint = load_from_file(path, map_location='cpu')
    if 'message_hub' not in checkpoint or 'optimizer' not in checkpoint:
        raise InputError(
            f'{path}: holds weights but no state of a training to resume; use --load-from.'
        )


def _candidates(work_dir: Path) -> list[Path]:
    paths = [path for path in work_dir.glob('iter_*.pth') if path.stem[5:].isdecimal()]
    paths.sort(key=lambda path: int(path.stem[5:]), reverse=True)
    named = work_dir / 'last_checkpoint'
    written = named.read_text(errors='replace').strip() if named.is_file() else ''
    if written and '\0' not in written:  # NULs: the machine went down while it was written
        last = Path(written)
        beside = work_dir / last.name
        last = last if last.is_file() and not beside.is_file() else beside
        paths = [last, *(path for path in paths if path != last)]
    return paths
