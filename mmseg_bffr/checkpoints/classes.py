"""The classes that a checkpoint's model was trained for."""

from collections.abc import Mapping


def trained_classes(checkpoint: Mapping) -> dict | None:
    """What a checkpoint says of its classes; None if it does not.

    Args:
        checkpoint: As `load_from_file` returns it, of mmengine or, by mmcv 1.x, of the authors.

    Returns:
        dict: `classes`, a sequence of names, and `palette`, R, G, B of each.
    """
    meta = checkpoint.get('meta', {})
    current = meta.get('dataset_meta') or {}
    classes, palette = (current.get(key) or meta.get(key.upper()) for key in ('classes', 'palette'))
    return {'classes': classes, 'palette': palette} if classes and palette else None
