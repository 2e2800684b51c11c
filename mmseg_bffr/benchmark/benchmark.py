"""Time and memory of fusing, segmenting, training and loading, beside what the machine can do."""

import itertools
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import mmengine
import torch
from mmengine.config import Config
from mmengine.logging import MMLogger
from torch import nn

from mmseg_bffr.apis.config import load_config
from mmseg_bffr.apis.cpu import keep_freed_memory
from mmseg_bffr.apis.inference import init_model
from mmseg_bffr.benchmark.cases import Case, Shape, fuse_cases, segment_cases, train_cases
from mmseg_bffr.benchmark.clock import alternate
from mmseg_bffr.benchmark.data_cases import data_cases
from mmseg_bffr.benchmark.machine import GEMM_GFLOP, describe, gemm, peak_memory
from mmseg_bffr.benchmark.report import format_table, plot_growth


def run_benchmark(
    config: str | os.PathLike,
    *,
    mode: str = 'fuse',
    shapes: Sequence[Shape] = ((480, 640),),
    batches: Sequence[int] = (1,),
    rounds: int = 5,
    checkpoint: str | None = None,
    device: str | None = None,
    cfg_options: Sequence[str] = (),
    json: str | os.PathLike | None = None,
    plot: str | os.PathLike | None = None,
) -> dict:
    """Measure, print a table, and return what is in it.

    Args:
        config: Config file.
        mode: `fuse`, `segment`, `train` or `data`.
        shapes: (H, W) of the pairs.
        batches: Pairs at a time; each of them is measured with each shape.
        rounds: Times that each is measured, in turns; the median counts.
        checkpoint: Without it the weights are random, which takes as long.
        device: In torch's words; CUDA where there is one, by default.
        cfg_options: See `load_config`.
        json: File for the result.
        plot: Image file for the growth with size and batch, see `plot_growth`.

    Returns:
        dict: `machine`, `parameters`, ... and `rows`, a dict for each thing measured.

    Raises:
        InputError: The config or a size does not suit the mode.
    """
    cfg = load_config(config, cfg_options)
    MMLogger.get_current_instance().setLevel('WARNING')  # no line for each parameter
    device = torch.device(device or ('cuda' if torch.cuda.is_available() else 'cpu'))
    if device.type == 'cpu':
        keep_freed_memory()
    model = None if mode == 'data' else _model(cfg, mode, checkpoint, device)
    rows = []
    for batch, shape in itertools.product(batches, shapes):
        with tempfile.TemporaryDirectory() as folder:
            cases = _cases(mode, cfg, model, batch, shape, folder)
            rows += _measure(cases, shape, rounds, device)
    result = {
        'config': str(config),
        'mode': mode,
        'machine': describe(device),
        'parameters': model and sum(parameter.numel() for parameter in model.parameters()),
        'rows': rows,
    }
    print(format_table(result))
    if json:
        Path(json).parent.mkdir(parents=True, exist_ok=True)
        mmengine.dump(result, json, indent=1)
    if plot:
        plot_growth(plot, result)
    return result


def _model(cfg: Config, mode: str, checkpoint: str | None, device: torch.device) -> nn.Module:
    for part in (cfg.model, *(part for part in cfg.model.values() if isinstance(part, dict))):
        part.pop('init_cfg', None)  # the weights' values do not matter here
    return init_model(cfg, checkpoint, device)


def _cases(
    mode: str, cfg: Config, model: nn.Module | None, batch: int, shape: Shape, folder: str
) -> list[Case]:
    if mode == 'data':
        return data_cases(cfg, shape, folder)
    if mode == 'train':
        return train_cases(model, batch, shape, cfg)
    return (fuse_cases if mode == 'fuse' else segment_cases)(model, batch, shape)


def _measure(cases: list[Case], shape: Shape, rounds: int, device: torch.device) -> list[dict]:
    """Rows of cases that take their turns with each other and with the matrix product."""
    peaks = {case.name: peak_memory(case.run, device) for case in cases}
    times = alternate({'gemm': gemm(device), **{c.name: c.run for c in cases}}, rounds, device)
    gemm_gflops = GEMM_GFLOP / median(times['gemm'])
    rows = []
    for case in cases:
        seconds = median(times[case.name])
        rows.append(
            {
                'case': case.name,
                'shape': list(shape),
                'images': case.images,
                'seconds': seconds,
                'all_seconds': times[case.name],
                'images_per_second': case.images / seconds,
                'peak_memory_gb': peaks[case.name],
                'gflop': case.gflop,
                'gemm_gflops': gemm_gflops,
                'effective': case.gflop and case.gflop / seconds / gemm_gflops,
            }
        )
    return rows
