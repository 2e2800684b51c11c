"""`align`, and `--align` of the tools that fuse."""

import csv
import json
import time

import cv2
import numpy as np
import pytest

import bffr
from bffr.commands.align import make_parser
from bffr.images.image_io import read_image, write_png
from bffr.images.pair import read_pair
from bffr.rigs.lens import Lens, at_pixels, resample
from bffr.rigs.points import COLUMNS, MODELS
from bffr.rigs.rig import Rig
from tests.bffr.rigs.test_automatic import distance, matches, pair, warp
from tests.bffr.rigs.test_checkerboard import board, seen_by_infrared
from tests.bffr.rigs.test_tracking import frames
from tests.command_lines import pictures
from tests.drawn_videos import write_video

POINTS = 'vis_x,vis_y,ir_x,ir_y\n20,10,0,0\n64,10,44,0\n20,42,0,32\n64,42,44,32\n30,9,40,30\n'


@pytest.fixture
def rig_folder(tmp_path):
    """Pairs whose infrared image lies 20 to the right and 10 below, and their point pairs."""
    rng = np.random.default_rng(0)
    for name in ('a', 'b'):
        write_png(tmp_path / f'vis/{name}.png', rng.integers(0, 256, (60, 80, 3), np.uint8))
        write_png(tmp_path / f'ir/{name}.png', rng.integers(0, 256, (40, 48), np.uint8))
    (tmp_path / 'points.csv').write_text(POINTS)
    return tmp_path


def sources(folder, end='', path=''):
    return f'--vis{end}', folder / f'vis{path}', f'--ir{end}', folder / f'ir{path}'


def test_of_two_videos(tool, rig_folder):
    for name in ('vis', 'ir'):
        images = [read_image(rig_folder / f'{name}/{stem}.png') for stem in 'ab']
        pixels = 'bgr0' if name == 'vis' else 'gray'
        write_video(rig_folder / f'{name}.mkv', images * 40, 'ffv1', pixels)
    options = '--points', rig_folder / 'points.csv', '--out'
    for end in ('', '.mkv'):
        words = [*sources(rig_folder, path=end), *options, rig_folder / f'rig{end}.json']
        assert tool('align', *words).error is None
    rigs = [(rig_folder / f'rig{end}.json').read_text() for end in ('', '.mkv')]
    assert rigs[0] == rigs[1]
    words = sources(rig_folder)[:2] + sources(rig_folder, path='.mkv')[2:]
    run = tool('align', *words, *options, rig_folder / 'rig.json')
    assert run.error.endswith('give two images, two folders, two videos or two live sources.')


