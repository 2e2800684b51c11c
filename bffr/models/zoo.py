"""The trained models that come with the package: `bffr/zoo/NAME/`, listed in `zoo.json`.

A folder there holds a model's card and, of some, the exported model; the weights to train on with
are in `mmseg_bffr/zoo/NAME/`. The list has all names, the short ones, too, the SHA-256 of the
weights, and which lists in `trained_on/` have the names of the pairs that a model was trained on.
"""

import json
from pathlib import Path

from bffr.errors import InputError
from bffr.images.splits import read_split

FOLDER = Path(__file__).parents[1] / 'zoo'
LIST = FOLDER / 'zoo.json'


def zoo_list() -> dict:
    """The list: `names` (short name -> name), `weights_sha256` and `trained_on`, by name."""
    return json.loads(LIST.read_text(encoding='utf-8'))


def all_names() -> list[str]:
    """The short names of the zoo's models, then those in full."""
    listed = zoo_list()
    return [*listed['names'], *listed['weights_sha256']]


def full_name(name: str | None = None) -> str:
    """The name of a model of the zoo in full; None means `default`.

    Raises:
        InputError: There is no such model.
    """
    if name not in (None, *all_names()):
        raise InputError(
            f'{name}: is not a model of the zoo; choose from {", ".join(all_names())}.'
        )
    return zoo_list()['names'].get(name or 'default', name)


def zoo_names() -> list[str]:
    """Names of the models of the zoo in full, the default one first."""
    default = full_name()
    return sorted(zoo_list()['weights_sha256'], key=lambda name: name != default)


def exported_folder(name: str) -> Path | None:
    """Where a model of the zoo is exported, by its full name; None if only its weights are here."""
    folder = FOLDER / name
    return folder if (folder / 'model.onnx').is_file() else None


def trained_on(name: str) -> set[str]:
    """Stems of the pairs that a model of the zoo, by its full name, was trained on."""
    lists = zoo_list()['trained_on'].get(name, [])
    return {stem for file in lists for stem in read_split(FOLDER / f'trained_on/{file}.txt')}
