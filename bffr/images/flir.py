"""FLIR's radiometric JPEGs: temperatures and a photo inside of what viewers show."""

import io
import math
import re
from typing import NamedTuple

import flyr
import numpy as np

from bffr.errors import InputError
from bffr.rigs.rig import Rig

_SEGMENT = re.compile(rb'\xff\xe1..FLIR\x00', re.DOTALL)
_HEADER = 3  # bytes between that and the header of the records
_COUNT = slice(0x1C, 0x20)  # of the records, in their header
_RECORDS = 1000  # at most; a damaged number keeps the parser busy for hours


class FlirImage(NamedTuple):
    """What a radiometric JPEG holds.

    Attributes:
        celsius: Temperatures, float32 (h, w).
        photo: uint8 (H, W, 3), BGR; None if there is none.
        placing: How they lie on one another, as FLIR stores it: `real_to_ir`, the width that the
            photo shows by that of the thermal image, `offset_x` and `offset_y`, from the middle of
            the photo to that of the thermal image in pixels of the photo. None if it is not known.
    """

    celsius: np.ndarray
    photo: np.ndarray | None
    placing: dict[str, float] | None

    def rig(self) -> Rig:
        """The rig that photo and temperatures are of.

        Raises:
            InputError: The placing is missing, or places the one outside of the other.
        """
        size, inner = self.photo.shape[1::-1], self.celsius.shape[::-1]
        turned = (size[0] > size[1]) != (inner[0] > inner[1])
        if self.placing is None or turned:
            raise InputError(
                'does not say how its photo and its thermal image fit together; give --align.'
            )
        scale = size[0] / inner[0] / self.placing['real_to_ir']
        offsets = self.placing['offset_x'], self.placing['offset_y']
        shifts = [
            (outer - 1) / 2 + offset - scale * (side - 1) / 2
            for outer, offset, side in zip(size, offsets, inner, strict=True)
        ]
        matrix = np.array([[scale, 0, shifts[0]], [0, scale, shifts[1]], [0, 0, 1]])
        return Rig.of_matrix(matrix, size, inner, 0.0)


def is_flir(content: bytes) -> bool:
    """Whether a file is a JPEG with FLIR's records, by its content."""
    return content.startswith(b'\xff\xd8') and _SEGMENT.search(content) is not None


def read_flir(content: bytes) -> FlirImage:
    """Read what a radiometric JPEG holds.

    Raises:
        InputError: Its thermal part cannot be read; the sentence lacks the file's name.
    """
    try:
        header = content[_SEGMENT.search(content).end() + _HEADER :]
        if int.from_bytes(header[_COUNT], 'big') > _RECORDS:
            raise ValueError('its list of records is damaged')
        thermogram = flyr.unpack(io.BytesIO(content))
        with np.errstate(all='ignore'):  # temperatures that are none become NaN
            celsius = thermogram.celsius.astype(np.float32)
        if celsius.ndim != 2 or not np.isfinite(celsius).any():
            raise ValueError('it holds no temperature')
    except Exception as error:  # flyr lets through whatever a damaged file makes it raise
        reason = f'it has no record {error}' if isinstance(error, KeyError) else error
        raise InputError(
            f'is of a FLIR camera, but its thermal part cannot be read ({reason}); export its '
            f'temperatures as a TIFF.'
        ) from None
    photo, info = thermogram.optical, thermogram.pip_info
    if photo is not None:
        photo = np.dstack([photo] * 3) if photo.ndim == 2 else photo[..., 2::-1]
        photo = np.ascontiguousarray(photo)
    placing = None
    if info is not None and math.isfinite(info.real_to_ir) and info.real_to_ir > 0:
        placing = {
            'real_to_ir': info.real_to_ir,
            'offset_x': info.offset_x,
            'offset_y': info.offset_y,
        }
    return FlirImage(celsius, photo, placing)
