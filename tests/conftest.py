import gc
import logging
from pathlib import Path

import pytest
import torch
from matplotlib.figure import Figure
from mmengine.logging import MessageHub, MMLogger
from mmseg.visualization import SegLocalVisualizer

from tests.tiny_configs import write_tiny_configs, write_tiny_detector

pytest_plugins = ['tests.command_lines']

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope='session')
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope='session')
def shared() -> Path:
    """Numbers of the original implementation and real pairs, which not everyone has."""
    folder = ROOT.parent / 'shared'
    if not folder.is_dir():
        pytest.skip('../shared (golden outputs of the original and research images) is missing')
    return folder


@pytest.fixture(scope='session')
def golden(shared) -> Path:
    return shared / 'golden'


@pytest.fixture(scope='session')
def synthetic(tmp_path_factory) -> Path:
    """Twelve drawn pairs of 48x64: two each in val and test."""
    from demo.synthetic.dataset import write_synthetic_dataset

    folder = tmp_path_factory.mktemp('data') / 'synthetic'
    write_synthetic_dataset(folder, pairs=12, size=(48, 64))
    return folder


@pytest.fixture(scope='session', autouse=True)
def fast_runs():
    """Of a run of two iterations, mmengine's formatting of the config takes more than half.

    Its data sets collect garbage, too, which is fast while there is little to look at.
    """
    import mmseg_bffr.apis  # noqa: F401

    gc.freeze()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr('yapf.yapflib.yapf_api.FormatCode', lambda text, **_: (text, True))
        yield


@pytest.fixture(autouse=True)
def fixed_seed():
    torch.manual_seed(0)


@pytest.fixture(autouse=True)
def own_logs():
    """No test logs to what an earlier one had for its screen, or goes on with its numbers."""
    yield
    MMLogger._instance_dict.clear()
    MessageHub._instance_dict.clear()
    SegLocalVisualizer._instance_dict.clear()


@pytest.fixture
def logged():
    """Messages in the log of the running experiment, as they come."""
    messages = []
    handler = logging.Handler()
    handler.emit = lambda record: messages.append(record.getMessage())
    logger = MMLogger.get_current_instance()
    logger.addHandler(handler)
    yield messages
    logger.removeHandler(handler)


@pytest.fixture(scope='session')
def tiny_configs(root, synthetic, tmp_path_factory) -> tuple[Path, Path]:
    """Config files of a tiny fuser and a tiny joint model on the drawn pairs."""
    return write_tiny_configs(root, tmp_path_factory.mktemp('configs'), synthetic)


@pytest.fixture(scope='session')
def tiny_detector(root, synthetic, tmp_path_factory) -> Path:
    """Config file of a tiny fuser and detector on the drawn pairs and boxes."""
    return write_tiny_detector(root, tmp_path_factory.mktemp('configs'), synthetic)


@pytest.fixture
def figures(monkeypatch) -> list[Figure]:
    """Matplotlib's figures, as they are saved."""
    saved = []
    savefig = Figure.savefig

    def save(figure, *args, **kwargs):
        saved.append(figure)
        savefig(figure, *args, **kwargs)

    monkeypatch.setattr(Figure, 'savefig', save)
    return saved
