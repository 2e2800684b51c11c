"""MFNet: urban scenes by day and night with nine classes."""

from collections.abc import Sequence
from pathlib import Path

from mmengine.logging import print_log
from mmseg.datasets import BaseSegDataset
from mmseg.registry import DATASETS

from mmseg_bffr.datasets.pairs import index_images, require_stems
from mmseg_bffr.datasets.splits import read_split
from mmseg_bffr.datasets.transforms.load_labels import IGNORE_INDEX
from mmseg_bffr.errors import InputError

FLIP_SUFFIX = '_flip'
"""MFNet's train split lists each pair again, mirrored, under its name with this suffix."""


@DATASETS.register_module()
class MFNetDataset(BaseSegDataset):
    """Pairs with label maps, in this project's layout or in MFNet's original one.

    - `vis/`, `ir/`, `labels/`: one image each a name, extensions are free;
    - `images/`, `labels/`: visible and infrared in one 4-channel PNG. Taken where `data_root` has
      `images/` and not the visible folder. `_flip` names without a file are left out (the random
      flip makes them redundant).

    Source of the data: Ha et al., "MFNet: Towards Real-Time Semantic Segmentation for Autonomous
    Vehicles with Multi-Spectral Scenes", IROS 2017.

    Args:
        data_root: Folder that `data_prefix` and `ann_file` are relative to.
        ann_file: Split file, one name a line.
        data_prefix: `img_path`, `ir_path`, `seg_map_path`: folders. An empty `ir_path` makes
            samples of one modality, for mmsegmentation's `LoadImageFromFile`.
        removed_classes: Names of classes that are not to be learnt.
        ignore_removed: Whether pixels of `removed_classes` are ignored rather than `unlabeled`.
        **kwargs: Those of mmsegmentation's `BaseSegDataset`.

    Raises:
        InputError: A folder or the split cannot be read, images are missing (all are listed), or
            a removed class is unknown.
    """

    METAINFO = {
        'classes': (
            'unlabeled',
            'car',
            'person',
            'bike',
            'curve',
            'car_stop',
            'guardrail',
            'color_cone',
            'bump',
        ),
        'palette': [
            [0, 0, 0],
            [64, 0, 128],
            [64, 64, 0],
            [0, 128, 192],
            [0, 0, 192],
            [128, 128, 0],
            [64, 64, 128],
            [192, 128, 128],
            [192, 64, 0],
        ],
    }

    def __init__(
        self,
        data_root: str,
        ann_file: str,
        data_prefix: dict | None = None,
        removed_classes: Sequence[str] = (),
        ignore_removed: bool = False,
        **kwargs,
    ):
        classes = self.METAINFO['classes']
        unknown = [name for name in removed_classes if name not in classes[1:]]
        if unknown:
            raise InputError(
                f'removed_classes: {", ".join(unknown)} cannot be removed; '
                f'choose from {", ".join(classes[1:])}.'
            )
        self._removed = {
            classes.index(name): IGNORE_INDEX if ignore_removed else 0 for name in removed_classes
        }
        super().__init__(
            data_root=data_root,
            ann_file=ann_file,
            data_prefix=data_prefix
            or {'img_path': 'vis', 'ir_path': 'ir', 'seg_map_path': 'labels'},
            **kwargs,
        )

    def _join_prefix(self) -> None:
        self._single_modality = not self.data_prefix.get('ir_path')
        super()._join_prefix()

    def load_data_list(self) -> list[dict]:
        """List the samples: dicts with `seg_map_path`, `img_path` and, in two files, `ir_path`."""
        names = read_split(self.ann_file)
        folders = dict(self.data_prefix)
        if self._single_modality:
            folders.pop('ir_path', None)
        original = Path(self.data_root, 'images')
        if not Path(folders['img_path']).is_dir() and original.is_dir():
            if self._single_modality:
                raise InputError(
                    f'{self.data_root}: has both modalities in one file each; for images of one '
                    f'kind convert it with tools/dataset_converters/mfnet.py.'
                )
            folders = {'img_path': str(original), 'seg_map_path': folders['seg_map_path']}
            names = self._without_unmade_flips(names, original)
        images = {key: index_images(folder) for key, folder in folders.items()}
        require_stems({folder: images[key] for key, folder in folders.items()}, names)
        return [
            {
                **{key: images[key][name] for key in folders},
                'num_classes': len(self.METAINFO['classes']),
                'label_map': self._removed or None,
                'reduce_zero_label': False,
                'seg_fields': [],
            }
            for name in names
        ]

    def _without_unmade_flips(self, names: list[str], folder: Path) -> list[str]:
        available = index_images(folder)
        kept = [name for name in names if name in available or not name.endswith(FLIP_SUFFIX)]
        if len(kept) < len(names):
            print_log(
                f'{self.ann_file}: {len(names) - len(kept)} mirrored copies (*{FLIP_SUFFIX}) have '
                f'no file and are left out; the random flip makes them redundant.',
                logger='current',
            )
        return kept
