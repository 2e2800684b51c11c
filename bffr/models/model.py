"""One object for every kind of model: a pair in, an image and labels or boxes out."""

from collections.abc import Sequence

import numpy as np

from bffr.errors import InputError
from bffr.images.pair import Image, Pair, read_pair
from bffr.images.stretch import STRETCHES, Range, to_8_bit
from bffr.images.thermal import InfraredScale
from bffr.models.engine import Boxes, Engine
from bffr.rigs.rig import Rig


class Model:
    """Fuses pairs and, if it was trained to, finds what is on them; may be used by several threads.

    Args:
        engine: Runs it.
        metadata: What is known of it: at least `classes` and `palette` (R, G, B of each), both
            empty if it only fuses, `min_size` and `infrared` (arguments of `InfraredScale`);
            `boxes` is true if it finds these classes as boxes, not as labels of pixels.

    Attributes:
        classes: Names, in the order of labels.
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
            vis: Visible image: file, or uint8 (H, W, 3), BGR; of a batch uint8 (N, H, W, 3).
            ir: Infrared image: file, or uint8, uint16 or float32 (H, W); of a batch (N, H, W).
            align: Rig that the images are of, which may then have two sizes; otherwise they are
                taken for aligned.
            infrared: How raw infrared becomes 8 bit, by default `self.infrared`.
            stretch: Which range of fused values becomes 0..255: with `none` that of the network,
                with `image` each image's own, with `sequence` one that keeps the brightness of the
                batch's frames steady, see `SequenceRange`.
            vis_range: Values of visible files that become 0 and 255, by default those of the type.
            page: Of TIFF files of several pages, from 1 on; by default the largest.

        Returns:
            np.ndarray: uint8 (H, W, 3), BGR; of a batch (N, H, W, 3). Where infrared has no value,
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
        """Segment a pair, or a batch of them; arguments and errors are those of `fuse`.

        Returns:
            np.ndarray: Labels, uint8 (H, W), of the size of what `fuse` returns, 255 where only the
            visible image reaches or has a value; of a batch (N, H, W).

        Raises:
            InputError: The model has no labels, too.
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
        """Find objects on a pair, or a batch of them; arguments and errors are those of `fuse`.

        Returns:
            Boxes: In pixels of what `fuse` returns; of a batch a list of N.

        Raises:
            InputError: The model has no boxes, too.
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
        """What `fuse` and `segment` return, of one run."""
        return self._fuse_and_find(vis, ir, align, infrared, stretch, vis_range, page, 'labels')

    def _fuse_and_find(self, vis, ir, align, infrared, stretch, vis_range, page, what):
        if stretch not in STRETCHES:
            raise InputError(f'{stretch}: no such stretch; choose from {", ".join(STRETCHES)}.')
        batch = isinstance(vis, np.ndarray) and vis.ndim == 4
        if batch and (np.shape(ir)[:1] != vis.shape[:1] or not len(vis)):
            raise InputError(
                f'vis, ir: hold {len(vis)} and {", ".join(map(str, np.shape(ir)[:1])) or "no"} '
                f'images; a batch needs as many of each, at least one.'
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
                f'{height}x{width}; enlarge them.'
            )
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
    'labels': 'segmenting needs one with classes of pixels',
    'boxes': 'boxes need one that was trained to find them, see docs/detection.md',
}
