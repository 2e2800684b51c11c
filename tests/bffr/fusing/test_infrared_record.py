"""What `infrared.json` says of a folder is what its images were made with."""

import json

import cv2
import numpy as np
import pytest
import tifffile

import bffr
from bffr.errors import InputError
from bffr.fusing.fuse_files import fuse_files
from bffr.fusing.fuse_options import FuseOptions
from bffr.images.image_io import write_png
from bffr.images.thermal import InfraredScale

GREY = np.arange(64, dtype=np.uint8).reshape(8, 8)
RAW = 7000 + 10 * GREY.astype(np.uint16)


@pytest.fixture
def folders(tmp_path):
    for folder in ('vis', 'ir'):
        (tmp_path / folder).mkdir()

    def write(**images):
        for stem, image in images.items():
            cv2.imwrite(str(tmp_path / f'ir/{stem}.png'), image)
            write_png(tmp_path / f'vis/{stem}.png', np.zeros((8, 8, 3), np.uint8))
        return tmp_path / 'vis', tmp_path / 'ir', tmp_path / 'out'

    return write


def run(folders, **options):
    fuse_files(bffr.load('max'), *folders, FuseOptions(stretch='none', **options))
    record = folders[2] / 'infrared.json'
    return json.loads(record.read_text()) if record.exists() else None


def test_images_that_are_there_keep_the_range_that_they_were_made_with(folders):
    first = run(folders(a=RAW))['ranges']['all']
    paths = folders(b=RAW + 500)
    second = [*np.percentile([RAW, RAW + 500], (1, 99))]
    ranges = run(paths, skip_existing=True)['ranges']
    assert ranges == {'all': pytest.approx(second), 'a': first}
    told = dict(skip_existing=True, infrared=InfraredScale((7000, 9000)))
    folders(c=RAW)
    ranges = run(paths, **told)['ranges']
    assert ranges == {'all': [7000, 9000], 'a': first, 'b': pytest.approx(second)}
    assert run(paths, **told)['ranges'] == ranges


def test_8_bit_images_that_are_there_were_taken_as_they_are(folders):
    assert run(folders(a=GREY)) is None
    folders(b=GREY)
    told = dict(skip_existing=True, infrared=InfraredScale((0, 63)))
    assert run(folders(), **told)['ranges'] == {'all': [0, 63], 'a': None}


@pytest.mark.parametrize('other', [dict(black_hot=True), dict(clahe=2), dict(keep_hot_pixels=True)])
def test_what_a_record_says_of_all_is_not_changed(folders, other):
    run(folders(a=RAW))
    paths = folders(b=RAW)
    before = (paths[2] / 'infrared.json').read_bytes()
    with pytest.raises(InputError, match=r'infrared\.json: the images there were made with other'):
        run(paths, skip_existing=True, infrared=InfraredScale(**other))
    assert (paths[2] / 'infrared.json').read_bytes() == before
    assert not (paths[2] / 'b.png').exists()


def test_a_record_of_something_else_is_refused(folders):
    paths = folders(a=RAW)
    run(paths)
    for content in ('[]', '{"ranges": [1]}', 'no'):
        (paths[2] / 'infrared.json').write_text(content)
        with pytest.raises(InputError, match=r'infrared\.json: is damaged or not from'):
            run(paths, skip_existing=True)


def test_8_bit_pairs_leave_no_old_record(folders):
    paths = folders(a=RAW)
    assert run(paths)
    assert run(folders(a=GREY)) is None
    pair = paths[0] / 'a.png', paths[1] / 'a.png', paths[2] / 'one.png'
    for image, is_there in ((RAW, True), (GREY, False)):
        folders(a=image)
        fuse_files(bffr.load('max'), *pair)
        assert (paths[2] / 'one_infrared.json').exists() == is_there


def test_a_run_that_fails_half_way_leaves_its_record(folders):
    paths = folders(a=RAW, b=RAW + 500, c=RAW)
    (paths[1] / 'b.png').write_bytes(b'')
    with pytest.raises(InputError, match='damaged'):
        run(paths, ir_scope='pair')
    assert json.loads((paths[2] / 'infrared.json').read_text())['ranges'].keys() == {'a'}


def test_nothing_fused_leaves_nothing(folders):
    paths = folders(a=RAW)
    (paths[1] / 'a.png').write_bytes(b'')
    with pytest.raises(InputError, match='damaged'):
        run(paths)
    assert not paths[2].exists()


def test_the_samples_of_a_folder_are_its_raw_images(folders):
    """Every second image is raw, none of which stands where samples are taken."""
    images = {f'{i:03}': GREY if i % 2 == 0 else RAW for i in range(64)}
    ranges = run(folders(**images))['ranges']
    assert ranges.pop('all') == pytest.approx(np.percentile([RAW] * 32, (1, 99)))
    assert ranges == {f'{i:03}': None for i in range(0, 64, 2)}


def test_a_file_that_is_no_record_stays(folders, tmp_path):
    paths = folders(a=GREY)
    for name, sources, out in (
        ('infrared.json', paths[:2], paths[2]),
        ('a_infrared.json', [path / 'a.png' for path in paths[:2]], paths[2] / 'a.png'),
    ):
        mine = paths[2] / name
        mine.parent.mkdir(exist_ok=True)
        mine.write_text('{"mine": 1}')
        with pytest.raises(InputError, match='infrared.json: is damaged or not from `bffr fuse`'):
            run((*sources, out))
        assert mine.read_text() == '{"mine": 1}'
        assert not (paths[2] / 'a.png').exists()


def test_an_image_named_all(folders):
    ranges = run(folders(a=RAW, all=GREY))['ranges']
    assert ranges == {'all': pytest.approx([*np.percentile(RAW, (1, 99))]), 'all.png': None}


@pytest.mark.parametrize('suffix', ['.png', '.ppm', '.tif'])
def test_deep_colours_share_a_range_as_grey_does(folders, suffix):
    """Three equal channels of 16 bits; or 16 bits on a page that is not the first."""
    paths = folders(a=RAW, b=RAW + 500)
    expected = run(paths)['ranges']
    for path in [*paths[1].iterdir()]:
        grey = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        path.unlink()
        if suffix == '.tif':
            pages = np.zeros((8, 8), np.uint8), grey
            with tifffile.TiffWriter(path.with_suffix(suffix)) as file:
                for page in pages:
                    file.write(page)
        else:
            cv2.imwrite(str(path.with_suffix(suffix)), cv2.merge([grey] * 3))
    (paths[2] / 'infrared.json').unlink()
    assert run(paths, page=2 if suffix == '.tif' else None)['ranges'] == expected
