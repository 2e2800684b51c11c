"""Finding how the two cameras of a rig stand, from files: what `bffr align` does."""

import json
import math
import os
import time
from collections.abc import Iterator, Sequence
from itertools import chain, takewhile
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
from bffr.rigs.calibration import Stereo, board_corners, calibrate_lens, straight_points
from bffr.rigs.checkerboard import checkerboard_points
from bffr.rigs.lens import Lens, resample
from bffr.rigs.lens_files import read_lens
from bffr.rigs.points import (
    Fit,
    distances_from,
    fit_points,
    held_out_distances,
    read_points,
    require_inside,
)
from bffr.rigs.possible import same_view
from bffr.rigs.rig import Rig
from bffr.rigs.xfeat import xfeat_matches
from bffr.video import LivePair, VideoPair, kind_of, open_source, telling_frames

_MOST_PAIRS = 32
_WATCHED = 60  # seconds of live sources


def align_cameras(
    vis: str | os.PathLike,
    ir: str | os.PathLike,
    out: str | os.PathLike,
    points: str | os.PathLike | None = None,
    model: str | None = None,
    pair_by: Sequence[str] | None = None,
    checkerboard: tuple[int, int] | None = None,
    vis_lens: str | os.PathLike | None = None,
    ir_lens: str | os.PathLike | None = None,
    calibrate: str | None = None,
    square: float = 1.0,
    distance: float | None = None,
    matcher: str | os.PathLike = 'edges',
) -> Rig:
    """Find how the cameras of a rig stand, print how sure that is, and write it to a file.

    Beside it, as .png, goes a picture of the first pair before and after, to judge by eye.

    Args:
        vis, ir: A pair of images, two folders of pairs, two videos or two live sources, see
            `is_live`, of the rig. Of videos, and of what live sources show in a minute or until
            Ctrl-C is pressed, up to 32 pairs of frames count, see `telling_frames`.
        out: `rig.json`.
        points: CSV file of point pairs, see `read_points`, of one or of several of the pairs;
            without it and a board the edges in up to 32 pairs are compared, see `find_alignment`.
        model: What is fitted: `similarity` (turned, scaled, shifted; the default), `affine` or
            `homography`. Without it, where both lenses are known or calibrated, boards tell how
            the cameras stand in space, and `distance` counts.
        pair_by: How the images of folders are paired, see `match_pairs`.
        checkerboard: Inner corners of a board in a row and in a column, whose corners in all the
            pairs are the points, see `checkerboard_points`.
        vis_lens, ir_lens: Files that say how a camera's lens bends, see `read_lens`.
        calibrate: Which kind of lens boards tell of the cameras without such a file: `pinhole`,
            `fisheye` or `none`; by default `pinhole`, where there are enough boards.
        square: Side of a board's square.
        distance: From the visible camera, in the unit of `square`, of what will lie on itself; by
            default the boards' median.
        matcher: Without points and a board, what tells about where the images meet, before edges
            refine it: `edges`; `xfeat`, see `xfeat_matches`, and edges where that does not tell; or
            a CSV file of another tool's matches, as `points`, in some or all of the pairs, many of
            which may be wrong.

    Raises:
        InputError: A file cannot be read or written, or the points do not do.
        UsageError: The options do not fit together.
        UncertainError: The edges do not tell surely; nothing is written.
    """
    if not checkerboard and (calibrate or square != 1 or distance):
        raise UsageError('--calibrate, --square and --distance are for --checkerboard.')
    if matcher != 'edges' and (points or checkerboard):
        raise UsageError('--matcher is for --auto.')
    if distance and model:
        raise UsageError('--distance is for cameras with lenses, not for --model; leave one out.')
    if not (square > 0 and (distance is None or distance > 0)):
        raise UsageError('--square and --distance must be above 0.')
    kind, out = kind_of(vis), Path(out)
    if out.suffix != '.json':
        raise InputError(f'{out}: a rig file is a .json file; give a name that ends in .json.')
    if kind != kind_of(ir):
        raise UsageError(
            f'{vis}, {ir}: give two images, two folders, two videos or two live sources.'
        )
    if pair_by and kind != 'folder':
        raise UsageError(f'{vis}, {ir}: only folders are paired by --pair-by; leave it out.')
    if len(pair_by or ()) < 2:  # patterns tell them apart
        require_two(vis, ir)
    files = match_pairs(vis, ir, pair_by) if kind == 'folder' else [(vis, ir)]
    picture = out.with_suffix('.png')
    read = [*chain(*files), *filter(None, [points, matcher])]
    for lens in map(str, filter(None, [vis_lens, ir_lens])):
        read += [lens, lens.rpartition(':')[0]]  # one of several cameras in a file
    for written in (out, picture):
        refuse_to_replace(written, read)
        if written.exists() and not _is_rig(out):
            raise InputError(
                f'{written}: is there already and would be replaced, but {out.name} is no rig '
                f'file; choose another name.'
            )
    moving = kind in ('video', 'live source')
    if moving:
        files = _frames(vis, ir, kind)
        print(f'{len(files)} different pair(s) of frames are compared')
    visible, infrared = _read(*files[0])
    sizes = visible.shape[1::-1], infrared.shape[::-1]
    fitted = what = model or 'similarity'
    lenses = _lens(vis_lens, sizes[0]), _lens(ir_lens, sizes[1])
    if points:
        pairs = read_points(points)
        require_inside(points, pairs, sizes)
        groups = np.arange(len(pairs))
        rig, fit = _of_points(points, pairs, groups, fitted, sizes, lenses)
        for number, (off, used) in enumerate(zip(fit.distances, fit.used, strict=True), 1):
            print(f'point {number}: {off:.2f} px{"" if used else ", left out"}')
    elif checkerboard:
        boards = checkerboard_points(_grey_pairs(files, sizes), tuple(checkerboard))
        places = board_corners(tuple(checkerboard), square)
        lenses = _calibrated(vis, boards, places, sizes, lenses, calibrate)
        if all(lenses) and not model:
            what = 'cameras in space'
            try:
                rig = _of_boards(boards, places, sizes, lenses, distance)
            except InputError as error:
                raise InputError(f'{vis}: {error}') from None
        elif distance:
            raise InputError(
                f'{vis}: --distance needs both lenses; give more boards, or --vis-lens and '
                f'--ir-lens.'
            )
        else:
            found = boards.reshape(-1, 4)
            halves = np.arange(len(found)) >= len(found) / 2
            rig, fit = _of_points(vis, found, halves, fitted, sizes, lenses)
            print(f'{len(found)} corners in {len(files)} pair(s), {fit.used.sum()} of them fit')
    else:
        name = vis if moving else files[0][0]
        files = files[:: math.ceil(len(files) / _MOST_PAIRS)]
        rig = _of_edges(name, files, fitted, sizes, lenses, matcher)
    if any(lenses):
        what += f', {sum(lens is not None for lens in lenses)} lens(es)'
    (width, height), (*_, inner_width, inner_height) = sizes[0], rig.overlap
    print(
        f'{out}: {what}; {how_sure(rig)}; '
        f'{inner_width * inner_height / (width * height):.0%} of the visible image is seen by '
        f'both cameras.'
    )
    rig.write(out)
    draw_alignment(picture, visible, infrared, Rig.of_matrix(same_view(*sizes), *sizes, 0.0), rig)
    return rig


