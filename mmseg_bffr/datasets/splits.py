"""Split files: one image name a line."""

import os
from pathlib import Path

from mmseg_bffr.errors import InputError


def read_split(path: str | os.PathLike) -> list[str]:
    """Read the names in a split file, in order; blank lines and line endings do not matter.

    Raises:
        InputError: The file is missing, not UTF-8 text, or names nothing.
    """
    try:
        lines = Path(path).read_text(encoding='utf-8-sig').splitlines()
    except OSError as error:
        raise InputError(
            f'{path}: cannot be read ({error.strerror}); a split file has one image name a line.'
        ) from None
    except UnicodeDecodeError:
        raise InputError(f'{path}: is not a text file; it needs one image name a line.') from None
    names = [line.strip() for line in lines if line.strip()]
    if not names:
        raise InputError(f'{path}: names no image; it needs one image name a line.')
    return names