def test_a_rig_is_made_and_used(tool, rig_folder, tiny_configs, trained_fuser):
    folder, rig = rig_folder, rig_folder / 'rig.json'
    words = '--points', folder / 'points.csv', '--out', rig
    run = tool('align', *sources(folder), *words)
    assert run.error is None
    assert 'point 4: 0.00 px\npoint 5: ' in run.log
    assert 'px, left out\n' in run.log
    assert (
        'rig.json: similarity; points held back from the fit: half lie within 0.0 px, 95 % within '
        '0.0 px; 40% of the visible image is seen by both cameras.'
    ) in run.log
    content = json.loads(rig.read_text())
    assert content['overlap'] == [20, 10, 48, 40]
    assert (content['visible_size'], content['infrared_size']) == ([80, 60], [48, 40])
    np.testing.assert_allclose(content['matrix'], [[1, 0, 20], [0, 1, 10], [0, 0, 1]], atol=1e-6)

    words = '--model', 'max', '--stretch', 'none', '--align', rig, '--out'
    assert tool('fuse', *sources(folder), *words, folder / 'whole').error is None
    assert tool('fuse', *sources(folder), *words, folder / 'cut', '--crop', 'overlap').error is None
    whole, cut = (read_image(folder / f'{name}/b.png') for name in ('whole', 'cut'))
    assert (whole.shape, cut.shape) == ((60, 80, 3), (40, 48, 3))
    visible, infrared = (read_image(folder / f'{name}/b.png') for name in ('vis', 'ir'))
    np.testing.assert_array_equal(whole[:10], visible[:10])
    np.testing.assert_array_equal(whole[:, 68:], visible[:, 68:])
    assert np.abs(whole[30:32, 44:46].astype(int) - cut[20:22, 24:26]).max() <= 1
    inside = visible[10:50, 20:68], infrared
    wanted = bffr.load('max').fuse(*inside, stretch='none').astype(int)
    assert np.abs(cut - wanted).max() <= 1

    words = tiny_configs[0], trained_fuser.checkpoint, '--work-dir', folder, '--align', rig
    for crop, shape in (('visible', (60, 80, 3)), ('overlap', (40, 48, 3))):
        run = tool(
            'test_fusion.py', *words, *sources(folder, '-dir'), '--crop', crop, '--show-dir',
            folder / crop, '--eval', 'EN',
        )  # fmt: skip
        assert run.error is None
        assert read_image(folder / crop / 'a.png').shape == shape
    np.testing.assert_array_equal(
        read_image(folder / 'visible/a.png')[:10], read_image(folder / 'vis/a.png')[:10]
    )
    assert '--vis-dir and --ir-dir' in tool('test_fusion.py', *words).error


class Camera:
    """A live source that gives its frames and ends."""

    rate = 100.0

    def __init__(self, name, frames):
        self.name, self._frames = name, enumerate(frames)

    def read(self):
        time.sleep(0.01)
        number, frame = next(self._frames, (0, None))
        return None if frame is None else (frame, number / 100)

    def close(self):
        pass


def test_of_live_sources(tool, tmp_path, monkeypatch):
    visible, infrared = pair(0, warp((12, -8), 2, 1.04))
    frames = {'0': cv2.cvtColor(visible, cv2.COLOR_GRAY2BGR), 'rtsp://a/b': infrared}
    monkeypatch.setattr(
        'bffr.align_cameras.open_source',
        lambda name, infrared=False: Camera(name, [frames[name]] * 8),
    )
    words = '--vis', '0', '--ir', 'rtsp://a/b', '--auto', '--out', tmp_path / 'rig.json'
    run = tool('align', *words)
    assert run.error is None
    assert 'watching both for 60 s, or until you press Ctrl-C' in run.log
    assert '1 different pair(s) of frames are compared' in run.log
    assert distance(np.array(Rig.read(tmp_path / 'rig.json').matrix), warp((12, -8), 2, 1.04)) < 1


def test_by_edges(tool, tmp_path):
    for seed in range(2):
        for end, matrix in (('', np.eye(3)), ('_moved', warp((12, -8), 2, 1.04))):
            visible, infrared = pair(seed, matrix)
            write_png(tmp_path / f'vis{end}/{seed}.png', visible)
            write_png(tmp_path / f'ir{end}/{seed}.png', infrared)
    words = '--auto', '--out', tmp_path / 'out/rig.json'
    run = tool('align', *sources(tmp_path), *words)
    assert run.status == 3
    assert run.error.endswith(
        'no rig file is written: the edges show that the images are already aligned to 4 pixels; '
        'give more pairs, or the same points of both images: click them in `bffr web`, or write '
        'them to a file for --points.'
    )
    assert not (tmp_path / 'out').exists()
    run = tool('align', *sources(tmp_path, path='_moved'), *words)
    assert run.error is None
    assert 'rig.json: similarity; points held back from the fit: half lie within 0.' in run.log
    assert sorted(path.name for path in (tmp_path / 'out').iterdir()) == ['rig.json', 'rig.png']
    with open(tmp_path / 'm.csv', 'w', newline='') as file:
        rows = matches(warp((12, -8), 2, 1.04), 30, 60)
        csv.writer(file).writerows([COLUMNS, *rows])
    words += '--matcher', tmp_path / 'm.csv'
    run = tool('align', *sources(tmp_path, path='_moved'), *words)
    assert 'rig.json: similarity; points held back from the fit: half lie within 0.' in run.log
    write_png(tmp_path / 'ir/1.png', np.zeros((99, 99), np.uint8))
    assert '1.png: are not as large as ' in tool('align', *sources(tmp_path), *words).error


