"""Aligning the two cameras of a rig: what `tools/align.py` does."""

import os
from collections.abc import Sequence
from pathlib import Path

from bffr_runtime.image_io import read_raw_infrared, read_visible
from bffr_runtime.pairs import match_pairs
from bffr_runtime.rig import Rig
from mmseg_bffr.errors import InputError
from mmseg_bffr.registration import fit_points, read_points


def align(
    vis: str | os.PathLike,
    ir: str | os.PathLike,
    out: str | os.PathLike,
    points: str | os.PathLike,
    model: str = 'similarity',
    pair_by: Sequence[str] | None = None,
) -> Rig:
    """Find how the cameras of a rig stand, print how well it fits, and write it to a file.

    Args:
        vis, ir: A pair of images, or two folders of pairs, of the rig.
        out: `rig.json`.
        points: CSV file of point pairs, see `read_points`, of one or of several of the pairs.
        model: What is fitted: `similarity` (turned, scaled, shifted), `affine` or `homography`.
        pair_by: How the images of folders are paired, see `match_pairs`.

    Raises:
        InputError: A file cannot be read or written, or the points do not do.
    """
    visible, infrared = _first_pair(Path(vis), Path(ir), pair_by)
    sizes = read_visible(visible).shape[1::-1], read_raw_infrared(infrared).shape[::-1]
    pairs = read_points(points)
    try:
        fit = fit_points(pairs, model, sizes[0][0])
        rig = Rig.of_matrix(fit.matrix, *sizes, fit.residual)
    except InputError as error:
        raise InputError(f'{points}: {error}') from None
    rig.write(out)
    for number, (distance, used) in enumerate(zip(fit.distances, fit.used, strict=True), 1):
        print(f'point {number}: {distance:.2f} px{"" if used else ", left out"}')
    print(
        f'{out}: {model} of {fit.used.sum()} of {len(pairs)} point pairs, residual '
        f'{fit.residual:.2f} px (root mean square); {_share(rig):.0%} of the visible image is '
        f'seen by both cameras.'
    )
    return rig


def _first_pair(vis: Path, ir: Path, pair_by: Sequence[str] | None) -> tuple[str, str]:
    if vis.is_dir() != ir.is_dir():
        raise InputError(f'{vis}, {ir}: give two files or two folders.')
    return match_pairs(vis, ir, pair_by)[0] if vis.is_dir() else (vis, ir)


def _share(rig: Rig) -> float:
    (width, height), (*_, inner_width, inner_height) = rig.visible_size, rig.overlap
    return inner_width * inner_height / (width * height)
