import pytest
import torch

from mmseg_bffr.apis import init_model


@pytest.fixture(scope='session')
def checkpoints(tiny_configs, tmp_path_factory):
    """Random weights of the tiny fuser and the tiny joint model."""
    folder = tmp_path_factory.mktemp('random')
    paths = folder / 'fuser.pth', folder / 'joint.pth'
    for config, path in zip(tiny_configs, paths, strict=True):
        torch.manual_seed(0)
        torch.save({'state_dict': init_model(config, device='cpu').state_dict()}, path)
    return paths
