"""The trained model that comes with the package: `mmseg_bffr/shipped/`."""

from pathlib import Path

from mmseg_bffr.errors import InputError

FOLDER = Path(__file__).parents[1] / 'shipped'
CONFIG, WEIGHTS = 'config.py', 'weights.pth'


def shipped_model() -> tuple[Path, Path]:
    """Config file and weights file of the shipped model.

    Raises:
        InputError: One of them is not installed.
    """
    files = FOLDER / CONFIG, FOLDER / WEIGHTS
    for file in files:
        if not file.is_file():
            raise InputError(
                f'{file}: is missing, so there is no shipped model; give a config and its '
                f'checkpoint.'
            )
    return files
