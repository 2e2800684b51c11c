"""MFNet: urban scenes by day and night with nine classes."""

from pathlib import Path

from mmengine.logging import print_log
from mmseg.registry import DATASETS

from bffr.errors import InputError
from bffr.images.matching import index_images
from bffr.images.results import FLIP_SUFFIX, MFNET
from mmseg_bffr.datasets.pair_dataset import PairDataset


@DATASETS.register_module()
class MFNetDataset(PairDataset):
    """MFNet's pairs with label maps, in this project's layout or in MFNet's original one.

    - `vis/`, `ir/`, `labels/`: one image each a name, extensions are free;
    - `images/`, `labels/`: visible and infrared in one 4-channel PNG. Taken where `data_root` has
      `images/` and not the visible folder. `_flip` names without a file are left out (the random
      flip makes them redundant).

    Source of the data: Ha et al., "MFNet: Towards Real-Time Semantic Segmentation for Autonomous
    Vehicles with Multi-Spectral Scenes", IROS 2017.

    Args:
        data_root: Folder that `data_prefix` and `ann_file` are relative to.
        ann_file: Split file, one name a line.
        **kwargs: Those of `PairDataset`.

    Raises:
        InputError: As `PairDataset`, or one modality is asked of the original layout.
    """

    METAINFO = MFNET

    def __init__(self, data_root: str, ann_file: str, **kwargs):
        super().__init__(data_root=data_root, ann_file=ann_file, **kwargs)

    def _folders_and_names(self) -> tuple[dict[str, str], list[str]]:
        folders, names = super()._folders_and_names()
        original = Path(self.data_root, 'images')
        if not original.is_dir() or Path(next(iter(folders.values()))).is_dir():
            return folders, names
        if not {'img_path', 'ir_path'} <= set(folders):
            raise InputError(
                f'{self.data_root}: holds both modalities in one file; to use one kind of '
                f'image, convert it with tools/dataset_converters/mfnet.py.'
            )
        available = index_images(original)
        kept = [name for name in names if name in available or not name.endswith(FLIP_SUFFIX)]
        if len(kept) < len(names):
            print_log(
                f'{self.ann_file}: {len(names) - len(kept)} mirrored copies (*{FLIP_SUFFIX}) have '
                f'no file and are left out; the random flip makes them redundant.',
                logger='current',
            )
        labels = {key: folder for key, folder in folders.items() if key == 'seg_map_path'}
        return {'img_path': str(original), **labels}, kept
