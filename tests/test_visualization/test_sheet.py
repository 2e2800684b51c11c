"""Sheets: columns for folders, boxes around classes, differences in colours of their sign."""

import numpy as np
import pytest

from mmseg_bffr.datasets.image_io import read_visible, write_png
from mmseg_bffr.errors import InputError
from mmseg_bffr.visualization import colour_labels, draw_folders, save_sheet
from mmseg_bffr.visualization.luma_difference import luma_difference

YELLOW, VIOLET = (0, 255, 255), (255, 0, 128)  # BGR: a person's and a car's boxes


def amount(picture, colour):
    """Number of pixels near a colour."""
    return int((np.abs(picture.astype(int) - colour).max(axis=2) < 8).sum())


def test_differences_are_signed(folders):
    paths = {name: folders / name / 'a.png' for name in ('vis', 'dark', 'bright')}
    assert not luma_difference(paths['vis'], paths['vis']).any()
    more = luma_difference(paths['bright'], paths['dark'])
    np.testing.assert_allclose(more, 50, atol=1e-3)
    np.testing.assert_array_equal(luma_difference(paths['dark'], paths['bright']), -more)


def test_difference_of_two_sizes(folders):
    write_png(folders / 'dark/a.png', np.zeros((20, 60), np.uint8))
    with pytest.raises(InputError, match=r'dark/a\.png: is 60x20, but .*vis/a\.png is 60x40'):
        luma_difference(folders / 'vis/a.png', folders / 'dark/a.png')


def test_colours_of_differences(tmp_path):
    step = np.full((40, 60), -9.0)
    step[:, 30:] = 9
    save_sheet(tmp_path / 's.png', ['more', 'less', 'none'], [[step, -step, 0 * step]])
    picture = read_visible(tmp_path / 's.png')[60:-60].astype(int)  # without title
    thirds = np.array_split(picture[:, : picture.shape[1] * 9 // 10], 6, axis=1)
    redness = [float(np.median(part[..., 2] - part[..., 0])) for part in thirds]
    assert redness[0] < -40
    assert redness[1] > 40
    assert redness[2] > 40
    assert redness[3] < -40
    assert abs(redness[4]) < 5


def test_boxes_are_in_every_column(folders):
    path = folders / 's.png'
    images = {'Visible': folders / 'vis', 'Dark': folders / 'dark'}
    marks = dict(marked_in=folders / 'labels')
    draw_folders(path, images, stems=['a'])
    assert amount(read_visible(path), YELLOW) == 0
    draw_folders(path, images, stems=['a'], marked=['person'], **marks)
    two = amount(read_visible(path), YELLOW)
    assert two > 0
    assert amount(read_visible(path), VIOLET) == 0
    differences = {'Bright - dark': (folders / 'bright', folders / 'dark')}
    draw_folders(
        path, images, stems=['a'], marked=['person', 'car'], differences=differences, **marks
    )
    assert amount(read_visible(path), YELLOW) > 1.3 * two
    assert amount(read_visible(path), VIOLET) > 0


def test_sheets_grow_with_their_columns(folders):
    path = folders / 's.png'
    sizes = []
    for columns in (1, 2, 4):
        draw_folders(path, {f'Column {n}': folders / 'vis' for n in range(columns)}, stems=['a'])
        sizes.append(read_visible(path).shape)
    assert len({height for height, _, _ in sizes}) == 1
    assert sizes[2][1] == pytest.approx(2 * sizes[1][1], rel=0.03)
    assert sizes[1][1] == pytest.approx(2 * sizes[0][1], rel=0.03)


def test_rows_of_other_shapes_leave_no_gaps(tmp_path):
    wide, tall = np.zeros((20, 60), np.uint8), np.zeros((60, 40), np.uint8)
    save_sheet(tmp_path / 's.png', ['a', 'b'], [[wide, wide], [tall, tall]])
    picture = read_visible(tmp_path / 's.png')[80:]
    assert (picture < 5).mean() > 0.95


def test_missing_pairs_of_all_folders_are_named(folders):
    (folders / 'dark/b.png').unlink()
    (folders / 'labels/a.png').unlink()
    with pytest.raises(InputError, match=r'dark: has no image .* b; .*labels: has no image .* a'):
        draw_folders(
            folders / 's.png',
            {'Visible': folders / 'vis'},
            differences={'Difference': (folders / 'bright', folders / 'dark')},
            marked=['car'],
            marked_in=folders / 'labels',
        )


def test_ignored_labels_are_white():
    painted = colour_labels(np.array([[0, 1, 255]], np.uint8), [[0, 0, 0], [1, 2, 3]])
    assert painted.tolist() == [[[0, 0, 0], [3, 2, 1], [255, 255, 255]]]
