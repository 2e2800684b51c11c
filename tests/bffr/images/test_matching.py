"""Split files, and which image belongs to which."""

import os
import unicodedata
from datetime import datetime, timedelta

import pytest
from PIL import Image

from bffr.errors import InputError
from bffr.images.capture_time import capture_time
from bffr.images.matching import index_images, match_pairs, match_stems
from bffr.images.splits import read_split


@pytest.mark.parametrize(
    'content',
    [b'a\nb c\n', b'a\r\nb c\r\n', b'\n\na  \n\n b c', b'\xef\xbb\xbfa\nb c\n', b'a\rb c\r'],
)
def test_line_endings_and_blank_lines_do_not_matter(tmp_path, content):
    (tmp_path / 'train.txt').write_bytes(content)
    assert read_split(tmp_path / 'train.txt') == ['a', 'b c']


@pytest.mark.parametrize('content', [b'', b'\n \r\n'])
def test_empty_split(tmp_path, content):
    (tmp_path / 'val.txt').write_bytes(content)
    with pytest.raises(InputError, match=r'val\.txt: names no image'):
        read_split(tmp_path / 'val.txt')


def test_missing_split(tmp_path):
    with pytest.raises(InputError, match=r'val\.txt: cannot be read .*one image name in each line'):
        read_split(tmp_path / 'val.txt')


def test_split_that_is_no_text(tmp_path):
    (tmp_path / 'val.txt').write_bytes(b'\x89PNG\xff\xfe')
    with pytest.raises(InputError, match='is not a text file'):
        read_split(tmp_path / 'val.txt')


@pytest.fixture
def folders(tmp_path):
    for name in ('vis/b.PNG', 'vis/a.jpg', 'vis/c.d.png', 'ir/a.tif', 'ir/b.bmp', 'ir/c.d.jpeg'):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path / 'vis', tmp_path / 'ir'


def test_extensions_are_free_and_other_files_are_not_images(folders):
    vis, ir = folders
    for name in ('notes.txt', '.hidden.png', 'Thumbs.db', '.a.png.123.partial'):
        (vis / name).touch()
    assert match_stems(vis, ir) == [
        ('a', str(vis / 'a.jpg'), str(ir / 'a.tif')),
        ('b', str(vis / 'b.PNG'), str(ir / 'b.bmp')),
        ('c.d', str(vis / 'c.d.png'), str(ir / 'c.d.jpeg')),
    ]


@pytest.mark.parametrize('folder', [0, 1])
def test_all_missing_counterparts_are_listed(folders, folder):
    for name in ('x.png', 'y.png'):
        (folders[folder] / name).touch()
    with pytest.raises(InputError, match=r'no image for 2 name\(s\): x, y') as error:
        match_stems(*folders)
    assert str(error.value).startswith(str(folders[1 - folder]))


def test_two_images_of_one_stem(folders):
    (folders[0] / 'a.png').touch()
    with pytest.raises(InputError, match='has the same stem as'):
        index_images(folders[0])


def test_folder_without_images_and_no_folder(tmp_path, folders):
    (tmp_path / 'empty').mkdir()
    with pytest.raises(InputError, match='empty: holds no image'):
        match_stems(tmp_path / 'empty', tmp_path / 'empty')
    with pytest.raises(InputError, match='none: is not a folder'):
        match_stems(folders[0], tmp_path / 'none')


