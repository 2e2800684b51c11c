"""Pairs of images of two folders, with or without label maps, of any classes."""

from collections.abc import Sequence
from pathlib import Path

from mmengine.logging import print_log
from mmseg.datasets import BaseSegDataset
from mmseg.registry import DATASETS

from bffr.errors import InputError
from bffr.images.matching import index_images, match_stems
from bffr.images.splits import match_files, read_split
from mmseg_bffr.datasets.transforms import IGNORE_INDEX

_BACKGROUND = 'background', 'bg', 'unlabeled', 'unlabelled', 'void', 'other', 'none'


def voc_colours(classes: Sequence[str]) -> list[list[int]]:
    """Colours R, G, B of the PASCAL VOC data set, whose first one, black, is for a background."""
    start = 0 if classes and classes[0].lower() in _BACKGROUND else 1
    return [
        [
            sum((label >> 3 * bit + channel & 1) << 7 - bit for bit in range(3))
            for channel in range(3)
        ]
        for label in range(start, start + len(classes))
    ]


def index_folder(folder: str) -> dict[str, str]:
    """Images of a folder by stem, see `index_images`; of `FOLDER/*END`, see `PairDataset`."""
    end = _end(folder)
    images = index_images(folder.removesuffix(f'*{end}'))
    return {stem.removesuffix(end): path for stem, path in images.items() if stem.endswith(end)}


def _end(folder: str) -> str:
    return folder.partition('*')[2]


@DATASETS.register_module(name=['PairDataset', 'FusionDataset'])
class PairDataset(BaseSegDataset):
    """Visible and infrared images of two folders, paired by stem; extensions are free.

    `metainfo=dict(classes=..., palette=...)` says which classes there are. Names that this data set
    knows (its `METAINFO`) select: pixels of its other classes are ignored (255). Once a name is
    among them that it does not know, they replace its list: label k means the k-th name.

    Args:
        data_root: Folder that `data_prefix` and `ann_file` are relative to.
        ann_file: Split file, one stem a line; without it all images are taken, and each must have
            its counterparts. Where files have no stem in common, a line names a file of each folder
            instead, relative to it, with tabs between them.
        data_prefix: Folders: `img_path` of visible images, `ir_path` of infrared images and, where
            there are label maps, `seg_map_path`. `FOLDER/*END` takes the files of a folder whose
            stem has that end, which is then left out of it. Without (or with an empty) `img_path`
            or `ir_path` samples have one image, as baselines on one modality need.
        removed_classes: Names of classes that are not to be learnt.
        ignore_removed: Whether pixels of `removed_classes` are ignored (255) rather than given to
            the first class.
        **kwargs: Those of mmsegmentation's `BaseSegDataset`, such as `metainfo`,
            `reduce_zero_label` and `indices`.

    Raises:
        InputError: A folder or the split cannot be read, images are missing (all are listed), the
            palette does not fit the classes, or a removed class is unknown.
    """

    METAINFO = {'classes': (), 'palette': []}

    def __init__(
        self,
        data_prefix: dict | None = None,
        removed_classes: Sequence[str] = (),
        ignore_removed: bool = False,
        **kwargs,
    ):
        self._removed, self._ignore_removed = removed_classes, ignore_removed
        if data_prefix is None:
            data_prefix = {'img_path': 'vis', 'ir_path': 'ir'}
            if self.METAINFO['classes']:
                data_prefix['seg_map_path'] = 'labels'
        data_prefix = {key: folder for key, folder in data_prefix.items() if folder}
        super().__init__(data_prefix=data_prefix, **kwargs)

    @classmethod
    def _load_metainfo(cls, metainfo: dict | None = None) -> dict:
        loaded = super()._load_metainfo(metainfo)
        classes, palette = loaded['classes'], loaded['palette']
        if not metainfo or not metainfo.get('palette'):
            colours = dict(zip(cls.METAINFO['classes'], cls.METAINFO['palette'], strict=True))
            known = set(classes) <= set(colours)
            drawn = dict(zip(classes, voc_colours(classes), strict=True))
            loaded['palette'] = [(colours if known else drawn)[name] for name in classes]
        elif len(palette) != len(classes):
            raise InputError(
                f'metainfo: palette has {len(palette)} colours for {len(classes)} classes '
                f'({", ".join(classes)}); give one for each, or leave it out.'
            )
        return loaded

    @classmethod
    def get_label_map(cls, new_classes: Sequence[str]) -> dict[int, int] | None:
        """Map from stored labels to those of selected classes; None where labels stay."""
        unknown = [name for name in new_classes if name not in cls.METAINFO['classes']]
        if not unknown:
            return super().get_label_map(new_classes)
        if cls.METAINFO['classes']:
            print_log(
                f'{", ".join(unknown)}: not among the classes of {cls.__name__}, so label k is '
                f'taken for the k-th of {", ".join(new_classes)}, counted from 0.',
                logger='current',
            )
        return None

    def load_data_list(self) -> list[dict]:
        """List the samples: dicts of `name`, a stem, and the paths of `data_prefix`.

        The only image of a sample is its `img_path`, of the `modality` visible or infrared.
        """
        folders, names = self._folders_and_names()
        common = self._labels() if 'seg_map_path' in folders else {}
        if len({'img_path', 'ir_path'} & set(self.data_prefix)) == 1:
            common['modality'] = 'visible' if 'img_path' in folders else 'infrared'
            folders = {'img_path' if key == 'ir_path' else key: folders[key] for key in folders}
        if names and '\t' in names[0]:
            samples = match_files([*folders.values()], names)
            samples = [(Path(paths[0]).stem, *paths) for paths in samples]
        else:
            for folder in folders.values():
                names = names and [name.removesuffix(_end(folder)) for name in names]
            samples = match_stems(*folders.values(), stems=names, index=index_folder)
        return [
            {'name': name, **dict(zip(folders, paths, strict=True)), **common, 'seg_fields': []}
            for name, *paths in samples
        ]

    def _folders_and_names(self) -> tuple[dict[str, str], list[str] | None]:
        """Folders by key and the stems to take; None for all."""
        return self.data_prefix, read_split(self.ann_file) if self.ann_file else None

    def _labels(self) -> dict:
        """What `LoadLabels` needs to know."""
        classes = self.metainfo['classes']
        if not classes:
            raise InputError('metainfo: has no classes, which data with labels need; name them.')
        removable = classes if self._ignore_removed else classes[1:]
        unknown = [name for name in self._removed if name not in removable]
        if unknown:
            raise InputError(
                f'removed_classes: {", ".join(unknown)} cannot be removed; '
                f'choose from {", ".join(removable)}.'
            )
        stored = self.METAINFO['classes'] if self.label_map else classes
        learnt = self.label_map or {label: label for label in range(len(classes))}
        removed = {
            classes.index(name): IGNORE_INDEX if self._ignore_removed else 0
            for name in self._removed
        }
        return {
            'num_classes': len(stored),
            'label_map': {label: removed.get(new, new) for label, new in learnt.items()},
            'reduce_zero_label': self.reduce_zero_label,
        }
