"""Checking the data that a config names: what `bffr check` does."""

from collections.abc import Sequence

from mmengine.config import Config

from bffr.errors import InputError
from mmseg_bffr.apis.config import load_config
from mmseg_bffr.datasets.checking import Findings, check_dataset
from mmseg_bffr.datasets.dataset_configs import base_datasets, class_metainfo
from mmseg_bffr.datasets.transforms import IGNORE_INDEX
from mmseg_bffr.models import TransFuser

PARTS = ('train', 'val', 'test')


def check_data(
    config: str, *, cfg_options: Sequence[str] = (), workers: int | None = None
) -> dict[str, Findings]:
    """Check all data of a config, print what is wrong, then tables of what there is.

    Args:
        config: Config file.
        cfg_options: See `load_config`.
        workers: Number of threads; by default one a CPU.

    Returns:
        dict: Findings of each of train, val and test.

    Raises:
        InputError: The config is wrong, or something is wrong with the data; printed before.
    """
    cfg = load_config(config, cfg_options)
    found = {}
    for part in PARTS:
        loader = cfg.get(f'{part}_dataloader')
        if loader:
            print(f'{part}: {_whereabouts(loader.dataset)}')
            found[part] = check_dataset(loader.dataset, TransFuser.min_size, workers)
    for part, findings in found.items():
        for problem in findings.problems:
            print(f'{part}: {problem}')
    print(_overview(found))
    if any(findings.pixels for findings in found.values()):
        print(_frequencies(found, class_metainfo(cfg)['classes']))
    problems = sum(len(findings.problems) for findings in found.values())
    if problems:
        raise InputError(f'{config}: its data has {problems} problem(s), listed above; mend them.')
    return found


def _whereabouts(dataset: Config) -> str:
    return ', '.join(
        ' '.join(str(base[key]) for key in ('data_root', 'ann_file') if base.get(key))
        for base in base_datasets(dataset)
    )


def _overview(found: dict[str, Findings]) -> str:
    lines = ['', f'{"":6} {"pairs":>7} {"problems":>9}  sizes']
    for part, findings in found.items():
        sizes = ', '.join(
            f'{width}x{height}: {count}' for (height, width), count in findings.sizes.most_common(5)
        )
        more = len(findings.sizes) - 5
        sizes += f', {more} more' if more > 0 else ''
        lines.append(f'{part:6} {findings.pairs:7} {len(findings.problems):9}  {sizes}')
    return '\n'.join(lines)


def _frequencies(found: dict[str, Findings], classes: Sequence[str]) -> str:
    """Share of each class in the labelled pixels, in percent."""
    names = [*enumerate(classes), (IGNORE_INDEX, '(ignored)')]
    lines = ['', 'pixels, %'.ljust(14) + ''.join(f'{part:>9}' for part in found)]
    for label, name in names:
        shares = [
            100 * findings.pixels[label] / max(findings.pixels.total(), 1)
            for findings in found.values()
        ]
        lines.append(f'{name:14}' + ''.join(f'{share:9.3f}' for share in shares))
    return '\n'.join(lines)