class TestPairBy:
    @pytest.fixture
    def made(self, tmp_path):
        def made(*names):
            for name in names:
                (tmp_path / name).parent.mkdir(exist_ok=True)
                (tmp_path / name).touch()
            return tmp_path

        return made

    def test_stem(self, folders):
        assert match_pairs(*folders) == [tuple(pair) for _, *pair in match_stems(*folders)]

    def test_patterns_in_one_folder(self, made):
        folder = made('d/1800v.bmp', 'd/1800i.bmp', 'd/2-v.bmp', 'd/2-i.png', 'd/mask.png')
        assert match_pairs(folder / 'd', folder / 'd', ('NAMEv', 'NAMEi')) == [
            (str(folder / 'd/1800v.bmp'), str(folder / 'd/1800i.bmp')),
            (str(folder / 'd/2-v.bmp'), str(folder / 'd/2-i.png')),
        ]

    def test_patterns_are_no_regular_expressions(self, made):
        folder = made('v/V.(1).png', 'v/Vx(2).png', 'i/1.png')
        pairs = match_pairs(folder / 'v', folder / 'i', ('V.(NAME)', 'NAME'))
        assert pairs == [(str(folder / 'v/V.(1).png'), str(folder / 'i/1.png'))]

    def test_order_of_numbers(self, made):
        folder = made('v/a10.png', 'v/a9.png', 'v/a1.png', 'i/007.png', 'i/101.png', 'i/20.png')
        pairs = match_pairs(folder / 'v', folder / 'i', ['order'])
        assert [tuple(os.path.basename(path) for path in pair) for pair in pairs] == [
            ('a1.png', '007.png'), ('a9.png', '20.png'), ('a10.png', '101.png'),
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ('by', 'sentence'),
        [
            (('NAMEv', 'NAMEi'), r'd \(NAMEi\): has no image for 1 name\(s\): 2$'),
            (('NAMEx', 'NAMEi'), 'd: no image is named as in NAMEx'),
            (('v', 'i'), r"v i: pairs are found by 'order', by 'time' or by two patterns"),
            (('NAMEv',), "NAMEv: pairs are found by 'order'"),
        ],
    )
    def test_mistakes(self, made, by, sentence):
        folder = made('d/1v.png', 'd/1i.png', 'd/2v.png') / 'd'
        with pytest.raises(InputError, match=sentence):
            match_pairs(folder, folder, by)

    @pytest.mark.parametrize('visible', ['W', 'V'])
    @pytest.mark.parametrize('folders', [('d', 'd'), ('v', 'i')])
    def test_suffixes_of_cameras(self, made, visible, folders):
        v, i = folders
        folder = made(f'{v}/DJI_1_{visible}.JPG', f'{v}/DJI_2_{visible}.JPG')
        made(f'{i}/DJI_1_T.JPG', f'{i}/DJI_2_T.tiff')
        if v == i:
            made('d/DJI_1_Z.JPG')
        assert match_pairs(folder / v, folder / i) == [
            (str(folder / v / f'DJI_1_{visible}.JPG'), str(folder / i / 'DJI_1_T.JPG')),
            (str(folder / v / f'DJI_2_{visible}.JPG'), str(folder / i / 'DJI_2_T.tiff')),
        ]

    @pytest.mark.parametrize(
        'names',
        [
            ('v/1_W.png', 'v/2_W.png', 'i/1_T.png'),  # one is missing
            ('v/1_W.png', 'v/other.png', 'i/1_T.png'),
            ('v/1_W.png', 'v/1_V.png', 'i/1_T.png'),  # which of the two?
        ],
    )
    def test_what_suffixes_do_not_tell_is_refused_with_the_way_out(self, made, names):
        folder = made(*names)
        with pytest.raises(
            InputError, match=r'has no image for .*; for other names, use --pair-by'
        ):
            match_pairs(folder / 'v', folder / 'i')

    def test_one_folder_whose_names_tell_nothing(self, made):
        folder = made('d/1_W.png', 'd/1_V.png', 'd/1_T.png') / 'd'
        for by in (None, ['order'], ['time']):
            with pytest.raises(InputError, match='is given as visible and as infrared'):
                match_pairs(folder, folder, by)

    def test_order_of_unequally_many(self, made):
        folder = made('v/1.png', 'v/2.png', 'i/1.png')
        with pytest.raises(InputError, match='hold 2 and 1 images; --pair-by order needs the same'):
            match_pairs(folder / 'v', folder / 'i', ['order'])


