"""Which device and how many processes a run uses."""

import atexit
import os
import re

import mmengine.device.utils
import torch
from mmengine.config import Config
from mmengine.logging import print_log

from bffr.errors import InputError
from bffr.models.device import device_name

LAUNCHERS = {
    'pytorch': ('RANK', 'torchrun'),
    'slurm': ('SLURM_PROCID', 'srun'),
    'mpi': ('OMPI_COMM_WORLD_RANK', 'mpirun'),
}
"""Launcher -> the variable in which it tells a process its number, and its command."""


def choose_device(
    device: str | torch.device | None = None, gpu_id: int | None = None
) -> torch.device:
    """The device that is asked for, or else CUDA where there is any, with a line in the log.

    Args:
        device: `cpu`, `cuda` or `cuda:N`; an error if it is not there.
        gpu_id: N of a CUDA device; without CUDA the CPU is taken, with a line in the log.

    Raises:
        InputError: `device` is none of these or not there.
    """
    device = device_name(device)
    if device is not None and not re.fullmatch(r'cpu|cuda(:\d+)?', device):
        raise InputError(f'device {device}: torch runs here on cpu, cuda or cuda:N.')
    if device == 'cpu':
        return torch.device('cpu')
    if not torch.cuda.is_available():
        if device is not None:
            raise InputError(f'device {device}: there is no CUDA device; take cpu.')
        if gpu_id is not None:
            print_log(f'--gpu-id {gpu_id}: there is no CUDA device, running on the CPU.')
        return torch.device('cpu')
    index = gpu_id if gpu_id is not None else torch.device(device or 'cuda').index or 0
    if not 0 <= index < torch.cuda.device_count():
        raise InputError(
            f'CUDA device {index} does not exist; there are {torch.cuda.device_count()}.'
        )
    if device is None and gpu_id is None:
        print_log(f'Running on CUDA device {index}, {torch.cuda.get_device_name(index)}.')
    return torch.device('cuda', index)


def set_devices(
    cfg: Config, launcher: str | None = None, device: str | None = None, gpu_id: int | None = None
) -> None:
    """Choose the device of a single process, or start the process group of several.

    Args:
        cfg: The config that the Runner will get.
        launcher: `none` (one process), `pytorch` (torchrun), `slurm` or `mpi`; by default what the
            config says. Without CUDA, torchrun's processes talk through gloo, each on the CPU, and
            BatchNorm is not synchronised.
        device, gpu_id: Of a single process, see `choose_device`; of several, `cpu` keeps them on
            the CPU.

    Raises:
        InputError: `device` is not there, or the launcher did not start this process.
    """
    cfg.launcher = launcher or cfg.get('launcher') or 'none'
    if cfg.launcher == 'none':
        chosen = choose_device(device, gpu_id)
        if chosen.type == 'cuda':
            torch.cuda.set_device(chosen)
    else:
        chosen = torch.device(
            'cuda' if torch.cuda.is_available() and device_name(device) != 'cpu' else 'cpu'
        )
        number, command = LAUNCHERS[cfg.launcher]
        if number not in os.environ:
            raise InputError(
                f'--launcher {cfg.launcher}: this process was not started by {command}; put it '
                f'before the command, or leave out --launcher.'
            )
        if cfg.launcher == 'pytorch' and chosen.type == 'cpu':
            torch.distributed.init_process_group('gloo')
            atexit.register(torch.distributed.destroy_process_group)  # else its threads may abort
            cfg.model_wrapper_cfg = dict(
                find_unused_parameters=cfg.get('find_unused_parameters', False), device_ids=None
            )
            cfg.sync_bn = None  # torch's is for GPUs only
    mmengine.device.utils.DEVICE = chosen.type  # mmengine's Runner takes it from there


def is_first_process(cfg: Config) -> bool:
    """Whether this is the only process of a run or the first of several; after `set_devices`."""
    number, _ = LAUNCHERS.get(cfg.launcher, (None, None))
    return number is None or os.environ[number] == '0'
