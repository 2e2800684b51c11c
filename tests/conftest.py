from pathlib import Path

import pytest
import torch

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
    from mmseg_bffr.datasets.synthetic import write_synthetic_dataset

    folder = tmp_path_factory.mktemp('data') / 'synthetic'
    write_synthetic_dataset(folder, pairs=12, size=(48, 64))
    return folder


@pytest.fixture(autouse=True)
def fixed_seed():
    torch.manual_seed(0)
