"""Finding how the two cameras of a rig stand, from files: what `bffr align` does."""

import json
import math
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from bffr.errors import InputError, UsageError
from bffr.figures.alignment import draw_alignment
from bffr.files import refuse_to_replace
from bffr.images.image_io import read_infrared, read_visible
from bffr.images.matching import match_pairs, require_two
from bffr.images.pair import Image
from bffr.images.thermal import InfraredScale
from bffr.rigs.automatic import UncertainError, find_alignment
from bffr.rigs.checkerboard import checkerboard_points
from bffr.rigs.points import Fit, fit_points, held_out_distances, read_points
from bffr.rigs.possible import same_view
from bffr.rigs.rig import Rig
from bffr.video import VideoPair, is_video, spread

_MOST_PAIRS = 32


def align_cameras(
    vis: str | os.PathLike,
    ir: str | os.PathLike,
    out: str | os.PathLike,
    points: str | os.PathLike | None = None,
    model: str = 'similarity',
    pair_by: Sequence[str] | None = None,
    checkerboard: tuple[int, int] | None = None,
) -> Rig:
    """Find how the cameras of a rig stand, print how sure that is, and write it to a file.

    Beside it, as .png, goes a picture of the first pair before and after, to judge by eye.

    Args:
        vis, ir: A pair of images, two folders of pairs, or two videos, of the rig; of videos up to
            32 pairs of frames count.
        out: `rig.json`.
        points: CSV file of point pairs, see `read_points`, of one or of several of the pairs;
            without it and a board the edges in up to 32 pairs are compared, see `find_alignment`.
        model: What is fitted: `similarity` (turned, scaled, shifted), `affine` or `homography`.
        pair_by: How the images of folders are paired, see `match_pairs`.
        checkerboard: Inner corners of a board in a row and in a column, whose corners in all the
            pairs are the points, see `checkerboard_points`.

    Raises:
        InputError: A file cannot be read or written, or the points do not do.
        UsageError: The options do not fit together.
        UncertainError: The edges do not tell surely; nothing is written.
    """
    vis, ir, out = Path(vis), Path(ir), Path(out)
    if out.suffix != '.json':
        raise InputError(f'{out}: a rig file is a .json file; name it so.')
    videos = is_video(vis), is_video(ir)
    if vis.is_dir() != ir.is_dir() or videos[0] != videos[1]:
        raise UsageError(f'{vis}, {ir}: give two images, two folders or two videos.')
    if pair_by and not vis.is_dir():
        raise UsageError(f'{vis}, {ir}: only folders are paired by --pair-by; leave it out.')
    if len(pair_by or ()) < 2:  # patterns tell them apart
        require_two(vis, ir)
    files = match_pairs(vis, ir, pair_by) if vis.is_dir() else [(vis, ir)]
    refuse_to_replace(picture := out.with_suffix('.png'), [file for pair in files for file in pair])
    if picture.exists() and not _is_rig(out):
        raise InputError(
            f'{picture}: is there already and would be replaced by the picture of {out.name}; '
            f'choose another name.'
        )
    if all(videos):
        files = spread(pair for pair, _ in VideoPair(vis, ir, any_sizes=True))
    visible, infrared = _read(*files[0])
    sizes = visible.shape[1::-1], infrared.shape[::-1]
    if points:
        pairs = read_points(points)
        rig, fit = _of_points(points, pairs, np.arange(len(pairs)), model, sizes)
        for number, (distance, used) in enumerate(zip(fit.distances, fit.used, strict=True), 1):
            print(f'point {number}: {distance:.2f} px{"" if used else ", left out"}')
    elif checkerboard:
        found = checkerboard_points(_grey_pairs(files, sizes), tuple(checkerboard))
        halves = np.arange(len(found)) >= len(found) / 2
        rig, fit = _of_points(vis, found, halves, model, sizes)
        print(f'{len(found)} corners in {len(files)} pair(s), {fit.used.sum()} of them fit')
    else:
        name = vis if all(videos) else files[0][0]
        rig = _of_edges(name, files[:: math.ceil(len(files) / _MOST_PAIRS)], model, sizes)
    (width, height), (*_, inner_width, inner_height) = sizes[0], rig.overlap
    print(
        f'{out}: {model}; {how_sure(rig)}; '
        f'{inner_width * inner_height / (width * height):.0%} of the visible image is seen by '
        f'both cameras.'
    )
    rig.write(out)
    draw_alignment(picture, visible, infrared, same_view(*sizes), np.array(rig.matrix))
    return rig


def how_sure(rig: Rig) -> str:
    """What points say of a rig that was made without them."""
    if rig.held_out is None:
        return 'how sure that is cannot be told, as no point can be spared: give more'
    half, most = rig.held_out
    return (
        f'points held back from the fit: half lie within {half:.1f} px, 95 % within {most:.1f} px'
    )


def _is_rig(path: Path) -> bool:
    try:
        return 'infrared_size' in json.loads(path.read_bytes())
    except (OSError, ValueError, TypeError, RecursionError):
        return False


def _of_points(
    path: str | os.PathLike, points: np.ndarray, groups: np.ndarray, model: str, sizes: tuple
) -> tuple[Rig, Fit]:
    """The rig of point pairs, which are tested group by group, and its fit."""
    try:
        fit = fit_points(points, model, sizes[0][0])
        held_out = held_out_distances(points[fit.used], groups[fit.used], model, sizes[0][0])
        return Rig.of_matrix(fit.matrix, *sizes, fit.residual, _half_and_most(held_out)), fit
    except InputError as error:
        raise InputError(f'{path}: {error}') from None


def _of_edges(name: Path, files: Sequence[tuple], model: str, sizes: tuple) -> Rig:
    try:
        matrix, residual, held_out = find_alignment(list(_grey_pairs(files, sizes)), model)
    except UncertainError as error:
        raise UncertainError(
            f'{name}, ...: no rig file is written: {error}; give more pairs, or the same points of '
            f'both images: click them in `bffr web`, or write them to a file for --points.'
        ) from None
    return Rig.of_matrix(matrix, *sizes, residual, _half_and_most(held_out))


def _half_and_most(distances: np.ndarray | None) -> tuple[float, float] | None:
    return None if distances is None else tuple(np.percentile(distances, [50, 95]))


def _read(visible: Image, infrared: Image) -> tuple[np.ndarray, np.ndarray]:
    """A pair of files or of frames, uint8 (H, W, 3), BGR, and (H, W)."""
    if isinstance(visible, np.ndarray):
        return visible, InfraredScale()(infrared)[0]
    return read_visible(visible), read_infrared(infrared)


def _grey_pairs(files: Sequence[tuple], sizes: tuple) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    for visible, infrared in files:
        pair = _read(visible, infrared)
        pair = cv2.cvtColor(pair[0], cv2.COLOR_BGR2GRAY), pair[1]
        if tuple(image.shape[::-1] for image in pair) != sizes:
            raise InputError(
                f'{visible}, {infrared}: are not as large as {", ".join(map(str, files[0]))}; give '
                f'pairs of one rig.'
            )
        yield pair
