"""Pairs of images with boxes that people drew, of any classes."""

from collections.abc import Mapping
from pathlib import Path

from mmseg.registry import DATASETS

from bffr.errors import InputError
from mmseg_bffr.datasets.box_files import find_boxes
from mmseg_bffr.datasets.pair_dataset import PairDataset, index_folder


@DATASETS.register_module()
class PairDetectionDataset(PairDataset):
    """Visible and infrared images, see `PairDataset`, and boxes on them.

    An image of which the boxes name neither the pair nor one of its files has no boxes.

    Args:
        boxes: File or folder, see `find_boxes`, relative to `data_root`.
        class_names: What a class is called in `metainfo`, by its name in the files where that is
            another; None leaves its boxes out.
        **kwargs: Those of `PairDataset`; `metainfo` names the classes.

    Attributes:
        box_place: Path of `boxes`.
        found_boxes: What `find_boxes` found.

    Raises:
        InputError: As `PairDataset`; there are no classes, `class_names` names others, or no image
            has boxes.
    """

    def __init__(self, boxes: str, class_names: Mapping[str, str | None] | None = None, **kwargs):
        self._boxes, self._class_names = boxes, class_names or {}
        super().__init__(**kwargs)

    def load_data_list(self) -> list[dict]:
        """List the samples: those of `PairDataset` with `boxes` and `box_labels`.

        `boxes` is what `find_boxes` has of the pair, `box_labels` maps names in the files, and
        numbers, to labels; None leaves out.
        """
        samples = super().load_data_list()
        labels = self._box_labels()
        self.box_place = Path(self.data_root or '', self._boxes)
        self.found_boxes = find_boxes(self.box_place)
        for sample in samples:
            found = [name for name in _names(sample) if name in self.found_boxes]
            sample.update(boxes=self.found_boxes[found[0]] if found else [], box_labels=labels)
        if not any(sample['boxes'] for sample in samples):
            raise InputError(
                f'{self.box_place}: has boxes of {", ".join(sorted(self.found_boxes)[:3])}, but of '
                f'no image here, such as {samples[0]["img_path"]}; name the boxes after the images.'
            )
        return samples

    def boxes_without_image(self) -> set[str]:
        """Names of found boxes that are of no image in the folders of this data set."""
        images = {
            name for sample in map(self.get_data_info, range(len(self))) for name in _names(sample)
        }
        for folder in self.data_prefix.values():
            for name, path in index_folder(folder).items():
                images |= {name, Path(path).stem}
        return set(self.found_boxes) - images

    def _box_labels(self) -> dict[str | int, int | None]:
        classes = self.metainfo['classes']
        unknown = {name for name in self._class_names.values() if name} - set(classes)
        if not classes or unknown:
            raise InputError(
                f'metainfo: has no class {", ".join(sorted(unknown)) or "at all"}; name the '
                f'classes of the boxes.'
            )
        labels = {name: label for label, name in enumerate(classes)}
        labels.update((number, number) for number in range(len(classes)))
        return {**labels, **{old: labels.get(new) for old, new in self._class_names.items()}}


def _names(sample: Mapping) -> list[str]:
    """By which boxes may be named: that of the pair, and the stems of its files."""
    return [sample['name'], *(Path(sample[key]).stem for key in sample if key.endswith('_path'))]
