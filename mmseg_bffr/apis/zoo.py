"""The trained models that come with the package: `mmseg_bffr/zoo/NAME/`, listed in `models.json`.

The list names the default model and, of each model, the SHA-256 of its weights.
"""

import hashlib
import json
from pathlib import Path

from mmseg_bffr.errors import InputError

FOLDER = Path(__file__).parents[1] / 'zoo'
LIST, CONFIG, WEIGHTS = 'models.json', 'config.py', 'weights.pth'


def zoo_model(name: str | None = None) -> tuple[Path, Path]:
    """Config file and weights file of a model of the zoo; None and `default` mean its default.

    Raises:
        InputError: There is no such model, one of its files is not installed, or its weights are
            not the listed ones.
    """
    listed = _listed()
    name = listed['default'] if name in (None, 'default') else name
    if name not in listed['sha256']:
        names = ', '.join(['default', *listed['sha256']])
        raise InputError(f'{name}: is no model of the zoo; choose from {names}.')
    config, weights = _installed(FOLDER / name / CONFIG), _installed(FOLDER / name / WEIGHTS)
    if sha256(weights) != listed['sha256'][name]:
        raise InputError(f'{weights}: is not the file that {LIST} lists; install it again.')
    return config, weights


def zoo_names() -> list[str]:
    """Names of the models of the zoo, the default one first."""
    listed = _listed()
    return sorted(listed['sha256'], key=lambda name: name != listed['default'])


def sha256(file: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _listed() -> dict:
    return json.loads(_installed(FOLDER / LIST).read_text(encoding='utf-8'))


def _installed(file: Path) -> Path:
    if not file.is_file():
        raise InputError(
            f'{file}: is missing, so the zoo does not have this model; give a config and its '
            f'checkpoint.'
        )
    return file