class TestTime:
    @pytest.fixture
    def shot(self, tmp_path):
        def shot(name, time=None, fraction=None):
            exif, path = Image.Exif(), tmp_path / name
            if time:
                exif[0x8769] = {0x9003: time, **({0x9291: fraction} if fraction else {})}
            path.parent.mkdir(exist_ok=True)
            Image.new('L', (8, 8)).save(path, exif=exif)
            return str(path)

        return shot

    def test_of_exif_before_names(self, shot):
        path = shot('20200101_000000.jpg', '2024:02:29 23:59:58', '25')
        assert capture_time(path) == datetime(2024, 2, 29, 23, 59, 58, 250000)

    @pytest.mark.parametrize(
        ('name', 'seconds'),
        [
            ('DJI_20240131235958_0001_V', 58),
            ('IMG_20240131_235958', 58),
            ('2024-01-31T23-59-58.250', 58.25),
            ('rgb 2024-01-31 23.59.58', 58),
            ('99999999999999_20240131235958', 58),
            ('DJI_0001', None),
            ('20241331_235958', None),
        ],
    )
    def test_of_names(self, tmp_path, name, seconds):
        (tmp_path / f'{name}.png').touch()
        taken = capture_time(tmp_path / f'{name}.png')
        expected = seconds and datetime(2024, 1, 31, 23, 59) + timedelta(seconds=seconds)
        assert taken == expected

    def test_the_nearest_are_paired(self, shot, tmp_path):
        visible = [shot(f'v/{name}.jpg', f'2024:01:31 12:00:{name}') for name in ('10', '14', '59')]
        infrared = [
            shot('i/c.jpg', '2024:01:31 12:00:11'),
            shot('i/b.jpg', '2024:01:31 12:00:15', '9'),
            shot('i/a.jpg', '2024:01:31 12:01:00'),
        ]
        expected = list(zip(visible, infrared, strict=True))
        assert match_pairs(tmp_path / 'v', tmp_path / 'i', ['time']) == expected

    def test_one_folder_of_a_drone(self, shot, tmp_path):
        names = [('20240131120001', 'V'), ('20240131120002', 'T'), ('20240131120009', 'V')]
        names += [('20240131120010', 'T')]
        a, b, c, d = (shot(f'd/DJI_{time}_000{i}_{end}.jpg') for i, (time, end) in enumerate(names))
        assert match_pairs(tmp_path / 'd', tmp_path / 'd', ['time']) == [(a, b), (c, d)]

    @pytest.mark.parametrize(
        ('seconds', 'named'),
        [
            ((10, 20, 16), ['v10']),  # too far
            ((10, 12, 11), ['v10', 'v12', 'i11']),  # in the middle
            ((10, 13, 11), ['v13']),  # two of one
        ],
    )
    def test_what_is_not_one_to_one_is_refused_with_names(self, shot, tmp_path, seconds, named):
        first, second, infrared = seconds
        for name, second_ in ((f'v/v{first}', first), (f'v/v{second}', second)):
            shot(f'{name}.jpg', f'2024:01:31 12:00:{second_}')
        shot(f'i/i{infrared}.jpg', f'2024:01:31 12:00:{infrared}')
        with pytest.raises(
            InputError, match='has no partner within 5 seconds, or several'
        ) as error:
            match_pairs(tmp_path / 'v', tmp_path / 'i', ['time'])
        assert all(f'{name}.jpg' in str(error.value) for name in named)

    def test_images_without_a_time_are_named(self, shot, tmp_path):
        shot('v/a.jpg'), shot('i/b.jpg', '2024:01:31 12:00:00')
        with pytest.raises(InputError, match=r'v/a\.jpg: have no time in EXIF'):
            match_pairs(tmp_path / 'v', tmp_path / 'i', ['time'])


def test_letters_that_look_the_same_are_the_same(tmp_path):
    composed, decomposed = (unicodedata.normalize(form, 'Grün') for form in ('NFC', 'NFD'))
    assert composed != decomposed
    for folder, stem in (('v', composed), ('i', decomposed)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / f'{stem}.png').touch()
    files = tmp_path / f'v/{composed}.png', tmp_path / f'i/{decomposed}.png'
    assert match_pairs(tmp_path / 'v', tmp_path / 'i') == [tuple(map(str, files))]
    for stem in (composed, decomposed):
        ((name, *found),) = match_stems(tmp_path / 'v', tmp_path / 'i', stems=[stem])
        assert found == [*map(str, files)]
