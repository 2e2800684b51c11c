"""Pairs without labels: TNO, RoadScene, any two folders."""

from mmseg.datasets import BaseSegDataset
from mmseg.registry import DATASETS

from mmseg_bffr.datasets.pairs import index_images, match_stems, require_stems
from mmseg_bffr.datasets.splits import read_split


@DATASETS.register_module()
class FusionDataset(BaseSegDataset):
    """Visible and infrared images of two folders, paired by stem; extensions are free.

    Args:
        data_root: Folder that `data_prefix` and `ann_file` are relative to.
        data_prefix: `img_path`: folder of visible images, `ir_path`: of infrared images.
        ann_file: Split file, one stem a line; without it all pairs are taken, and every image
            must have its counterpart.
        **kwargs: Those of mmsegmentation's `BaseSegDataset`.

    Raises:
        InputError: A folder or the split cannot be read, or images are missing (all are listed).
    """

    METAINFO = {'classes': (), 'palette': []}

    def __init__(self, data_prefix: dict | None = None, **kwargs):
        super().__init__(data_prefix=data_prefix or {'img_path': 'vis', 'ir_path': 'ir'}, **kwargs)

    def load_data_list(self) -> list[dict]:
        """List the samples, each a dict with `img_path` and `ir_path`."""
        folders = self.data_prefix['img_path'], self.data_prefix['ir_path']
        if not self.ann_file:
            pairs = match_stems(*folders)
        else:
            names = read_split(self.ann_file)
            visible, infrared = map(index_images, folders)
            require_stems(dict(zip(folders, (visible, infrared), strict=True)), names)
            pairs = [(name, visible[name], infrared[name]) for name in names]
        return [{'img_path': visible, 'ir_path': infrared} for _, visible, infrared in pairs]