def test_by_a_checkerboard(tool, tmp_path):
    for number, (left, top) in enumerate([(40, 30), (120, 70)]):
        image, _ = board(left, top)
        write_png(tmp_path / f'vis/{number}.png', cv2.cvtColor(image, cv2.COLOR_GRAY2BGR))
        write_png(tmp_path / f'ir/{number}.png', seen_by_infrared(image, np.diag([1.25, 1.25, 1])))
    out = '--out', tmp_path / 'rig.json'
    run = tool('align', *sources(tmp_path), '--checkerboard', '5', '4', *out)
    assert run.error is None
    assert '40 corners in 2 pair(s), 40 of them fit' in run.log
    matrix = json.loads((tmp_path / 'rig.json').read_text())['matrix']
    np.testing.assert_allclose(matrix, np.diag([1.25, 1.25, 1]), atol=0.5)
    run = tool('align', *sources(tmp_path), '--checkerboard', '9', '6', *out)
    assert 'no pair shows a board with 9 x 6 inner corners in both images' in str(run.error)


def test_by_edges_of_bent_images(tool, tmp_path):
    """They are straightened first, and images of one size that look the same way are taken."""
    words = []
    for number, name in enumerate(('vis', 'ir')):
        lens = Lens('pinhole', (200, 200), (160, 120), ((-0.1, 0.15)[number], 0, 0, 0))
        for seed in range(2):
            image = pair(seed, warp((3, 1), 1, 1))[number]
            bent = resample(image, at_pixels(lens.straight, (320, 240)))
            write_png(tmp_path / f'{name}/{seed}.png', bent if number else cv2.merge([bent] * 3))
        words += f'--{name}-lens', lens_file(tmp_path / f'{name}.yaml', lens)
    run = tool('align', *sources(tmp_path), '--auto', *words, '--out', tmp_path / 'rig.json')
    assert 'rig.json: similarity, 2 lens(es); points held back' in run.log
    rig = Rig.read(tmp_path / 'rig.json')
    assert distance(np.array(rig.matrix), warp((3, 1), 1, 1)) < 1


def lens_file(path, lens):
    path.write_text(
        f'image_width: 320\nimage_height: 240\n'
        f'camera_matrix: {{data: {lens.matrix.ravel().tolist()}}}\n'
        f'distortion_coefficients: {{data: {list(lens.distortion)}}}\n'
    )
    return path


