"""Which device and how many processes mmengine's Runner uses."""

import atexit

import torch
from mmengine.config import Config
from mmengine.logging import print_log

from mmseg_bffr.errors import InputError


def set_devices(
    cfg: Config, launcher: str = 'none', device: str | None = None, gpu_id: int | None = None
) -> None:
    """Choose the device of a single process, or start the process group of several.

    mmengine takes the current CUDA device where there is one. To stay on the CPU all the same,
    the command lines hide the GPUs (`CUDA_VISIBLE_DEVICES=`) before torch is imported.

    Args:
        cfg: The config that the Runner will get.
        launcher: `none` (one process), `pytorch` (torchrun), `slurm` or `mpi`. Without CUDA,
            torchrun's processes talk through gloo, each on the CPU.
        device: `cpu`, `cuda` or `cuda:N`; an error if it is not there.
        gpu_id: N of a CUDA device; without CUDA the CPU is taken, with a line in the log.

    Raises:
        InputError: `device` is not there.
    """
    cfg.launcher = launcher
    if launcher != 'none':
        if launcher == 'pytorch' and not torch.cuda.is_available():
            torch.distributed.init_process_group('gloo')
            atexit.register(torch.distributed.destroy_process_group)  # else its threads may abort
            cfg.model_wrapper_cfg = dict(type='CPUDataParallel')
            cfg.sync_bn = None  # torch's is for GPUs only; CPUDataParallel has its own
    elif not torch.cuda.is_available():
        if device not in (None, 'cpu'):
            raise InputError(f'--device {device}: there is no CUDA device; use --device cpu.')
        if gpu_id is not None:
            print_log(f'--gpu-id {gpu_id}: there is no CUDA device, running on the CPU.')
    else:
        index = gpu_id if gpu_id is not None else torch.device(device or 'cuda').index or 0
        if index >= torch.cuda.device_count():
            raise InputError(
                f'CUDA device {index} does not exist; there are {torch.cuda.device_count()}.'
            )
        torch.cuda.set_device(index)
