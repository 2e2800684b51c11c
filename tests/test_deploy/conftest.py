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
        model = init_model(config, device='cpu')
        for norm in model.modules():
            if isinstance(norm, torch.nn.LayerNorm):
                torch.nn.init.uniform_(norm.weight, 0.5, 1.5)
                torch.nn.init.uniform_(norm.bias, -0.5, 0.5)
        torch.save({'state_dict': model.state_dict()}, path)
    return paths
