"""The processes of a distributed run, without torchrun's start."""

import os
import socket

from .process import FORKSERVER, unformatted


def run_ranks(function, *arguments, timeout=120) -> list[int | None]:
    """Call a function in two processes that can form a process group; returns their statuses."""
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        port = probe.getsockname()[1]
    FORKSERVER.set_forkserver_preload(['mmseg_bffr.apis'])
    ranks = [
        FORKSERVER.Process(target=_rank, args=(rank, port, function, arguments))
        for rank in range(2)
    ]
    for rank in ranks:
        rank.start()
    for rank in ranks:
        rank.join(timeout)
    statuses = [rank.exitcode for rank in ranks]
    for rank in ranks:
        rank.kill()
    return statuses


def _rank(rank, port, function, arguments):
    os.environ.update(
        RANK=str(rank),
        LOCAL_RANK=str(rank),
        WORLD_SIZE='2',
        LOCAL_WORLD_SIZE='2',
        MASTER_ADDR='127.0.0.1',
        MASTER_PORT=str(port),
        CUDA_VISIBLE_DEVICES='',
    )
    import torch
    from yapf.yapflib import yapf_api

    yapf_api.FormatCode = unformatted
    torch.set_num_threads(1)
    function(*arguments)