def test_by_a_checkerboard_before_cameras_with_lenses(tool, tmp_path):
    """Bent images of a board lie on one another where straight ones do."""
    words = []
    image, _ = board(90, 60)
    for name, option, bends in (('vis', '--vis-lens', -0.2), ('ir', '--ir-lens', -0.35)):
        lens = Lens('pinhole', (300, 300), (160, 120), (bends, 0, 0, 0))
        bent = resample(image, at_pixels(lens.straight, (320, 240)))
        write_png(
            tmp_path / f'{name}/0.png', cv2.merge([bent] * 3) if name == 'vis' else 255 - bent
        )
        words += option, lens_file(tmp_path / f'{name}.yaml', lens)
    board_words = '--checkerboard', '5', '4'
    out = '--out', tmp_path / 'rig.json'
    run = tool('align', *sources(tmp_path), *board_words, *words, *out)
    assert run.error is None
    assert 'both cameras: reprojection error 0.0' in run.log
    assert 'rig.json: cameras in space, 2 lens(es); how sure' in run.log
    pair = read_pair(tmp_path / 'vis/0.png', tmp_path / 'ir/0.png', align=Rig.read(out[1]))
    off = 255 - pair.infrared.astype(int) - pair.visible[..., 0]
    assert np.percentile(np.abs(off), 98) < 20
    run = tool('align', *sources(tmp_path), *board_words, *words, '--model', 'affine', *out)
    assert 'rig.json: affine, 2 lens(es); points held back' in run.log

    run = tool('align', *sources(tmp_path), *board_words, '--calibrate', 'pinhole', *out)
    assert str(run.error).endswith(
        'vis: the visible lens: a lens needs 6 boards or more that both cameras see at different '
        'places, not 1.'
    )
    run = tool('align', *sources(tmp_path), *board_words, '--distance', 'inf', *out)
    assert 'vis: --distance needs both lenses; give more boards, or --vis-lens and' in run.error
    write_png(tmp_path / 'ir/0.png', np.zeros((99, 99), np.uint8))
    run = tool('align', *sources(tmp_path), *board_words, *words, *out)
    assert 'ir.yaml: is of a camera with 320x240 pixels, the images have 99x99; give' in run.error
    for wrong in (
        ['--auto', '--distance', '9'],
        [*board_words, '--matcher', 'm.csv'],
        [*board_words, '--square', '0'],
    ):
        assert tool('align', *sources(tmp_path), *wrong, *out).status == 2


def test_a_rig_that_drifts_is_followed(tool, tmp_path):
    pairs = frames([warp((0.4 * n, 0), 0, 1) for n in range(24)])
    for name, images in zip(('vis', 'ir'), zip(*pairs, strict=True), strict=True):
        pixels = 'bgr0' if name == 'vis' else 'gray'
        write_video(tmp_path / f'{name}.mkv', images, 'ffv1', pixels)
    Rig.of_matrix(np.eye(3), (320, 240), (320, 240), 0.0).write(tmp_path / 'rig.json')
    words = *sources(tmp_path, path='.mkv'), '--model', 'max', '--out', tmp_path / 'out.mkv'
    align = '--align', tmp_path / 'rig.json'
    run = tool('fuse', *words, *align, '--track')
    assert run.error is None
    (line,) = [line for line in run.log.splitlines() if 'drifted by up to' in line]
    assert 4 < float(line.split()[6]) < 10
    assert line.endswith('px from the rig file; the drift was found in 17 of 24 frames')
    run = tool('fuse', *words, '--track')
    assert (run.status, '--track needs --align' in run.error) == (2, True)
    write_png(tmp_path / 'vis.png', np.zeros((9, 9, 3), np.uint8))
    write_png(tmp_path / 'ir.png', np.zeros((9, 9), np.uint8))
    words = *sources(tmp_path, path='.png'), *words[4:-1], tmp_path / 'out.png'
    assert 'only videos drift' in tool('fuse', *words, *align, '--track').error


def test_pairs_by_pattern(tool, rig_folder):
    folder = rig_folder
    for name in ('vis', 'ir'):
        for path in (folder / name).iterdir():
            path.rename(folder / f'{path.stem}{name[0]}.png')
    words = '--vis', folder, '--ir', folder, '--pair-by', 'NAMEv', 'NAMEi'
    rig = '--points', folder / 'points.csv', '--out', folder / 'rig.json'
    assert tool('align', *words, *rig).error is None
    fusing = '--align', folder / 'rig.json', '--model', 'max', '--out', folder / 'out'
    assert tool('fuse', *words, *fusing).error is None
    assert pictures(folder / 'out') == ['av.png', 'bv.png']


def test_points_that_say_nothing_of_their_fit(tool, rig_folder):
    folder, rig = rig_folder, rig_folder / 'rig.json'
    (folder / 'points.csv').write_text('\n'.join(POINTS.splitlines()[:3]))
    run = tool('align', *sources(folder), '--points', folder / 'points.csv', '--out', rig)
    assert 'similarity; how sure that is cannot be told, as no point can be spared: ' in run.log
    assert json.loads(rig.read_text())['held_out'] is None


