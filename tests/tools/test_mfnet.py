"""MFNet's 4-channel distribution becomes vis/ ir/ labels/, whole, once, or not at all."""

import re

import numpy as np
import pytest

from bffr.errors import InputError
from bffr.images.image_io import read_image, write_png
from bffr.images.splits import read_split
from tools.dataset_converters import mfnet
from tools.dataset_converters.mfnet import convert_mfnet

NAMES = ['00001D', '00002N', '00003D', '00004N']


@pytest.fixture
def src(tmp_path):
    folder = tmp_path / 'ir_seg_dataset'
    rng = np.random.default_rng(0)
    for name in NAMES:
        write_png(folder / f'images/{name}.png', rng.integers(0, 256, (6, 8, 4), np.uint8))
        write_png(folder / f'labels/{name}.png', rng.integers(0, 9, (6, 8), np.uint8))
    (folder / 'train.txt').write_bytes(b'00001D\r\n00002N\r\n00001D_flip\r\n00002N_flip\r\n')
    (folder / 'val.txt').write_text('00003D\n')
    (folder / 'test.txt').write_text('00004N\n')
    (folder / 'test_night.txt').write_text('00004N\n')
    (folder / 'notes.txt').write_text('not a split\n')
    return folder


def test_images_labels_and_splits(src, tmp_path):
    out = tmp_path / 'out'
    assert convert_mfnet(src, out) == {'train': 2, 'val': 1, 'test': 1, 'test_night': 1}
    assert read_split(out / 'train.txt') == NAMES[:2]
    assert read_split(out / 'test_night.txt') == ['00004N']
    assert not (out / 'notes.txt').exists()
    for name in NAMES:
        image = read_image(src / f'images/{name}.png')
        np.testing.assert_array_equal(read_image(out / f'vis/{name}.png'), image[..., :3])
        np.testing.assert_array_equal(read_image(out / f'ir/{name}.png'), image[..., 3])
        labels = read_image(src / f'labels/{name}.png')
        np.testing.assert_array_equal(read_image(out / f'labels/{name}.png'), labels)
    assert len(list(out.rglob('*.png'))) == 12


def test_flip_adds_mirrored_training_pairs(src, tmp_path):
    assert convert_mfnet(src, tmp_path / 'out', flip=True)['train'] == 4
    flipped = ['00001D_flip', '00002N_flip']
    assert read_split(tmp_path / 'out/train.txt') == NAMES[:2] + flipped
    for folder in ('vis', 'ir', 'labels'):
        files = {file.stem: read_image(file) for file in (tmp_path / 'out' / folder).iterdir()}
        assert set(files) == {*NAMES, *flipped}
        np.testing.assert_array_equal(files['00001D_flip'], files['00001D'][:, ::-1])


def test_goes_on_where_it_stopped(src, tmp_path, monkeypatch):
    out = tmp_path / 'out'
    written = []

    def interrupted(path, image):
        if len(written) == 4:
            raise KeyboardInterrupt
        written.append(path)
        write_png(path, image)

    monkeypatch.setattr(mfnet, 'write_png', interrupted)
    with pytest.raises(KeyboardInterrupt):
        convert_mfnet(src, out)
    assert not (out / 'train.txt').exists()
    times = {file: file.stat().st_mtime_ns for file in out.rglob('00001D.png')}
    assert len(times) == 3
    monkeypatch.undo()

    damaged = out / 'vis/00002N.png'
    damaged.write_bytes(damaged.read_bytes()[:-20])
    convert_mfnet(src, out)
    assert len(list(out.rglob('*.png'))) == 12
    assert {file: file.stat().st_mtime_ns for file in times} == times
    assert read_image(damaged).shape == (6, 8, 3)
    assert not list(out.rglob('*.partial'))


def test_refuses_its_own_source(src):
    with pytest.raises(InputError, match='source folder'):
        convert_mfnet(src, src / '..' / src.name)


@pytest.mark.parametrize('folder', ['images', 'labels'])
def test_refuses_a_folder_without_images_or_labels(src, tmp_path, folder):
    (src / folder).rename(tmp_path / 'elsewhere')
    with pytest.raises(InputError, match=f'no {folder}/ folder'):
        convert_mfnet(src, tmp_path / 'out')


def test_refuses_a_folder_without_splits(src, tmp_path):
    for file in src.glob('*.txt'):
        file.unlink()
    with pytest.raises(InputError, match='no train.txt'):
        convert_mfnet(src, tmp_path / 'out')


def test_names_all_absent_files(src, tmp_path):
    (src / 'images/00001D.png').unlink()
    (src / 'labels/00004N.png').unlink()
    with pytest.raises(InputError, match=r'images/00001D\.png, labels/00004N\.png'):
        convert_mfnet(src, tmp_path / 'out')
    assert not (tmp_path / 'out').exists()


def test_refuses_three_channels_before_writing(src, tmp_path):
    write_png(src / 'images/00001D.png', np.zeros((6, 8, 3), np.uint8))
    with pytest.raises(InputError, match=r'00001D\.png: has 3 channel'):
        convert_mfnet(src, tmp_path / 'out')
    assert not (tmp_path / 'out').exists()


def test_refuses_labels_of_another_size(src, tmp_path):
    write_png(src / 'labels/00001D.png', np.zeros((3, 4), np.uint8))
    with pytest.raises(InputError, match=r'labels/00001D\.png: is uint8 of shape \(3, 4\)'):
        convert_mfnet(src, tmp_path / 'out')


def test_tool_says_what_it_wrote(tool, src, tmp_path):
    out = tmp_path / 'out'
    run = tool('dataset_converters/mfnet.py', src, out, '--flip')
    assert (run.status, run.log) == (None, f'{out}: train 4, val 1, test 1, test_night 1\n')


def test_tool_says_what_is_wrong_without_a_traceback(tool, tmp_path):
    run = tool('dataset_converters/mfnet.py', tmp_path, tmp_path / 'out')
    assert run.status == 1
    assert re.fullmatch(r'error: .* has no images/ folder.*\n', run.messages)