def how_sure(rig: Rig) -> str:
    """What points say of a rig that was made without them."""
    if rig.held_out is None:
        return 'how sure that is cannot be told, as no point can be spared: give more'
    half, most = rig.held_out
    return (
        f'points held back from the fit: half lie within {half:.1f} px, 95 % within {most:.1f} px'
    )


def _frames(vis: str | os.PathLike, ir: str | os.PathLike, kind: str) -> list[tuple]:
    if kind == 'video':
        return telling_frames(pair for pair, _ in VideoPair(vis, ir, any_sizes=True))
    sources = open_source(vis), open_source(ir, infrared=True)
    with LivePair(*sources, any_sizes=True) as pairs:
        print(f'watching both for {_WATCHED} s, or until you press Ctrl-C')
        end = time.monotonic() + _WATCHED
        seen = takewhile(lambda _: time.monotonic() < end, pairs)
        frames = telling_frames(pair for pair, *_ in seen)
    if not frames:
        raise InputError(f'{vis}, {ir}: were stopped before a pair of frames was seen.')
    return frames


def _is_rig(path: Path) -> bool:
    try:
        return 'infrared_size' in json.loads(path.read_bytes())
    except (OSError, ValueError, TypeError, RecursionError):
        return False


def _lens(path: str | os.PathLike | None, size: tuple[int, int]) -> Lens | None:
    if path is None:
        return None
    lens, of_size = read_lens(path)
    if of_size not in (None, size):
        raise InputError(
            f'{path}: is of a camera with {of_size[0]}x{of_size[1]} pixels, the images have '
            f'{size[0]}x{size[1]}; give the file of their camera.'
        )
    return lens


