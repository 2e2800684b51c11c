"""The methods that leaderboard.py runs itself, and where they come from."""

from functools import cache
from pathlib import Path

import bffr
from bffr.models.model import Model
from bffr.models.zoo import exported_folder, zoo_list
from mmseg_bffr.apis import export, init_model
from mmseg_bffr.apis.torch_engine import as_model

ROOT = Path(__file__).parents[2]
RULES = 'average', 'laplacian'
FUSERS = {
    'SeAFusion': ('seafusion', 'baselines/seafusion.pth'),
    'IFCNN': ('ifcnn', 'baselines/ifcnn_max.pth'),
    'DenseFuse': ('densefuse', 'baselines/densefuse_gray.pth'),
    'DATFuse': ('datfuse', 'rivals/DATFuse/model_10.pth'),
    'LUT-Fuse': ('lutfuse', 'rivals/LUT-Fuse/generator_context.pth'),
}
"""Method -> start of its config's name, file of its authors' weights."""

CDDFUSE = 'CDDFuse'
"""Its authors' weights are not at hand: of it there are images of some pairs, and what it costs."""

ZOO = dict.fromkeys(zoo_list()['names'].values())
"""The zoo's models of today, which have a short name."""


@cache
def model_of(name: str, weights: Path) -> Model:
    """A rule, or a network in torch; CDDFuse's has random weights."""
    if name in RULES:
        return bffr.load(name)
    if name in ZOO:
        return as_model(init_model(model=name), finds=False)
    return as_model(init_model(*config_and_weights(name, weights)))


def exported(name: str, weights: Path, folder: Path) -> Path:
    """Where a network's exported fuser is: in the package, or else in `folder`, made if missing."""
    if name in ZOO and (packed := exported_folder(name)):
        return packed
    if not folder.exists():
        if name in ZOO:
            export(None, None, folder, model=name)
        else:
            export(*config_and_weights(name, weights), folder)
    return folder


def config_and_weights(name: str, weights: Path) -> tuple[Path, Path | None]:
    """The config of a published method, and the file of its authors' weights."""
    start, file = FUSERS.get(name, ('cddfuse', None))
    [config] = (ROOT / 'configs/fuser').glob(f'{start}_content_*.py')
    return config, file and weights / file
