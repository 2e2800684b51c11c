"""`bffr fuse` on folders and videos in which something is wrong."""

import shutil

import cv2
import pytest

from bffr.images.image_io import read_image
from tests.command_lines import pictures


@pytest.fixture
def folders(synthetic, tmp_path):
    for folder in ('vis', 'ir'):
        (tmp_path / folder).mkdir()
        for stem in ('00000D', '00001N', '00002D'):
            shutil.copy(synthetic / folder / f'{stem}.png', tmp_path / folder)
    (tmp_path / 'ir/00001N.png').write_bytes(b'')
    return tmp_path / 'vis', tmp_path / 'ir'


def words(sources, out, *more):
    return 'fuse', '--vis', sources[0], '--ir', sources[1], '--out', out, *more


def test_folder_ends_at_the_first_failure(tool, folders, tmp_path):
    run = tool(*words(folders, tmp_path / 'out', '--model', 'max'))
    assert 'ir/00001N.png: is empty, damaged' in run.error
    assert pictures(tmp_path / 'out') == ['00000D.png']


def test_folder_keeps_going(tool, folders, tmp_path):
    run = tool(*words(folders, tmp_path / 'out', '--model', 'max', '--keep-going'))
    assert run.status == 1
    assert run.error == 'error: 1 of 3 pair(s) failed; they are named above.'
    assert 'skipped: ' in run.messages
    assert 'ir/00001N.png: is empty, damaged' in run.messages
    assert 'Traceback' not in run.messages
    assert run.log.startswith('3 pair(s) in ')
    assert pictures(tmp_path / 'out') == ['00000D.png', '00002D.png']


def test_videos(tool, folders, tmp_path):
    videos = tmp_path / 'vis.mp4', tmp_path / 'ir.mp4'
    image = read_image(folders[0] / '00000D.png')
    for video in videos:
        writer = cv2.VideoWriter(str(video), cv2.VideoWriter_fourcc(*'mp4v'), 5, image.shape[1::-1])
        for _ in range(3):
            writer.write(image)
        writer.release()
    run = tool(*words(videos, tmp_path / 'out.mp4', '--model', 'laplacian'))
    assert run.error is None
    assert run.log.startswith('3 frame(s) in ')
    assert (tmp_path / 'out.mp4').is_file()
    run = tool(*words(videos, tmp_path / 'out.mp4', '--model', 'max', '--sheet'))
    assert 'leave out --sheet' in run.error