def test_points_of_larger_images(tool, rig_folder):
    rows = [','.join(f'{3 * float(v):g}' for v in row.split(',')) for row in POINTS.split()[1:]]
    (rig_folder / 'points.csv').write_text('\n'.join([POINTS.split()[0], *rows]))
    words = '--points', rig_folder / 'points.csv', '--out', rig_folder / 'rig.json'
    run = tool('align', *sources(rig_folder), *words)
    assert run.status == 1
    assert 'points.csv: point 2 (192, 30, 132, 0) lies outside the images' in run.error
    assert not (rig_folder / 'rig.json').exists()


def test_points_are_not_replaced_by_the_rig(tool, rig_folder):
    points = (rig_folder / 'points.csv').rename(rig_folder / 'points.json')
    run = tool('align', *sources(rig_folder), '--points', points, '--out', points)
    assert run.error.endswith('points.json: holds input; choose another place for results.')
    assert points.read_text() == POINTS


def test_a_picture_of_something_else_stays(tool, rig_folder):
    folder, picture = rig_folder, rig_folder / 'scene.png'
    picture.write_bytes(b'mine')
    words = '--points', folder / 'points.csv', '--out', folder / 'scene.json'
    for other in (None, '{}', 'nothing', '["infrared"]'):
        if other:
            (folder / 'scene.json').write_text(other)
        run = tool('align', *sources(folder), *words)
        stays = folder / f'scene.{"json" if other else "png"}'
        assert run.error.endswith(
            f'{stays.name}: is there already and would be replaced, but scene.json is no rig file; '
            f'choose another name.'
        )
        assert not other or stays.read_text() == other
    assert picture.read_bytes() == b'mine'
    picture.unlink()
    (folder / 'scene.json').unlink()
    for _ in range(2):  # its own picture is replaced
        assert tool('align', *sources(folder), *words).error is None


def test_mistakes(tool, rig_folder):
    folder = rig_folder
    words = '--points', folder / 'points.csv', '--out', folder / 'rig.json'
    run = tool('align', *sources(folder), *words[:-1], folder / 'rig.png')
    assert run.error.endswith(
        'rig.png: a rig file is a .json file; give a name that ends in .json.'
    )
    run = tool('align', '--vis', folder / 'vis/a.png', '--ir', folder / 'ir', *words)
    assert run.error.endswith('give two images, two folders, two videos or two live sources.')
    before = (folder / 'ir/a.png').read_bytes()
    run = tool('align', *sources(folder), *words[:-1], folder / 'ir/a.json')
    assert run.error.endswith('ir/a.png: holds input; choose another place for results.')
    assert (folder / 'ir/a.png').read_bytes() == before
    (folder / 'points.csv').write_text(POINTS.splitlines()[0] + '\n1,2,3,4')
    run = tool('align', *sources(folder), *words)
    assert run.error.endswith('points.csv: a similarity needs at least 2 point pairs, not 1.')
    head, first, second, *others, _ = POINTS.splitlines()
    exchanged = [first[:6] + second[6:], second[:6] + first[6:]]
    (folder / 'points.csv').write_text('\n'.join([head, *exchanged, *others]))
    run = tool('align', *sources(folder), *words, '--model', 'homography')
    assert 'points.csv: the transform folds the infrared image, as if two points' in run.error
    assert not (folder / 'rig.json').exists()
    words = '--model', 'max', '--out', folder / 'out'
    assert '80x60 pixels' in tool('fuse', *sources(folder), *words).error
    assert tool('fuse', *sources(folder), *words, '--align', folder / 'rig.json').error.endswith(
        'cannot be read (No such file or directory); make it with `bffr align`.'
    )
    assert not (folder / 'out').exists()


def test_all_models_can_be_chosen():
    (choices,) = (a.choices for a in make_parser()._actions if '--model' in a.option_strings)
    assert choices == [*MODELS]
