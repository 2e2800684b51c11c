import pytest
import torch

from mmseg_bffr.apis import init_model


def random_checkpoints(tiny_configs, folder):
    """Write random weights of the tiny fuser and the tiny joint model; returns both files."""
    paths = folder / 'fuser.pth', folder / 'joint.pth'
    for config, path in zip(tiny_configs, paths, strict=True):
        torch.manual_seed(0)
        torch.save({'state_dict': init_model(config, device='cpu').state_dict()}, path)
    return paths


@pytest.fixture(scope='session')
def checkpoints(tiny_configs, tmp_path_factory):
    """Random weights of the tiny fuser and the tiny joint model."""
    return random_checkpoints(tiny_configs, tmp_path_factory.mktemp('random'))
