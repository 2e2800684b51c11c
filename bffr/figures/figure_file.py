"""Where figures go: a file of a format that matplotlib writes."""

import io
import os
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from bffr.errors import InputError
from bffr.files import write_whole


def check_figure(path: str | os.PathLike) -> None:
    """Raise an InputError where matplotlib does not know the suffix of `path`."""
    known = FigureCanvasAgg.get_supported_filetypes()
    if Path(path).suffix[1:].lower() not in known:
        raise InputError(f'{path}: figures are written as one of {", ".join(sorted(known))}.')


def save_figure(path: str | os.PathLike, figure: Figure, dpi: int) -> None:
    """Write a figure, cropped to what is drawn, as `write_whole` does.

    Raises:
        InputError: The suffix is unknown or the file cannot be written.
    """
    check_figure(path)
    drawn = io.BytesIO()
    kind = Path(path).suffix[1:].lower()
    figure.savefig(drawn, format=kind, dpi=dpi, bbox_inches='tight', pad_inches=0.02)
    write_whole(path, drawn.getvalue())
