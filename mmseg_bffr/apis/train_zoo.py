"""A model of the zoo from its recipe: what `bffr train-zoo` does."""

import json
import math
import os
import statistics
from pathlib import Path

from mmengine.logging import print_log
from tabulate import tabulate

from bffr.errors import InputError
from bffr.files import write_whole
from mmseg_bffr.apis.config import has_fuser, is_fuser, load_config
from mmseg_bffr.apis.export import export
from mmseg_bffr.apis.fuse_dataset import fuse_dataset
from mmseg_bffr.apis.publish import publish
from mmseg_bffr.apis.run_config import RunOptions, TrainingOptions
from mmseg_bffr.apis.segment_dataset import segment_dataset
from mmseg_bffr.apis.train import train

FUSION_METRICS = ('EN', 'SD', 'SF', 'AG', 'SCD', 'VIF', 'Qabf', 'SSIM', 'Nabf')
_METRICS, _CARD = 'metrics.json', 'card.md'


def train_zoo(
    recipe: str | os.PathLike, *, seed: int, work_dir: str | os.PathLike, device: str | None = None
) -> Path:
    """Train the phases of a recipe one after another, and publish what the last one ends with.

    All is in `WORK_DIR/RECIPE/seed_N`: a work dir for each phase, and `published/` with
    `config.py`, `weights.pth`, `exported/` and `metrics.json`, the numbers on the test set of the
    last phase.
    `WORK_DIR/RECIPE/card.md` has these of all seeds that are finished, their mean and deviation.
    Started again, what is finished is skipped and a phase that was interrupted goes on.

    Args:
        recipe: Folder of configs, such as `configs/zoo/content-s`: a phase each, in the order of
            their names. They find the results of earlier ones by the environment variable
            `ZOO_RUN`, `{{$ZOO_RUN:}}/PHASE/iter_N.pth`.
        seed: Of every phase.
        work_dir: For all runs.
        device: See `RunOptions`.

    Returns:
        Path: `published/`.

    Raises:
        InputError: The folder has no configs, or as `train`, `publish` and `export`.
    """
    phases = sorted(Path(recipe).glob('*.py'))
    if not phases:
        raise InputError(f'{recipe}: has no configs; give the folder of a recipe.')
    folder = Path(work_dir, Path(recipe).name, f'seed_{seed}').resolve()
    os.environ['ZOO_RUN'] = str(folder)
    for number, phase in enumerate(phases, 1):
        cfg = load_config(phase)
        checkpoint = folder / phase.stem / f'iter_{cfg.train_cfg.max_iters}.pth'
        if not checkpoint.is_file():
            print_log(f'Phase {number} of {len(phases)}, seed {seed}: {phase}', 'current')
            run = dict(work_dir=str(checkpoint.parent), device=device)
            how = TrainingOptions(**run, seed=seed, auto_resume=True, no_validate=True)
            train(phase, how, warm_start=is_fuser(cfg.model))
    published, segments = folder / 'published', has_fuser(cfg.model)
    weights = publish(phase, checkpoint, published)
    if not (published / 'exported').is_dir():
        export(*weights, published / 'exported', what='fuse+segment' if segments else 'fuse')
    if not (published / _METRICS).is_file():
        run = RunOptions(work_dir=str(published / 'test'), device=device)
        metrics = fuse_dataset(str(phase), str(weights[1]), run, metrics=FUSION_METRICS)
        if segments:
            metrics |= segment_dataset(str(phase), str(weights[1]), run, metrics=['mIoU'])
        metrics = {key: None if math.isnan(value) else value for key, value in metrics.items()}
        write_whole(published / _METRICS, json.dumps(metrics, indent=1).encode())
    _write_card(folder.parent)
    return published


def _write_card(folder: Path) -> None:
    """Tabulate the numbers of all finished seeds of a model."""
    seeds = {
        path.parts[-3]: json.loads(path.read_text())
        for path in sorted(folder.glob(f'seed_*/published/{_METRICS}'))
    }
    rows = []
    for metric in next(iter(seeds.values())):
        values = [metrics.get(metric) for metrics in seeds.values()]
        defined = [value for value in values if value is not None]
        mean = statistics.mean(defined) if defined else None
        deviation = statistics.stdev(defined) if len(defined) > 1 else None
        rows.append([metric, *values, mean, deviation])
    header = ['', *seeds, 'mean', 'deviation']
    text = tabulate(rows, header, tablefmt='github', floatfmt='.4g')
    write_whole(folder / _CARD, f'{text}\n'.encode())
    print_log(f'{folder / _CARD}:\n{text}', 'current')
