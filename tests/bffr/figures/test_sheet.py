"""Sheets: columns for folders, boxes around classes, differences in colours of their sign."""

import cv2
import numpy as np
import pytest

from bffr.errors import InputError
from bffr.figures import draw_folders, save_sheet
from bffr.figures.folders import luma_difference
from bffr.images.image_io import read_visible, write_png
from bffr.images.results import colour_labels

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


@pytest.mark.parametrize('side', ['left', 'right'])
def test_regions_are_enlarged_in_the_opposite_corner(tmp_path, side):
    image = np.zeros((100, 100), np.uint8)
    x = 10 if side == 'left' else 70
    image[20:30, x : x + 10] = 255
    images = [image, image.repeat(2, 0).repeat(2, 1)]
    save_sheet(tmp_path / 's.png', ['small', 'large'], [images], regions=[(x, 20, 10, 10)])
    for column in np.array_split(read_visible(tmp_path / 's.png'), 2, axis=1):
        inset, opposite = column[-110:-20, 20:110], column[-110:-20, -110:-20]
        if side == 'left':
            inset, opposite = opposite, inset
        assert np.median(inset) > 250
        assert opposite.max() < 5


def test_boxes_and_regions_fit_columns_of_any_size(folders):
    small = {name: read_visible(folders / name / 'a.png') for name in ('vis', 'labels')}
    for name, image in small.items():
        write_png(folders / f'large_{name}/a.png', image[..., 0].repeat(3, 0).repeat(3, 1))
    amounts = []
    for columns in (('vis', 'vis'), ('vis', 'large_vis')):
        for marked_in in ('labels', 'large_labels'):
            draw_folders(
                folders / 's.png',
                {str(number): folders / column for number, column in enumerate(columns)},
                stems=['a'],
                marked=['person'],
                marked_in=folders / marked_in,
                regions=[(0, 20, 20, 15)],
            )
            amounts.append(amount(read_visible(folders / 's.png'), YELLOW))
    assert amounts == pytest.approx([amounts[0]] * 4, rel=0.1)


def test_classes_of_another_data_set(folders):
    path = folders / 's.png'
    palette = [[0, 0, 0], [250, 120, 10], [10, 250, 120]]
    metainfo = dict(classes=('road', 'tree', 'rail'), palette=palette)
    draw_folders(path, {}, {'Labels': folders / 'labels'}, ['a'], metainfo=metainfo)
    picture = read_visible(path)
    assert amount(picture, (10, 120, 250)) > 200 * 9  # enlarged nine times and more
    assert amount(picture, (128, 0, 64)) == 0  # MFNet's car


def test_infrared_of_16_bit_is_visible(folders):
    grey = np.full((40, 60), 7000, np.uint16)
    grey[:, 30:] += 300
    cv2.imwrite(str(folders / 'vis/a.png'), grey)
    draw_folders(folders / 's.png', {'Infrared': folders / 'vis'}, stems=['a'])
    picture = read_visible(folders / 's.png')[80:-10].astype(int)
    halves = np.array_split(picture, 2, axis=1)
    assert np.median(halves[1]) - np.median(halves[0]) > 250


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


def test_nothing_that_is_drawn_is_replaced(folders, tmp_path):
    path = next((folders / 'vis').iterdir())
    before = path.read_bytes()
    with pytest.raises(InputError, match='holds input; choose another place'):
        draw_folders(path, {'Visible': folders / 'vis'})
    assert path.read_bytes() == before
    with pytest.raises(InputError, match='holds no image'):
        draw_folders(tmp_path / 'a.png', {'Visible': tmp_path})


def test_ignored_labels_are_white():
    painted = colour_labels(np.array([[0, 1, 255]], np.uint8), [[0, 0, 0], [1, 2, 3]])
    assert painted.tolist() == [[[0, 0, 0], [3, 2, 1], [255, 255, 255]]]
