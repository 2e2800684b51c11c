"""What a data set's config says, without reading any of its files."""

from collections.abc import Iterator, Mapping

from mmengine.config import Config
from mmengine.dataset import BaseDataset
from mmseg.registry import DATASETS


def base_datasets(config: dict) -> Iterator[dict]:
    """Configs of the data sets in mmengine's wrappers (`RepeatDataset`, `ConcatDataset`, ...)."""
    if 'datasets' in config:
        for part in config['datasets']:
            yield from base_datasets(part)
    elif 'dataset' in config:
        yield from base_datasets(config['dataset'])
    else:
        yield config


def unread_datasets(config: dict) -> list[BaseDataset]:
    """The data sets within a config, built but not filled: they know classes and folders."""
    unread = {'pipeline': [], 'lazy_init': True, 'test_mode': False}
    return [
        DATASETS.build({'type': 'PairDataset', **base, **unread}) for base in base_datasets(config)
    ]


def infrared_arguments(cfg: Mapping) -> dict:
    """Arguments of `InfraredScale` by which a config's test set is read; {} if it names none."""
    loader = cfg.get('test_dataloader') or {'dataset': {}}
    steps = next(base_datasets(loader['dataset'])).get('pipeline', ())
    return next((s['infrared'] for s in steps if s['type'] == 'LoadPair' and s.get('infrared')), {})


def class_metainfo(cfg: Config) -> dict:
    """Classes that a config's model learns: those of its training data, or else of other data.

    Returns:
        dict: `classes`, a sequence of names, and `palette`, R, G, B of each; both empty if no data
            has labels.
    """
    for part in ('train', 'val', 'test'):
        loader = cfg.get(f'{part}_dataloader')
        for dataset in unread_datasets(loader.dataset) if loader else ():
            if dataset.metainfo.get('classes'):
                return {key: dataset.metainfo[key] for key in ('classes', 'palette')}
    return {'classes': (), 'palette': []}
