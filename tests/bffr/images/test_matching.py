"""Split files, and which image belongs to which."""

import os

import pytest

from bffr.errors import InputError
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
    with pytest.raises(InputError, match=r'val\.txt: cannot be read .*one image name a line'):
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

    def test_order_of_unequally_many(self, made):
        folder = made('v/1.png', 'v/2.png', 'i/1.png')
        with pytest.raises(InputError, match='hold 2 and 1 images; to be paired by order'):
            match_pairs(folder / 'v', folder / 'i', ['order'])
