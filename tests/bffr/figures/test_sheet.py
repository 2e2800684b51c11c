"""Sheets: columns for folders, boxes around classes, differences in colours of their sign."""

import cv2
import numpy as np
import pytest
from PIL import Image

from bffr.errors import InputError
from bffr.figures import draw_folders, save_sheet
from bffr.figures.folders import luma_difference
from bffr.images.image_io import read_visible, write_png
from bffr.images.results import colour_labels
from tests.bffr.figures.reading import near, place, require_grid

YELLOW, VIOLET = (0, 255, 255), (255, 0, 128)  # BGR: a person's and a car's boxes


def amount(picture, colour):
    """Number of pixels near a colour."""
    return int(near(picture, colour).sum())


def flat(*colour):
    return np.full((40, 60, len(colour)), colour, np.uint8).squeeze()


def test_images_are_where_they_belong(tmp_path, figures):
    rows = [
        [flat(200, 30, 30), flat(30, 200, 30), flat(90)],
        [flat(30, 30, 200), flat(200, 200, 30), flat(150)],
    ]
    legend = {'road': (10, 20, 30), 'tree': (250, 120, 10)}
    save_sheet(tmp_path / 's.png', ['One', 'Two', 'Three'], rows, legend)
    picture = read_visible(tmp_path / 's.png')
    colours = [[image[0, 0] for image in row] for row in rows]
    require_grid(picture, colours, 60 / 40)
    (figure,) = figures
    assert [panel.get_title() for panel in figure.axes] == ['One', 'Two', 'Three', '', '', '']
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [*legend]
    _, _, _, bottom = place(picture, colours[1][0])
    for red, green, blue in legend.values():
        assert place(picture, (blue, green, red))[1] > bottom
    title = picture[: place(picture, colours[0][0])[1] - 2]
    assert (title < 100).any()


@pytest.mark.parametrize(
    ('shape', 'columns'), [((20, 3000), 2), ((900, 20), 2), ((20, 3000), 4), ((100, 200), 40)]
)
def test_a_sheet_is_bounded(tmp_path, shape, columns):
    """Images of any shape have about their pixels in it, until a side has 8,000."""
    row = [np.full((*shape, 3), (200, 30, 30), np.uint8)]
    row += [np.full(shape, 90, np.uint8)] * (columns - 1)
    save_sheet(tmp_path / 's.png', ['A'] * columns, [row])
    picture = read_visible(tmp_path / 's.png')
    assert max(picture.shape) < 8100
    left, top, right, bottom = place(picture, (200, 30, 30))
    assert max(right - left, bottom - top) > 0.95 * min(max(shape), 8000 / columns)
    assert (right - left) / (bottom - top) == pytest.approx(shape[1] / shape[0], rel=0.25)


def test_more_rows_than_a_sheet_shows_are_refused(folders):
    for number in range(99):
        (folders / f'vis/{number}.png').write_bytes((folders / 'vis/a.png').read_bytes())
    with pytest.raises(InputError, match=r's\.png: 101 rows are more than .*; name at most 100'):
        draw_folders(folders / 's.png', {'Visible': folders / 'vis'})
    assert not (folders / 's.png').exists()


def test_what_fusing_wrote_beside_its_images_is_none(folders, figures):
    for end in ('labels', 'sheet'):
        write_png(folders / f'vis/a_{end}.png', flat(30, 200, 30))
    draw_folders(folders / 's.png', {'Fused': folders / 'vis', 'Dark': folders / 'dark'})
    assert len(figures[0].axes) == 4
    draw_folders(folders / 's.png', {'Fused': folders / 'vis'}, stems=['a_sheet'])
    assert len(figures[1].axes) == 1


def test_folders_are_columns_and_pairs_are_rows(tmp_path, figures):
    colours = {
        'b': {'one': (200, 30, 30), 'two': (30, 200, 30)},
        'a': {'one': (30, 30, 200), 'two': (200, 200, 30)},
    }
    for stem, images in colours.items():
        for folder, colour in images.items():
            write_png(tmp_path / folder / f'{stem}.png', flat(*colour))
    columns = {'First': tmp_path / 'two', 'Second': tmp_path / 'one'}
    draw_folders(tmp_path / 's.png', columns, stems=['b', 'a'])
    wanted = [[colours[stem][folder] for folder in ('two', 'one')] for stem in 'ba']
    require_grid(read_visible(tmp_path / 's.png'), wanted, 60 / 40)
    assert [panel.get_title() for panel in figures[0].axes[:2]] == ['First', 'Second']


