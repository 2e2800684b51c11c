"""Fusing one pair, with a picture of what is found on it on request."""

from collections.abc import Callable

import numpy as np

from bffr.fusing.fuse_options import FuseOptions
from bffr.images.pair import Image, read_pair
from bffr.images.results import colour_labels, draw_boxes
from bffr.images.stretch import Range, to_8_bit
from bffr.models.model import Model


def fuse_pair(
    model: Model,
    vis: Image,
    ir: Image,
    options: FuseOptions,
    stretch: Callable[[np.ndarray], Range],
    gain: Callable[[np.ndarray], np.ndarray] | None = None,
) -> tuple[Callable[[], list[np.ndarray]], Range | None]:
    """Run the model on a pair, and leave the rest to a function.

    Args:
        model: What fuses.
        vis, ir: See `read_pair`.
        options: Of which `finds`, `infrared`, `align`, `vis_range` and `page` count here.
        stretch: Gives the range of the fused image, float32 (H, W, 3), that becomes 0..255.
        gain: Steadies infrared, uint8 (H, W), that was 8 bit before.

    Returns:
        tuple: What makes the fused image and, with `finds`, the painted label map or the fused
        image with boxes, uint8 (H, W, 3), BGR, to be called once, by any thread; and the raw
        infrared values that became 0 and 255, see `Pair`.

    Raises:
        InputError: As `read_pair`, or the model does not take the pair.
    """
    scale = options.scale(model.infrared)
    pair = read_pair(vis, ir, scale, options.align, options.vis_range, options.page)
    if gain and pair.limits is None:
        pair = pair._replace(infrared=gain(pair.infrared))
    fused, found = model.run(pair, options.finds is not None)

    def images() -> list[np.ndarray]:
        image = pair.complete(to_8_bit(fused, *stretch(fused)), options.align)
        if found is None:
            return [image]
        if options.boxes:
            boxes = pair.complete_boxes(found.boxes, options.align)
            drawn = found._replace(boxes=boxes)
            return [image, draw_boxes(image, *drawn, model.classes, model.palette)]
        painted = colour_labels(pair.complete_labels(found, options.align), model.palette)
        return [image, np.ascontiguousarray(painted)]

    return images, pair.limits
