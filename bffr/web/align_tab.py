"""The tab that aligns two cameras by the same points, clicked in both images."""

import contextlib
import csv
import math

import cv2
import gradio as gr
import numpy as np

from bffr.align_cameras import align_cameras, how_sure
from bffr.errors import InputError
from bffr.images.image_io import read_infrared, read_visible
from bffr.rigs.points import COLUMNS, MODELS
from bffr.web.uploads import (
    infrared_scale,
    new_folder,
    require_image,
    require_pair,
    with_sentences,
)

_VISIBLE, _INFRARED = slice(0, 2), slice(2, 4)  # x and y in a row of points
_RED = 255, 0, 0


def align_tab(
    pair: list[gr.File], scale: list[gr.Radio | gr.Number], rig: gr.File, max_pixels: int
) -> None:
    """Fill the tab.

    Args:
        pair, scale: See `read_upload`.
        rig: Which is put here, and becomes the aligned cameras' `rig.json`.
        max_pixels: Of an image.
    """

    @with_sentences
    def show(vis, ir, kind, low, high, points):
        visible = infrared = None
        if vis:
            require_image(vis, max_pixels)
            visible = cv2.cvtColor(read_visible(vis), cv2.COLOR_BGR2RGB)
            _mark(visible, points, _VISIBLE)
        if ir:
            require_image(ir, max_pixels)
            infrared = read_infrared(ir, infrared_scale(kind, low, high))
            infrared = cv2.cvtColor(infrared, cv2.COLOR_GRAY2RGB)
            _mark(infrared, points, _INFRARED)
        return visible, infrared

    def click_visible(points, event: gr.SelectData):
        return _with_point(points, _VISIBLE, event.index)

    def click_infrared(points, event: gr.SelectData):
        return _with_point(points, _INFRARED, event.index)

    @with_sentences
    def align(vis, ir, points, model):
        require_pair(vis, ir, max_pixels)
        rows = [
            [_number(cell, number) for cell in row]
            for number, row in enumerate(points, 1)
            if _is_given(row)
        ]
        folder = new_folder()
        file, out = folder / 'points.csv', folder / 'rig.json'
        with open(file, 'w', newline='') as table:
            csv.writer(table).writerows([COLUMNS, *rows])
        return str(out), how_sure(align_cameras(vis, ir, out, file, model))

    gr.Markdown(
        'Click the same points in both images, four or more, far apart. Then press **Align**. '
        '**Fuse** uses the rig.json below; download it for `bffr fuse --align`.'
    )
    with gr.Row():
        visible, infrared = (
            gr.Image(label=label, interactive=False, format='png', buttons=['fullscreen'])
            for label in ('Visible', 'Infrared')
        )
    points = gr.Dataframe(
        label='Points',
        headers=[*COLUMNS],
        column_count=len(COLUMNS),
        datatype='number',
        type='array',
        interactive=True,
    )
    with gr.Row():
        model = gr.Radio([*MODELS], value='similarity', label='Transform')
        clear = gr.Button('Clear')
        button = gr.Button('Align', variant='primary')
    said = gr.Markdown()
    rig.render()
    gr.on(
        [part.change for part in (*pair, *scale, points)],
        show,
        [*pair, *scale, points],
        [visible, infrared],
        show_progress='hidden',  # which would cover the images and swallow the next click
    )
    visible.select(click_visible, points, points)
    infrared.select(click_infrared, points, points)
    clear.click(lambda: [], None, points)
    button.click(align, [*pair, points, model], [rig, said])


def _with_point(points: list[list], place: slice, point: tuple[int, int]) -> list[list]:
    """Rows of points with one more, in the first row that has none at its place yet."""
    rows = [row for row in points if _is_given(row[_VISIBLE]) or _is_given(row[_INFRARED])]
    free = next((row for row in rows if not _is_given(row[place])), None)
    if free is None:
        free = [None] * len(COLUMNS)
        rows.append(free)
    free[place] = point
    return rows


def _mark(image: np.ndarray, points: list[list], place: slice) -> None:
    """Draw the points that are on an image, uint8 (H, W, 3), numbered from 1."""
    size = max(image.shape[1] // 100, 3)
    for number, row in enumerate(points, 1):
        if not _is_given(row[place]):
            continue
        x, y = (round(_number(cell, number)) for cell in row[place])
        if 0 <= x < image.shape[1] and 0 <= y < image.shape[0]:
            cv2.circle(image, (x, y), size, _RED, 1, cv2.LINE_AA)
            corner = x + size, y - size
            cv2.putText(image, f'{number}', corner, cv2.FONT_HERSHEY_SIMPLEX, size / 10, _RED)


def _is_given(cells: list) -> bool:
    return all(cell not in ('', None) for cell in cells)


def _number(cell: float | str, row: int) -> float:
    with contextlib.suppress(TypeError, ValueError):
        if math.isfinite(float(cell)):
            return float(cell)
    raise InputError(f'Points, row {row}: {cell} is not a number; correct it.')
