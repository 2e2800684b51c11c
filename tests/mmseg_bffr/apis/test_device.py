"""Which device is taken, on a machine whose GPUs are imagined."""

import mmengine.device
import pytest
import torch
from mmengine.config import Config

from bffr.errors import InputError
from mmseg_bffr.apis import device as device_module
from mmseg_bffr.apis.device import choose_device, set_devices


@pytest.fixture
def said(monkeypatch):
    lines = []
    monkeypatch.setattr(device_module, 'print_log', lines.append)
    monkeypatch.setattr(mmengine.device.utils, 'DEVICE', mmengine.device.get_device())
    return lines


@pytest.fixture
def gpus(monkeypatch, said):
    """Two GPUs; returns which were made current."""
    current = []
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: True)
    monkeypatch.setattr(torch.cuda, 'device_count', lambda: 2)
    monkeypatch.setattr(torch.cuda, 'get_device_name', lambda index: f'Imagined {index}')
    monkeypatch.setattr(torch.cuda, 'set_device', current.append)
    return current


def test_cpu_means_the_cpu(gpus, said):
    mmengine.device.utils.DEVICE = 'cuda'  # as found at its import
    set_devices(Config(), 'none', device='cpu')
    assert (gpus, said) == ([], [])
    assert mmengine.device.get_device() == 'cpu'  # to which mmengine's Runner moves its model


def test_cuda_is_taken_where_nothing_is_asked_for_and_said(gpus, said):
    assert choose_device() == torch.device('cuda', 0)
    assert said == ['Running on CUDA device 0, Imagined 0.']
    set_devices(Config())
    assert gpus == [torch.device('cuda', 0)]
    assert mmengine.device.get_device() == 'cuda'


@pytest.mark.parametrize('asked', [dict(device='cuda:1'), dict(gpu_id=1)])
def test_what_is_asked_for_is_taken(gpus, said, asked):
    set_devices(Config(), **asked)
    assert gpus == [torch.device('cuda', 1)]
    assert said == []
    with pytest.raises(InputError, match='CUDA device 7 does not exist; there are 2'):
        choose_device(gpu_id=7)
    with pytest.raises(InputError, match='CUDA device -1 does not exist'):
        choose_device(gpu_id=-1)


@pytest.mark.parametrize('device', ['gpu', 'mps', 'cuda:x', 'cuda:-1', 'cpu:1', ''])
def test_what_is_no_device(gpus, device):
    with pytest.raises(
        InputError, match=f'device .?{device}.?: (is not a device|torch runs here on)'
    ):
        choose_device(device)


@pytest.mark.parametrize('device', ['CPU', torch.device('cpu'), 'Cuda:1', 'CUDA'])
def test_spelling_does_not_count(gpus, device):
    assert str(choose_device(device)).partition(':')[0] == str(device).lower().partition(':')[0]


def test_without_cuda(monkeypatch, said):
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: False)
    assert choose_device() == choose_device('cpu') == torch.device('cpu')
    assert said == []
    assert choose_device(gpu_id=1) == torch.device('cpu')
    assert 'running on the CPU' in said[0]
    with pytest.raises(InputError, match='cuda: there is no CUDA device'):
        choose_device('cuda')


@pytest.mark.parametrize(
    ('launcher', 'command'), [('pytorch', 'torchrun'), ('slurm', 'srun'), ('mpi', 'mpirun')]
)
@pytest.mark.parametrize('by', ['flag', 'config'])
def test_launchers_that_did_not_start_the_process(monkeypatch, said, launcher, command, by):
    for name in ('RANK', 'SLURM_PROCID', 'OMPI_COMM_WORLD_RANK'):
        monkeypatch.delenv(name, raising=False)
    cfg, flag = (Config(), launcher) if by == 'flag' else (Config(dict(launcher=launcher)), None)
    with pytest.raises(InputError, match=f'--launcher {launcher}: .* not started by {command}'):
        set_devices(cfg, flag)