def test_regions_are_those_of_their_rows(tmp_path):
    """The image of the second row is turned by half, so that both regions show the first quarter:
    one over the last quarter, one over the second.
    """
    quarters = (200, 30, 30), (30, 200, 30), (30, 30, 200), (200, 200, 30)
    image = np.array(quarters, np.uint8).reshape(2, 2, 3).repeat(50, 0).repeat(50, 1)
    write_png(tmp_path / 'vis/a.png', image)
    write_png(tmp_path / 'vis/b.png', image[::-1, ::-1])
    regions = [(5, 5, 30, 30), (65, 65, 30, 30)]
    path, columns = tmp_path / 's.png', {'1': tmp_path / 'vis', '2': tmp_path / 'vis'}
    draw_folders(path, columns)
    before = read_visible(path)
    draw_folders(path, columns, regions=regions)
    more = [amount(read_visible(path), colour) / amount(before, colour) for colour in quarters]
    np.testing.assert_allclose(more, [1.7, 0.65, 1, 0.65], atol=0.1)


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


@pytest.mark.parametrize('corner', [(0, 0), (0, 1), (1, 0), (1, 1)])
def test_regions_are_enlarged_where_they_cover_least(tmp_path, corner):
    """Both images are empty in that corner and in the one beside it, which has the region; one
    image is empty in a third corner, too.
    """
    quarters = np.random.default_rng(0).integers(0, 99, (2, 2, 2, 50, 50), dtype=np.uint8)
    down, right = corner
    quarters[:, down] = quarters[0, 1 - down, right] = 0
    small, large = quarters.swapaxes(2, 3).reshape(2, 100, 100)
    x, y = 90 * (1 - right), 90 * down
    for image in (small, large):
        image[y : y + 10, x : x + 10] = 255
    row, region = [small, large.repeat(2, 0).repeat(2, 1)], (x, y, 10, 10)
    save_sheet(tmp_path / 's.png', ['small', 'large'], [row], regions=[region])
    for column in np.array_split(read_visible(tmp_path / 's.png'), 2, axis=1):
        rows, columns = (slice(-100, -20) if side else slice(20, 100) for side in corner)
        inset = column[-310:][rows, columns]
        assert np.median(inset) > 250


def test_a_sheet_in_a_column_of_a_paper(tmp_path, figures):
    """Five images stand in two lines, as wide as 84 mm with letters that are read there."""
    colours = [(200, 30, 30), (30, 200, 30), (30, 30, 200), (200, 200, 30), (30, 200, 200)]
    titles = ['Visible', 'Infrared', 'content-s-2026-11', 'a-long-method-of-2025-with-weights', 'B']
    rows = [[flat(*colour) for colour in colours]] * 2
    save_sheet(tmp_path / 's.png', titles, rows, in_column=True)
    (figure,) = figures
    picture = read_visible(tmp_path / 's.png')
    with Image.open(tmp_path / 's.png') as file:
        assert 0.97 * 84 < picture.shape[1] / file.info['dpi'][0] * 25.4 < 84.1
    shown = [panel for panel in figure.axes if panel.axison]
    assert [panel.get_title().replace('\n', '') for panel in shown] == titles * 2
    assert all(panel.title.get_fontsize() >= 6 for panel in shown)
    figure.draw_without_rendering()
    for panel in shown:
        assert panel.title.get_window_extent().width < panel.get_window_extent().width
    first = picture[: len(picture) // 2]
    places = [place(first, colour) for colour in colours]
    lefts, tops, *_ = np.transpose(places)
    assert np.ptp(tops[:3]) <= 3 < tops[3] - tops[0]
    assert tops[3] == pytest.approx(tops[4], abs=3)
    np.testing.assert_allclose(lefts[:2], lefts[3:], atol=3)


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


@pytest.mark.parametrize(
    ('file', 'stems', 'regions', 'message'),
    [
        ('s.png', ['z'], [], r'vis: has no image .* z;.*dark: has no image .* z'),
        ('s.png', ['a'], [(50, 0, 20, 20)], r'50,0,20,20 is not inside a \(60x40\)'),
        ('s.png', ['a'], [(0, 0, 9, 9)] * 2, '2 regions for 1 images'),
        ('s.xyz', ['a'], [], r's\.xyz: figures are written as one of'),
    ],
)
def test_mistakes(folders, file, stems, regions, message):
    columns = {name: folders / name for name in ('vis', 'dark')}
    with pytest.raises(InputError, match=message):
        draw_folders(folders / file, columns, stems=stems, regions=regions)
