"""The weights of the zoo's models, to run by torch and to train on with."""

from pathlib import Path

from bffr.errors import InputError
from bffr.models.exported import sha256
from bffr.models.zoo import LIST, full_name, zoo_list

FOLDER = Path(__file__).parents[1] / 'zoo'
CONFIG, WEIGHTS = 'config.py', 'weights.pth'


def zoo_model(name: str | None = None) -> tuple[Path, Path]:
    """Config file and weights file of a model of the zoo; None and `default` mean its default.

    Raises:
        InputError: There is no such model, one of its files is not installed, or its weights are
            not the listed ones.
    """
    name = full_name(name)
    files = config, weights = FOLDER / name / CONFIG, FOLDER / name / WEIGHTS
    for file in files:
        if not file.is_file():
            raise InputError(
                f'{file}: is missing, so the zoo does not have this model; give a config and its '
                f'checkpoint.'
            )
    if sha256(weights) != zoo_list()['weights_sha256'][name]:
        raise InputError(f'{weights}: is not the file that {LIST.name} lists; install it again.')
    return config, weights