def _calibrated(
    name: Path,
    boards: np.ndarray,
    places: np.ndarray,
    sizes: tuple,
    lenses: tuple,
    kind: str | None,
) -> tuple[Lens | None, Lens | None]:
    """The lenses that are given and, of cameras without one, those that boards tell."""
    found = []
    for what, lens, points, size in zip(
        ('visible', 'infrared'), lenses, np.split(boards, 2, axis=2), sizes, strict=True
    ):
        if lens is None and kind != 'none':
            try:
                lens, error = calibrate_lens(points, places, size, kind or 'pinhole')
                print(
                    f'{what} lens: focal length {lens.focal[0]:.0f} px, reprojection error '
                    f'{error:.2f} px over {len(boards)} board(s)'
                )
            except InputError as reason:
                if kind:
                    raise InputError(f'{name}: the {what} lens: {reason}.') from None
                print(
                    f'{what} lens: not calibrated and treated as without distortion, because '
                    f'{reason}'
                )
        found.append(lens)
    return tuple(found)


def _of_boards(
    boards: np.ndarray, places: np.ndarray, sizes: tuple, lenses: tuple, distance: float | None
) -> Rig:
    """The rig of cameras with known lenses, which is tested by halves of the boards."""
    stereo = Stereo(boards, places, lenses)
    held_out = None
    if len(boards) > 1:
        halves = boards[::2], boards[1::2]
        held_out = np.concatenate(
            [
                Stereo(half, places, lenses).distances_from(other)
                for half, other in (halves, halves[::-1])
            ]
        )
    distance = distance or stereo.distance
    matrix = stereo.matrix(distance)
    straight = straight_points(boards.reshape(-1, 4), *lenses)
    residual = float(np.sqrt(np.mean(distances_from(matrix, straight) ** 2)))
    print(
        f'both cameras: reprojection error {stereo.error:.2f} px over {len(boards)} board(s), '
        f'which are {stereo.distance:.3g} away; the images meet '
        f'{"infinitely far" if np.isinf(distance) else f"{distance:.3g}"} away, '
        f'which leaves the boards {residual:.1f} px apart'
    )
    return Rig.of_matrix(matrix, *sizes, residual, _half_and_most(held_out), *lenses)


def _of_points(
    path: str | os.PathLike,
    points: np.ndarray,
    groups: np.ndarray,
    model: str,
    sizes: tuple,
    lenses: tuple,
) -> tuple[Rig, Fit]:
    """The rig of point pairs, which are tested group by group, and its fit."""
    try:
        points = straight_points(points, *lenses)
        fit = fit_points(points, model, sizes[0][0])
        held_out = held_out_distances(points[fit.used], groups[fit.used], model, sizes[0][0])
        tested = _half_and_most(held_out)
        return Rig.of_matrix(fit.matrix, *sizes, fit.residual, tested, *lenses), fit
    except InputError as error:
        raise InputError(f'{path}: {error}') from None


def _of_edges(
    name: Path,
    files: Sequence[tuple],
    model: str,
    sizes: tuple,
    lenses: tuple,
    matcher: str | os.PathLike,
) -> Rig:
    maps = [lens and lens.straight_places(size) for lens, size in zip(lenses, sizes, strict=True)]
    pairs = [
        tuple(
            image if places is None else resample(image, places)
            for image, places in zip(pair, maps, strict=True)
        )
        for pair in _grey_pairs(files, sizes)
    ]
    starts = [()]
    if matcher == 'xfeat':
        starts = [list(xfeat_matches(pairs)), ()]
    elif matcher != 'edges':
        points = read_points(matcher)
        try:
            starts = [[straight_points(points, *lenses)]]
        except InputError as error:
            raise InputError(f'{matcher}: {error}') from None
    for matches in starts:
        try:
            matrix, residual, held_out = find_alignment(pairs, model, any(lenses), matches)
            return Rig.of_matrix(matrix, *sizes, residual, _half_and_most(held_out), *lenses)
        except UncertainError as error:
            reason = error
    raise UncertainError(
        f'{name}, ...: no rig file is written: {reason}; give more pairs, or the same points of '
        f'both images: click them in `bffr web`, or write them to a file for --points.'
    )


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
