"""The test pipeline, varied: what `--aug-test` averages over."""

from collections.abc import Sequence

import numpy as np

_LABELS = 'LoadLabels', 'LoadAnnotations'
_PACKING = 'PackSegInputs'


def varied(pipeline: Sequence[dict], tta_pipeline: Sequence[dict]) -> list[dict]:
    """A test pipeline with the variants of another one: scales of its own scale, mirror images.

    Args:
        pipeline: Of a test set. All of its steps stay: its `Resize` is varied, or else one added.
        tta_pipeline: As in mmsegmentation; of it counts the `TestTimeAug`, with lists of `Resize`
            by `scale_factor` and of other variants.

    Returns:
        list: Steps up to the scale, then a `TestTimeAug` that ends with loading labels and packing.
    """
    steps = [step for step in pipeline if step['type'] not in (*_LABELS, _PACKING)]
    kinds = [step['type'] for step in steps]
    at = kinds.index('Resize') if 'Resize' in kinds else len(steps)
    as_it_is = dict(type='Resize', scale_factor=1.0, keep_ratio=True)
    resize = steps[at] if at < len(steps) else as_it_is
    variants = []
    for alternatives in next(s for s in tta_pipeline if s['type'] == 'TestTimeAug')['transforms']:
        if alternatives[0]['type'] == 'Resize':
            variants.append([_scaled(resize, one) for one in alternatives])
        elif alternatives[0]['type'] not in (*_LABELS, _PACKING):
            variants.append(alternatives)
    last = [step for kinds in (_LABELS, [_PACKING]) for step in pipeline if step['type'] in kinds]
    variants += [[step] for step in (*steps[at + 1 :], *last)]
    return [*steps[:at], dict(type='TestTimeAug', transforms=variants)]


def _scaled(resize: dict, variant: dict) -> dict:
    """A `Resize` that makes another size by a variant's factor; a variant with a size as it is."""
    if 'scale_factor' not in variant:
        return variant
    key = 'scale' if resize.get('scale') else 'scale_factor'
    factors = np.broadcast_to(variant['scale_factor'], 2)
    sides = np.broadcast_to(resize[key], 2) * factors
    return {**resize, key: tuple(round(side) if key == 'scale' else float(side) for side in sides)}
