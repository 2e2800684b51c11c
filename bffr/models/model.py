"""One object for every kind of model: a pair in, an image and labels out."""

from collections.abc import Sequence

import numpy as np

from bffr.errors import InputError
from bffr.images.pair import Image, Pair, read_pair, whole_image
from bffr.images.stretch import STRETCHES, to_8_bit
from bffr.images.thermal import InfraredScale
from bffr.models.engine import Engine
from bffr.rigs.rig import Rig


class Model:
    """Fuses pairs and, if it was trained to, segments them; may be used by several threads.

    Args:
        engine: Runs it.
        metadata: What is known of it: at least `classes` and `palette` (R, G, B of each), both
            empty if it only fuses, `min_size` and `infrared` (arguments of `InfraredScale`).

    Attributes:
        classes: Names, in the order of labels.
        palette: R, G, B of each class, 0..255.
        min_size: Smallest height and width of images, in pixels.
        infrared: How raw infrared becomes 8 bit, unless a call says otherwise.
    """

    def __init__(self, engine: Engine, metadata: dict):
        self.engine = engine
        self.metadata = metadata
        self.classes: Sequence[str] = metadata['classes']
        self.palette: Sequence[Sequence[int]] = metadata['palette']
        self.min_size: int = metadata['min_size']
        self.infrared = InfraredScale(**metadata['infrared'])

    def fuse(
        self,
        vis: Image,
        ir: Image,
        align: Rig | None = None,
        infrared: InfraredScale | None = None,
        stretch: str = 'image',
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

        Returns:
            np.ndarray: uint8 (H, W, 3), BGR; of a batch (N, H, W, 3).

        Raises:
            InputError: An image is missing, cannot be read or has the wrong type, the sizes differ
                or are below `min_size`, or there is no such stretch.
        """
        return self._fuse_and_segment(vis, ir, align, infrared, stretch, False)[0]

    def segment(
        self,
        vis: Image,
        ir: Image,
        align: Rig | None = None,
        infrared: InfraredScale | None = None,
    ) -> np.ndarray:
        """Segment a pair, or a batch of them; arguments and errors are those of `fuse`.

        Returns:
            np.ndarray: Labels, uint8 (H, W), of the size of what `fuse` returns, 255 where only the
            visible image reaches; of a batch (N, H, W).

        Raises:
            InputError: The model only fuses, too.
        """
        return self.fuse_and_segment(vis, ir, align, infrared)[1]

    def fuse_and_segment(
        self,
        vis: Image,
        ir: Image,
        align: Rig | None = None,
        infrared: InfraredScale | None = None,
        stretch: str = 'image',
    ) -> tuple[np.ndarray, np.ndarray]:
        """What `fuse` and `segment` return, of one run."""
        return self._fuse_and_segment(vis, ir, align, infrared, stretch, True)

    def _fuse_and_segment(self, vis, ir, align, infrared, stretch, segment):
        if stretch not in STRETCHES:
            raise InputError(f'{stretch}: no such stretch; choose from {", ".join(STRETCHES)}.')
        batch = isinstance(vis, np.ndarray) and vis.ndim == 4
        if batch and (np.shape(ir)[:1] != vis.shape[:1] or not len(vis)):
            raise InputError(
                f'vis, ir: hold {len(vis)} and {", ".join(map(str, np.shape(ir)[:1])) or "no"} '
                f'images; a batch needs as many of each, at least one.'
            )
        images = zip(vis, ir, strict=True) if batch else [(vis, ir)]
        pairs = [read_pair(*image, infrared or self.infrared, align) for image in images]
        fused, labels = self._run(pairs, segment)
        range_of = STRETCHES[stretch]()
        whole = [
            whole_image(to_8_bit(image, *range_of(image)), one, align)
            for image, one in zip(fused, vis if batch else [vis], strict=True)
        ]
        if segment and align:
            labels = np.stack([align.complete_labels(of_image) for of_image in labels])
        if batch:
            return np.stack(whole), labels
        return whole[0], labels[0] if segment else None

    def run(self, pair: Pair, segment: bool = False) -> tuple[np.ndarray, np.ndarray | None]:
        """What `fuse` makes 8 bit of, float32 (H, W, 3), about 0..1, and labels on request.

        Raises:
            InputError: The pair is below `min_size`, or labels are asked of a model that only
                fuses.
        """
        fused, labels = self._run([pair], segment)
        return fused[0], labels[0] if segment else None

    def _run(self, pairs: list[Pair], segment: bool) -> tuple[np.ndarray, np.ndarray | None]:
        if segment:
            self.require_labels()
        height, width = pairs[0].infrared.shape
        if min(height, width) < self.min_size:
            raise InputError(
                f'This model needs images of at least {self.min_size}x{self.min_size} pixels, not '
                f'{height}x{width}; enlarge them.'
            )
        visible = np.stack([pair.visible for pair in pairs])
        infrared = np.stack([pair.infrared for pair in pairs])
        return self.engine.run(visible, infrared, segment)

    def require_labels(self) -> None:
        """Check that the model segments.

        Raises:
            InputError: It has no labels.
        """
        if not self.classes:
            raise InputError('This model only fuses; segmenting needs one with classes.')
