"""When an image was taken, by its EXIF data or by its name."""

import os
import re
from datetime import datetime, timedelta
from pathlib import Path

from PIL import Image

_EXIF, _ORIGINAL, _FRACTION = 0x8769, 0x9003, 0x9291  # tags
_STAMP = re.compile(
    r'(?<!\d)(\d{4})[-_.]?(\d\d)[-_.]?(\d\d)[-_.T ]?(\d\d)[-_.:h]?(\d\d)[-_.:m]?(\d\d)'
    r'(?:[.,](\d{1,6})|(\d{3}))?(?!\d)'
)


def capture_time(path: str | os.PathLike) -> datetime | None:
    """The time when an image was taken; None if it says none.

    That is EXIF's `DateTimeOriginal`, with its fraction of a second, or else a stamp in the name,
    such as `20240131_235959` or `2024-01-31T23-59-59.250`.
    """
    return _of_exif(path) or _of_name(Path(path).stem)


def _of_exif(path: str | os.PathLike) -> datetime | None:
    try:
        with Image.open(path) as image:
            exif = image.getexif().get_ifd(_EXIF)
        taken = datetime.strptime(exif[_ORIGINAL].strip('\0 '), '%Y:%m:%d %H:%M:%S')
        fraction = f'0.{str(exif.get(_FRACTION, "")).strip(chr(0) + " ") or 0}'
        return taken + timedelta(seconds=float(fraction))
    except Exception:  # Pillow raises all kinds of files without, or with odd, EXIF data
        return None


def _of_name(stem: str) -> datetime | None:
    for *whole, fraction, thousandths in _STAMP.findall(stem):
        try:
            taken = datetime(*map(int, whole))
        except ValueError:
            continue  # digits that are no date
        return taken + timedelta(seconds=float(f'0.{fraction or thousandths or 0}'))
    return None
