"""Shifts by depth: found on scenes whose depths are known, nowhere else, and told of in doubt."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from bffr.errors import InputError
from bffr.images.image_io import read_image, write_png
from bffr.images.pair import read_pair
from bffr.rigs.parallax import PARALLAX, Parallax
from bffr.rigs.rig import Rig
from demo.synthetic.dataset import render_scene
from tests.bffr.rigs.test_automatic import SIZE, discs
from tests.drawn_videos import write_video

HEIGHT, WIDTH = 270, 360
BASE, MET = 0.15, 15  # metres: between the cameras, and away where their images meet
PATCH = np.s_[80:170, 100:200]


def scene(number, base=BASE):
    """Visible grey, infrared, true shifts to the right and which pixels are of near objects."""
    size, night = (HEIGHT, WIDTH), number % 2 == 1
    visible, _, labels, _, depth = render_scene(np.random.default_rng(number), size, night)
    _, infrared, *_ = render_scene(np.random.default_rng(number), size, night, base)
    zoom = 0.84 * WIDTH * base
    to_grid = np.float32([[1, 0, zoom / MET], [0, 1, 0]])
    infrared = cv2.warpAffine(infrared, to_grid, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE)
    grey = cv2.cvtColor(visible, cv2.COLOR_BGR2GRAY)
    return grey, infrared, zoom / MET - zoom / depth, (labels > 0) & (depth < 8)


@pytest.mark.parametrize('kind', PARALLAX)
def test_near_objects_are_brought_nearer(kind):
    before, after = [], []
    for number in range(3):
        *pair, truth, near = scene(number)
        shifts, sure = Parallax(kind, 15)(*pair)
        assert sure.min() >= 0
        assert sure.max() <= 1
        before.append(np.median(np.abs(truth[near])))
        after.append(np.median(np.abs(shifts - truth)[near]))
    assert np.mean(before) > 3
    assert np.mean(after) < np.mean(before) / 2


@pytest.mark.parametrize('kind', PARALLAX)
@pytest.mark.parametrize('number', range(2))
def test_what_meets_stays(kind, number):
    shifts, sure = Parallax(kind)(*scene(number, 0)[:2])
    assert np.abs(shifts).mean() < 0.1
    assert sure.mean() > 0.95


def with_a_patch(shift):
    """Visible and infrared discs, of which infrared shows a patch farther to the right."""
    visible, infrared = (image.clip(0, 255).astype(np.uint8) for image in discs(1, 0))
    moved = np.roll(infrared, shift, 1)
    infrared[PATCH] = moved[PATCH]
    return visible, infrared


def test_one_shift_for_a_row_is_not_sure_of_a_part_of_it():
    inner = np.s_[100:150, 120:180]
    for kind, moves in (('dense', 8), ('rows', 0)):
        shifts, sure = Parallax(kind, 12)(*with_a_patch(8))
        assert np.abs(shifts[inner] - moves).max() < 1.5
        assert sure[inner].mean() > 0.9 if moves else sure[inner].mean() < 0.1
        assert sure[:40].min() > 0.9
    shifts, sure = Parallax('dense', 7)(*with_a_patch(8))  # which is beyond
    assert np.abs(shifts[inner]).max() < 0.5
    assert sure[inner].mean() < 0.1


@pytest.mark.parametrize('factor', [0.5, 3])
def test_shifts_are_in_pixels_of_the_images(factor):
    pair = [cv2.resize(image, None, fx=factor, fy=factor) for image in with_a_patch(8)]
    shifts, _ = Parallax('dense', 12 * factor)(*pair)
    middle = shifts[int(125 * factor), int(150 * factor)]
    assert abs(middle - 8 * factor) < 1.5 * factor


class TestOfARig:
    @pytest.fixture
    def rig(self):
        return Rig.of_matrix(np.eye(3), SIZE, SIZE, 0.0)

    def test_infrared_is_brought_where_the_visible_image_shows_it(self, rig):
        visible, infrared = with_a_patch(8)
        colour = cv2.cvtColor(visible, cv2.COLOR_GRAY2BGR)
        infrared[110:112, 150:152] = 99
        raw = np.float32(infrared)
        raw[110:112, 150:152] = np.nan
        pair = read_pair(colour, raw, align=replace(rig, parallax=Parallax('dense', 12)))
        rows, columns = np.nonzero(pair.nothing)
        np.testing.assert_allclose((rows.mean(), columns.mean()), (110.5, 142.5), atol=1)
        plain = read_pair(colour, infrared, align=rig)
        assert plain.sure is None
        np.testing.assert_array_equal(plain.infrared, infrared)

    def test_by_the_command_line(self, tool, rig, tmp_path):
        visible, infrared = with_a_patch(8)
        colour = cv2.cvtColor(visible, cv2.COLOR_GRAY2BGR)
        write_png(tmp_path / 'vis.png', colour)
        write_png(tmp_path / 'ir.png', infrared)
        write_video(tmp_path / 'vis.mkv', [colour] * 2, 'ffv1', 'bgr0')
        write_video(tmp_path / 'ir.mkv', [infrared] * 2, 'ffv1', 'gray')
        rig.write(tmp_path / 'rig.json')
        assert 'parallax' not in (tmp_path / 'rig.json').read_text()
        words = '--model', 'max', '--stretch', 'none', '--align', tmp_path / 'rig.json'
        inner = np.s_[110:140, 130:170]

        def fused(end, *more):
            files = [tmp_path / f'{name}{end}' for name in ('vis', 'ir')]
            out = tmp_path / f'out{end}'
            run = tool('fuse', '--vis', files[0], '--ir', files[1], '--out', out, *words, *more)
            assert run.error is None
            return out

        same = read_image(fused('.png', '--parallax', 'rows'))
        assert np.abs(same[inner].astype(int) - colour[inner]).max() <= 1
        moved = read_image(fused('.png', '--parallax', 'dense', '--max-shift', '12'))
        wanted = np.maximum(visible, np.roll(infrared, -8, 1))[inner].astype(int)
        assert np.abs(moved[inner][..., 1] - wanted).mean() < 12
        assert np.abs(moved[inner].astype(int) - colour[inner]).mean() > 12
        video = fused('.mkv', '--parallax', 'rows', '--codec', 'ffv1')
        _, frame = cv2.VideoCapture(str(video)).read()
        assert np.abs(frame[inner].astype(int) - colour[inner]).max() <= 2

    def test_is_a_parallax(self, rig):
        with pytest.raises(InputError, match="parallax: must be a Parallax, not 'dense'"):
            replace(rig, parallax='dense')


@pytest.mark.parametrize(
    ('arguments', 'reason'),
    [
        (('foo',), 'foo: no such parallax; choose from rows, dense'),
        (('rows', 0), 'a shift of 0 pixels cannot be the largest'),
        (('rows', float('nan')), 'a shift of nan pixels'),
    ],
)
def test_is_refused(arguments, reason):
    with pytest.raises(InputError, match=reason):
        Parallax(*arguments)


def test_frames_are_remembered():
    """What they say together is steadier than what each says."""
    rng = np.random.default_rng(0)
    pair = with_a_patch(8)
    frames = [
        [(image + rng.normal(0, 60, image.shape)).clip(0, 255).astype(np.uint8) for image in pair]
        for _ in range(6)
    ]
    change = {}
    for memory in (0, 0.8):
        find = Parallax('dense', 12, memory)
        shifts = [find(*frame)[0] for frame in frames]
        change[memory] = np.abs(np.diff(shifts[2:], axis=0)).mean()
    assert change[0.8] < change[0] / 2


def test_people_are_not_drawn_to_lamps():
    """By night: a lamp in one image and a person in the other, and edges that agree around them."""
    visible, infrared = (image.clip(0, 255).astype(np.uint8) for image in discs(1, 0))
    visible[60:200, 60:240], infrared[60:200, 60:240] = 20, 90
    cv2.circle(visible, (150, 125), 7, 255, -1)
    cv2.ellipse(infrared, (142, 125), (6, 9), 0, 0, 360, 200, -1)
    shifts, sure = Parallax('dense', 12)(visible, infrared)
    person = np.s_[116:135, 136:149]
    assert np.abs(shifts[person]).max() < 0.5
    assert sure[person].min() > 0.9
