"""What the methods of leaderboard.py cost, in a table and beside their quality in a figure."""

import json
import time
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from statistics import median

import numpy as np
import torch
from benchmark_case import seconds
from leaderboard_methods import CDDFUSE, FUSERS, RULES, ZOO, exported, model_of
from matplotlib.figure import Figure
from torch.utils.flop_counter import FlopCounterMode
from tqdm import tqdm

import bffr
from bffr.evaluation.summary import Summary
from bffr.figures.figure_file import save_figure
from bffr.files import write_whole
from bffr.models.engines import ENGINES
from bffr.models.model import Model
from mmseg_bffr.apis.torch_engine import fuser_of

TIMES = 'torch ms', *(f'{engine} ms' for engine in ENGINES)
COSTS = 'M parameters', 'GFLOPs', *TIMES
ROUNDS, LONGEST = 9, 60
"""At most so many, and no new one after so many seconds."""

METRICS = 'VIF', 'Qabf'
"""Of the figure."""


def costs(args) -> dict:
    """Method -> its `COSTS`, times once they are measured; `machine` -> where they were."""
    file = args.work_dir / 'costs.json'
    known = {} if args.time or not file.exists() else json.loads(file.read_text())
    generator = np.random.default_rng(0)
    pair = generator.integers(0, 256, (*args.shape, 4), dtype=np.uint8)
    pair = pair[..., :3].copy(), pair[..., 3].copy()
    for name in tqdm([*RULES, *FUSERS, CDDFUSE, *ZOO], 'costs'):
        if name not in known:
            known[name] = cost(name, pair, args)
    if args.time:
        device = 'CPU'
        if torch.cuda.is_available():
            device = torch.cuda.get_device_name()
        known['machine'] = f'{device}, {torch.get_num_threads()} threads, torch {torch.__version__}'
    write_whole(file, json.dumps(known, indent=1).encode())
    return known


def cost(name: str, pair: tuple[np.ndarray, np.ndarray], args) -> dict[str, float]:
    """What fusing a pair costs, by torch and the installed engines.

    Of a rule it is the time alone, of CDDFuse only torch's.
    """
    model = model_of(name, args.weights)
    found = {}
    if network := getattr(model.engine, 'network', None):
        with FlopCounterMode(display=False) as counter:
            model.fuse(*pair)
        found['M parameters'] = sum(part.numel() for part in fuser_of(network).parameters()) / 1e6
        found['GFLOPs'] = counter.get_total_flops() / 1e9
    if args.time:
        models = {'torch': model}
        if network and name != CDDFUSE:
            folder = exported(name, args.weights, args.work_dir / 'exported' / name)
            installed = filter(find_spec, ENGINES)
            models |= {engine: bffr.load(folder, engine=engine) for engine in installed}
        times = milliseconds([*models.values()], pair)
        found |= {f'{engine} ms': ms for engine, ms in zip(models, times, strict=True)}
    return found


def milliseconds(models: list[Model], pair: tuple[np.ndarray, np.ndarray]) -> list[float]:
    """The median time of each model, which take turns; the first turn does not count."""
    calls = [partial(model.fuse, *pair) for model in models]
    turns, start = [], time.monotonic()
    while len(turns) <= ROUNDS and time.monotonic() - start < LONGEST:
        turns.append([seconds(call) for call in calls])
    return [1000 * median(times) for times in zip(*(turns[1:] or turns), strict=True)]


def draw(file: Path, title: str, summary: Summary, costs: dict) -> None:
    """Draw the means of a board's methods against their speed by their fastest engine."""
    speeds = {}
    for name in summary:
        times = [costs[name][time] for time in TIMES if time in costs.get(name, {})]
        if times:
            speeds[name] = 1000 / min(times)
    figure = Figure(figsize=(5 * len(METRICS), 3.6), layout='constrained')
    for panel, metric in zip(figure.subplots(1, len(METRICS)), METRICS, strict=True):
        for name, speed in speeds.items():
            mean = summary[name][metric].mean
            panel.plot(speed, mean, 'o', color='C3' if name in ZOO else 'C0')
            panel.annotate(name, (speed, mean), (4, 3), textcoords='offset points', fontsize=7)
        panel.set(xscale='log', xlabel='pairs a second', title=f'{metric}, {title}')
        panel.xaxis.set_major_formatter('{x:g}')
        panel.margins(x=0.2)
        panel.grid(alpha=0.3)
    save_figure(file, figure, dpi=150)
