"""Split files: one image name in each line, or the files of one sample a line."""

import logging
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from bffr.errors import InputError
from bffr.images.standard_splits import NUMBERED_BY, STANDARD_SPLITS

_LOG = logging.getLogger(__name__)


def read_split(path: str | os.PathLike) -> list[str]:
    """Read the names in a split file, in order; blank lines and line endings do not matter.

    Without a file of that name, one of `STANDARD_SPLITS` is meant; the log says whose names it has.

    Raises:
        InputError: The file is missing, not UTF-8 text, or names nothing.
    """
    if path in STANDARD_SPLITS and not os.path.exists(path):
        _LOG.info(f'{path}: names of {NUMBERED_BY[path]}.')
        return [*STANDARD_SPLITS[path]]
    try:
        lines = Path(path).read_text(encoding='utf-8-sig').splitlines()
    except OSError as error:
        raise InputError(
            f'{path}: cannot be read ({error.strerror}); only the lists '
            f'{", ".join(STANDARD_SPLITS)} come with the package; for any other, such as '
            f"M3FD's 300, give a text file with one image name in each line."
        ) from None
    except UnicodeDecodeError:
        raise InputError(
            f'{path}: is not a text file; it needs one image name in each line.'
        ) from None
    names = [line.strip() for line in lines if line.strip()]
    if not names:
        raise InputError(f'{path}: names no image; it needs one image name in each line.')
    return names


def day_and_night(names: Sequence[str]) -> dict[str, list[str]]:
    """Names that end in D, as `day`, and in N, as `night`; {} where not all do, or of one kind."""
    parts = {part: [n for n in names if n[-1] == part[0].upper()] for part in ('day', 'night')}
    return parts if all(parts.values()) and sum(map(len, parts.values())) == len(names) else {}


def match_files(folders: Sequence[str | os.PathLike], lines: Sequence[str]) -> list[list[str]]:
    """Paths of samples whose every file a split file names, for layouts without common stems.

    Args:
        folders: Folders of images.
        lines: One sample a line: a file of each folder, relative to it, with tabs between them.

    Raises:
        InputError: A line has another number of files, files are missing (all are listed), or first
            files share their stem, by which results are named.
    """
    samples = []
    for line in lines:
        files = line.split('\t')
        if len(files) != len(folders):
            raise InputError(
                f'{line}: names {len(files)} file(s); a line of this split file needs '
                f'{len(folders)}, one of each folder, with tabs between them.'
            )
        samples.append([str(Path(*parts)) for parts in zip(folders, files, strict=True)])
    missing = [path for files in samples for path in files if not Path(path).is_file()]
    if missing:
        raise InputError(
            f'{", ".join(missing)}: the split file names them, but there are no such files.'
        )
    stems = Counter(Path(first).stem for first, *_ in samples)
    shared = [stem for stem, count in stems.items() if count > 1]
    if shared:
        raise InputError(
            f'{", ".join(shared)}: several visible files have this stem, so their results would '
            f'have one name; keep one of each.'
        )
    return samples
