"""One object for every kind of model: a pair in, an image and labels or boxes out."""

from collections.abc import Sequence

import numpy as np

from bffr.errors import InputError
from bffr.images.pair import Image, Pair, read_pair
from bffr.images.stretch import STRETCHES, Range, to_8_bit
from bffr.images.thermal import InfraredScale
from bffr.models.engine import Boxes, Engine
from bffr.models.tiles import LARGE, SIDE, Tiles, fuse_in_tiles
from bffr.rigs.rig import Rig


class Model:
    """Fuses pairs and, if it was trained to, finds objects in them. Several threads may use it.

    Args:
        engine: Runs the model.
        metadata: Describes the model, with at least `classes` and `palette` (R, G, B of each), both
            empty if it only fuses, `min_size` and `infrared` (arguments of `InfraredScale`).
            `boxes` is true if it finds the classes as boxes, not as labels of pixels. `tiles`, if
            not empty, says how large images may be cut, see `Tiles`.

    Attributes:
        classes: Names of the classes, in the order of labels.
        finds: `labels` or `boxes`; None if it only fuses.
        palette: R, G, B of each class, 0..255.
        min_size: Smallest height and width of images, in pixels.
        infrared: How raw infrared becomes 8 bit, unless a call says otherwise.
    """

    def __init__(self, engine: Engine, metadata: dict):
        self.engine = engine
        self.metadata = metadata
        self.classes: Sequence[str] = metadata['classes']
        self.palette: Sequence[Sequence[int]] = metadata['palette']
        self.finds = ('boxes' if metadata.get('boxes') else 'labels') if self.classes else None
        self.min_size: int = metadata['min_size']
        self.infrared = InfraredScale(**metadata['infrared'])

    def fuse(
        self,
        vis: Image,
        ir: Image,
        align: Rig | None = None,
        infrared: InfraredScale | None = None,
        stretch: str = 'image',
        vis_range: Range | None = None,
        page: int | None = None,
    ) -> np.ndarray:
        """Fuse a pair, or a batch of them, at its own size.

        Args:
            vis: Visible image: a file, or uint8 (H, W, 3), BGR; for a batch uint8 (N, H, W, 3).
            ir: Infrared image: a file, or uint8, uint16 or float32 (H, W); for a batch (N, H, W).
            align: Rig of the two cameras. Without it, the images must be aligned and have one
                size.
            infrared: How raw infrared becomes 8 bit (default: `self.infrared`).
            stretch: The range of fused values that becomes 0..255: the network's (`none`), each
                image's own (`image`), or one that keeps the brightness of the batch's frames
                steady (`sequence`, see `SequenceRange`).
            vis_range: Values of visible files that become 0 and 255 (default: all of the type).
            page: Page to read of TIFF files with several, from 1 on (default: the largest).

        Returns:
            np.ndarray: uint8 (H, W, 3), BGR; for a batch (N, H, W, 3). Where infrared has no value,
            it is the visible image.

        Raises:
            InputError: An image is missing, cannot be read or has the wrong type, the sizes differ
                or are below `min_size`, or there is no such stretch.
        """
        return self._fuse_and_find(vis, ir, align, infrared, stretch, vis_range, page, None)[0]

    def segment(
        self,
        vis: Image,
        ir: Image,
        align: Rig | None = None,
        infrared: InfraredScale | None = None,
        vis_range: Range | None = None,
        page: int | None = None,
    ) -> np.ndarray:
        """Segment a pair, or a batch of them. Arguments and errors are those of `fuse`.

        Returns:
            np.ndarray: Labels, uint8 (H, W), as large as what `fuse` returns; for a batch
            (N, H, W). 255 is where only the visible image reaches or has a value.

        Raises:
            InputError: As `fuse`, or the model finds no labels.
        """
        return self._fuse_and_find(vis, ir, align, infrared, 'none', vis_range, page, 'labels')[1]

    def detect(
        self,
        vis: Image,
        ir: Image,
        align: Rig | None = None,
        infrared: InfraredScale | None = None,
        vis_range: Range | None = None,
        page: int | None = None,
    ) -> Boxes:
        """Find objects in a pair, or a batch of them. Arguments and errors are those of `fuse`.

        Returns:
            Boxes: In pixels of what `fuse` returns; for a batch a list of N.

        Raises:
            InputError: As `fuse`, or the model finds no boxes.
        """
        return self._fuse_and_find(vis, ir, align, infrared, 'none', vis_range, page, 'boxes')[1]

    def fuse_and_segment(
        self,
        vis: Image,
        ir: Image,
        align: Rig | None = None,
        infrared: InfraredScale | None = None,
        stretch: str = 'image',
        vis_range: Range | None = None,
        page: int | None = None,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return what `fuse` and `segment` return, computed at once."""
        return self._fuse_and_find(vis, ir, align, infrared, stretch, vis_range, page, 'labels')

    def _fuse_and_find(self, vis, ir, align, infrared, stretch, vis_range, page, what):
        if stretch not in [*STRETCHES]:
            raise InputError(f'{stretch}: no such stretch; choose from {", ".join(STRETCHES)}.')
        batch = isinstance(vis, np.ndarray) and vis.ndim == 4
        if batch and (np.shape(ir)[:1] != vis.shape[:1] or not len(vis)):
            raise InputError(
                f'vis, ir: hold {len(vis)} and {", ".join(map(str, np.shape(ir)[:1])) or "no"} '
                f'images; a batch needs the same number of both, at least one.'
            )
        images = zip(vis, ir, strict=True) if batch else [(vis, ir)]
        scale = infrared or self.infrared
        pairs = [read_pair(*image, scale, align, vis_range, page) for image in images]
        if what:
            self.require(what)
        fused, found = self._run(pairs, what is not None)
        range_of = STRETCHES[stretch]()
        whole = [
            pair.complete(to_8_bit(image, *range_of(image)), align)
            for image, pair in zip(fused, pairs, strict=True)
        ]
        if what:
            found = [
                pair.complete_labels(one, align)
                if what == 'labels'
                else one._replace(boxes=pair.complete_boxes(one.boxes, align))
                for one, pair in zip(found, pairs, strict=True)
            ]
        if not batch:
            return whole[0], found[0] if what else None
        return np.stack(whole), np.stack(found) if what == 'labels' else found

    def run(self, pair: Pair, find: bool = False) -> tuple[np.ndarray, np.ndarray | Boxes | None]:
        """What `fuse` makes 8 bit of, float32 (H, W, 3), about 0..1, and on request what is found.

        Raises:
            InputError: The pair is below `min_size`, or something is to be found by a model that
                only fuses.
        """
        if find and not self.finds:
            self.require('labels')
        fused, found = self._run([pair], find)
        return fused[0], found[0] if find else None

    def _run(self, pairs: list[Pair], find: bool) -> tuple[np.ndarray, np.ndarray | list | None]:
        height, width = pairs[0].infrared.shape
        if min(height, width) < self.min_size:
            raise InputError(
                f'This model needs images of at least {self.min_size}x{self.min_size} pixels, not '
                f'{width}x{height}; enlarge them.'
            )
        if (tiles := self.metadata.get('tiles')) and height * width > LARGE and not find:
            cut = Tiles(*tiles), SIDE
            return np.stack([fuse_in_tiles(self.engine, *pair[:2], *cut) for pair in pairs]), None
        visible = np.stack([pair.visible for pair in pairs])
        infrared = np.stack([pair.infrared for pair in pairs])
        return self.engine.run(visible, infrared, find)

    def require(self, what: str) -> None:
        """Check that the model finds `labels`, or `boxes`.

        Raises:
            InputError: It does not.
        """
        if self.finds != what:
            raise InputError(f'This model {_HAS[self.finds]}; {_NEEDS[what]}.')


_HAS = {None: 'only fuses', 'labels': 'finds labels of pixels', 'boxes': 'finds boxes'}
_NEEDS = {
    'labels': 'to segment, use one that finds labels, such as the default',
    'boxes': 'for boxes, use one that was trained to find them, see docs/detection.md',
}
