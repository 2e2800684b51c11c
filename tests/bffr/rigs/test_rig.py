"""Rigs: infrared comes onto the visible grid, the fused overlap into the visible image."""

import json
from dataclasses import asdict, replace

import cv2
import numpy as np
import pytest

import bffr
from bffr import InputError, Rig
from bffr.fusing.fuse_files import fuse_files
from bffr.fusing.fuse_options import FuseOptions
from bffr.images.image_io import read_image, write_png
from bffr.images.pair import read_pair, stack
from bffr.rigs.lens import Lens
from bffr.rigs.rig import _largest_rectangle
from bffr.video import VideoPair, VideoWriter
from mmseg_bffr.apis import fuse, init_model, segment
from mmseg_bffr.apis.torch_engine import as_model
from mmseg_bffr.datasets.transforms import LoadPair
from tests.bffr.rigs.test_lens import pixels

VISIBLE, INFRARED = (96, 72), (50, 40)  # width, height
DAMAGED = 'is damaged or not from `bffr align`; make it again'
SHIFTED = np.array([[1.0, 0, 11], [0, 1, -6], [0, 0, 1]])


def moved(shift=(0, 0), degrees=0.0, scale=1.0, size=VISIBLE):
    centre = (size[0] - 1) / 2, (size[1] - 1) / 2
    matrix = cv2.getRotationMatrix2D(centre, degrees, scale)
    matrix[:, 2] += shift
    return np.vstack([matrix, [0, 0, 1]])


def scene(size, seed=0):
    """Smooth, uint8 (H, W), within 50..200."""
    noise = np.random.default_rng(seed).normal(size=size[::-1])
    smooth = cv2.GaussianBlur(noise, (0, 0), 5)
    return cv2.normalize(smooth, None, 50, 200, cv2.NORM_MINMAX).astype(np.uint8)


def colour(size=VISIBLE):
    return np.dstack([scene(size, seed) for seed in (1, 2, 3)])


LENSES = (
    Lens('pinhole', (90, 92), (47, 36), (-0.25, 0.06, 0.002, -0.001, 0)),
    Lens('fisheye', (40, 41), (24, 20), (-0.02, 0.01, 0, 0)),
)


def replace_lens(**change):
    return asdict(LENSES[1]) | change


@pytest.fixture
def bent_rig():
    """Both cameras have lenses."""
    return Rig.of_matrix(SHIFTED @ np.diag([2, 2, 1]), VISIBLE, INFRARED, 0.0, None, *LENSES)


@pytest.fixture
def rig():
    """Infrared pixels are 1.5 times as large as visible ones, and a bit turned."""
    corner = np.array([[1.5, 0, 9.0], [0, 1.5, 5.0], [0, 0, 1]])
    return Rig.of_matrix(moved(degrees=4) @ corner, VISIBLE, INFRARED, 0.5)


class TestOverlap:
    def test_is_the_largest_rectangle(self):
        rng = np.random.default_rng(0)
        for _ in range(10):
            matrix = moved(
                rng.uniform(-5, 5, 2), rng.uniform(-40, 40), rng.uniform(0.6, 1.2), (20, 16)
            )
            covered = cv2.warpPerspective(
                np.ones((16, 20), np.uint8), matrix, (22, 18), flags=cv2.INTER_NEAREST
            ).astype(bool)
            areas = [
                (bottom - top) * (right - left)
                for top, left in np.ndindex(18, 22)
                for bottom in range(top + 2, 19, 2)
                for right in range(left + 2, 23, 2)
                if covered[top:bottom, left:right].all()
            ]
            x, y, width, height = _largest_rectangle(covered)
            assert covered[y : y + height, x : x + width].all()
            assert (width + 2) * (height + 2) > max(areas)

    def test_of_a_mask_with_holes(self):
        """As where a lens bends the borders."""
        rng = np.random.default_rng(0)
        for _ in range(20):
            covered = rng.random((9, 11)) > 0.15
            areas = [
                (bottom - top) * (right - left)
                for top, left in np.ndindex(9, 11)
                for bottom in range(top + 1, 10)
                for right in range(left + 1, 12)
                if covered[top:bottom, left:right].all()
            ]
            x, y, width, height = _largest_rectangle(covered)
            assert covered[y : y + height, x : x + width].all()
            assert (width + 1) * (height + 1) >= max(areas) >= width * height

    @pytest.mark.parametrize('size', [VISIBLE, (75, 101)])
    def test_of_images_that_are_aligned_is_everything(self, size):
        assert Rig.of_matrix(np.eye(3), size, size, 0.0).overlap == (0, 0, *size)

    def test_of_larger_pixels_is_everything(self):
        doubled = np.array([[2, 0, 0.5], [0, 2, 0.5], [0, 0, 1]])
        assert Rig.of_matrix(doubled, (96, 72), (48, 36), 0.0).overlap == (0, 0, 96, 72)

    def test_none(self):
        with pytest.raises(InputError, match='outside of the visible one'):
            Rig.of_matrix(moved((200, 0)), VISIBLE, INFRARED, 0.0)


class TestFile:
    def test_comes_back(self, rig, tmp_path):
        rig.write(tmp_path / 'new/rig.json')
        back = Rig.read(tmp_path / 'new/rig.json', 'overlap')
        assert (back.crop, back.kept_size) == ('overlap', rig.overlap[2:])
        image = scene(INFRARED)
        np.testing.assert_array_equal(back.warp(image), rig.warp(image))
        assert json.loads((tmp_path / 'new/rig.json').read_text())['residual'] == 0.5

    @pytest.mark.parametrize(
        ('change', 'reason'),
        [
            (dict(matrix=[[1, 2], [3, 4]]), DAMAGED),
            (dict(matrix=[[float('nan')] * 3] * 3), DAMAGED),
            (dict(matrix=[[10**400, 0, 0], [0, 1, 0], [0, 0, 1]]), DAMAGED),
            (dict(matrix=5), DAMAGED),
            (dict(visible_size='large'), DAMAGED),
            (dict(visible_size=[96.5, 72]), DAMAGED),
            (dict(residual=None), DAMAGED),
            (dict(held_out=[1]), DAMAGED),
            (dict(visible_lens=[1, 2]), DAMAGED),
            (dict(visible_lens={'model': 'pinhole'}), DAMAGED),
            (dict(infrared_lens=replace_lens(focal=(0, 9))), 'this is not a lens'),
            (dict(infrared_lens=replace_lens(model='mirror')), 'this is not a lens'),
            (dict(infrared_lens=replace_lens(distortion=(9, 0, 0, 0))), 'its overlap does not fit'),
            (dict(more=1), DAMAGED),
            (dict(crop='visible'), DAMAGED),
            (dict(drift=None), DAMAGED),
            (dict(matrix=[[0] * 3] * 3), 'folds the infrared image'),
            (dict(infrared_size=[0, 1]), 'a side has from 1 to 32766'),
            (dict(visible_size=[10**7, 10**7]), 'a side has from 1 to 32766'),
            (dict(overlap=[0, 0, 0, 9]), 'its overlap does not fit its matrix'),
            (dict(overlap=[90, 0, 20, 9]), 'its overlap does not fit its matrix'),
            (dict(overlap=[-9, 0, 20, 9]), 'its overlap does not fit its matrix'),
            (dict(overlap=[0, 0, 96, 72]), 'its overlap does not fit its matrix'),
        ],
    )
    def test_of_another_kind_is_refused(self, rig, tmp_path, change, reason):
        rig.write(tmp_path / 'rig.json')
        content = json.loads((tmp_path / 'rig.json').read_text())
        (tmp_path / 'rig.json').write_text(json.dumps(content | change))
        with pytest.raises(InputError, match=f'rig.json: .*{reason}'):
            Rig.read(tmp_path / 'rig.json')

    def test_of_whole_numbers_alone_is_used(self, tmp_path):
        content = dict(
            matrix=SHIFTED.astype(int).tolist(), visible_size=VISIBLE, infrared_size=VISIBLE,
            overlap=[11, 0, 84, 66], residual=0,
        )  # fmt: skip
        (tmp_path / 'rig.json').write_text(json.dumps(content))
        image = scene(VISIBLE)
        warped = Rig.read(tmp_path / 'rig.json').warp(image)
        np.testing.assert_array_equal(warped[:66, 11:], image[6:, :-11])

    def test_missing(self, tmp_path):
        with pytest.raises(InputError, match=r'none\.json: cannot be read'):
            Rig.read(tmp_path / 'none.json')


def test_is_a_value(rig):
    """Whatever sequences it is made of; a copy is judged as it was."""
    lists = Rig([*map(list, rig.matrix)], [*rig.visible_size], rig.infrared_size, rig.overlap, 0.5)
    assert {rig: 1}[lists] == 1
    with pytest.raises(InputError, match='foo: no such crop; choose from visible, overlap'):
        replace(rig, crop='foo')


class TestPair:
    def test_infrared_comes_onto_the_visible_grid(self):
        rig = Rig.of_matrix(SHIFTED, VISIBLE, VISIBLE, 0.0)
        assert rig.overlap == (11, 0, 84, 66)  # of 85 columns, as sides are even
        pair = read_pair(colour(), scene(VISIBLE), align=rig)
        np.testing.assert_array_equal(pair.visible, colour()[:66, 11:95])
        np.testing.assert_array_equal(pair.infrared, scene(VISIBLE)[6:, :84])

    def test_matrix_takes_points_from_infrared_to_visible(self, rig):
        infrared = np.zeros(INFRARED[::-1], np.uint8)
        infrared[13:16, 29:32] = 255
        y, x = np.nonzero(rig.warp(infrared) > 128)
        (point,) = cv2.perspectiveTransform(np.array([[[30.0, 14.0]]]), np.array(rig.matrix))[0]
        assert np.hypot(x.mean() - point[0], y.mean() - point[1]) < 0.5

    def test_sizes(self, rig):
        with pytest.raises(InputError, match='50x40; make a rig file with `bffr align`'):
            read_pair(colour(), scene(INFRARED))
        with pytest.raises(InputError, match='the rig file is for 96x72 and 50x40; make one for'):
            read_pair(colour(), scene(VISIBLE), align=rig)

    def test_of_a_config(self, rig, tmp_path):
        rig.write(tmp_path / 'rig.json')
        write_png(tmp_path / 'v.png', colour())
        write_png(tmp_path / 'i.png', scene(INFRARED))
        files = dict(img_path=str(tmp_path / 'v.png'), ir_path=str(tmp_path / 'i.png'))
        results = LoadPair(align=str(tmp_path / 'rig.json'))(files)
        pair = read_pair(colour(), scene(INFRARED), align=rig)
        np.testing.assert_array_equal(results['img'], stack(pair.visible, pair.infrared))
        assert results['img_shape'] == rig.overlap[:1:-1]


class TestLenses:
    def test_bring_points_where_they_are(self, bent_rig):
        """A spot at a place of the infrared image appears where formulas say, seen by both."""
        straight = np.array([[30.0, 22], [42, 35], [10, 32]])
        (brought,) = cv2.perspectiveTransform(straight[None], np.array(bent_rig.matrix))
        spots, wanted = LENSES[1].bent(straight), LENSES[0].bent(brought)
        assert np.linalg.norm(wanted - brought, axis=1).max() > 1
        for spot, place in zip(spots, wanted, strict=True):
            image = 250 * np.exp(-((pixels(INFRARED) - spot) ** 2).sum(1) / 4)
            warped = bent_rig.warp(image.reshape(INFRARED[::-1]).astype(np.uint8)).astype(float)
            y, x = np.indices(warped.shape)
            centre = np.array([(x * warped).sum(), (y * warped).sum()]) / warped.sum()
            np.testing.assert_allclose(centre, place, atol=0.3)

    def test_that_do_not_bend_change_nothing(self, rig):
        lenses = [Lens('pinhole', (90, 90), (9, 9), (0, 0, 0, 0))] * 2
        straight = Rig.of_matrix(np.array(rig.matrix), VISIBLE, INFRARED, 0.5, None, *lenses)
        assert straight.overlap == rig.overlap
        image = scene(INFRARED)
        off = rig.inside(straight.warp(image)).astype(int) - rig.inside(rig.warp(image))
        assert np.abs(off).max() <= 1

    def test_of_one_kind_undo_one_another(self):
        rig = Rig.of_matrix(np.eye(3), VISIBLE, VISIBLE, 0.0, None, LENSES[0], LENSES[0])
        image = scene(VISIBLE)
        off = rig.inside(rig.warp(image)).astype(int) - rig.inside(image)
        assert np.abs(off).max() <= 1
        assert rig.overlap == (0, 0, *VISIBLE)

    def test_are_in_the_file_and_in_every_fused_image(self, bent_rig, tmp_path):
        bent_rig.write(tmp_path / 'rig.json')
        back = Rig.read(tmp_path / 'rig.json', 'overlap')
        assert replace(back, crop='visible') == bent_rig
        write_png(tmp_path / 'v.png', colour())
        write_png(tmp_path / 'i.png', scene(INFRARED))
        files = tmp_path / 'v.png', tmp_path / 'i.png'
        inside = back.inside(colour()), back.inside(back.warp(scene(INFRARED)))
        model = bffr.load('max')
        wanted = model.fuse(*inside)
        np.testing.assert_array_equal(model.fuse(*files, align=back), wanted)
        fuse_files(model, *files, tmp_path / 'a.png', FuseOptions(align=back))
        np.testing.assert_array_equal(read_image(tmp_path / 'a.png'), wanted)
        results = LoadPair(align=str(tmp_path / 'rig.json'))(
            dict(img_path=str(files[0]), ir_path=str(files[1]))
        )
        np.testing.assert_array_equal(results['img'], stack(*inside))


class TestWhole:
    def test_is_the_visible_image_outside_and_the_fused_one_far_inside(self, rig):
        fused = np.full((*rig.overlap[:1:-1], 3), 255, np.uint8)
        whole = rig.complete(fused, colour())
        x, y, width, height = rig.overlap
        middle = np.s_[y + height // 4 : y + 3 * height // 4, x + width // 4 : x + 3 * width // 4]
        assert (whole[middle] == 255).all()
        outside = np.ones(whole.shape[:2], bool)
        rig.inside(outside)[:] = False
        assert outside.any()
        np.testing.assert_array_equal(whole[outside], colour()[outside])

    @pytest.mark.parametrize('matrix', [SHIFTED, moved(degrees=8), np.eye(3)])
    def test_has_no_step(self, matrix):
        rig = Rig.of_matrix(matrix, VISIBLE, VISIBLE, 0.0)
        fused = np.full((*rig.overlap[:1:-1], 3), 200, np.uint8)
        whole = rig.complete(fused, np.zeros((*VISIBLE[::-1], 3), np.uint8)).astype(int)
        steps = max(np.abs(np.diff(whole, axis=axis)).max() for axis in (0, 1))
        assert steps <= (200 * 1.5 / (min(rig.overlap[2:]) / 8) + 2 if whole.min() == 0 else 0)
        assert whole.max() == 200

    def test_of_aligned_images_is_the_fused_one(self):
        rig = Rig.of_matrix(np.eye(3), VISIBLE, VISIBLE, 0.0)
        np.testing.assert_array_equal(rig.complete(colour()[::-1].copy(), colour()), colour()[::-1])

    def test_labels(self, rig):
        labels = rig.complete_labels(np.ones(rig.overlap[:1:-1], np.uint8))
        assert labels.shape == VISIBLE[::-1]
        assert (rig.inside(labels) == 1).all()
        assert (labels == 1).sum() == np.prod(rig.overlap[2:])
        assert (labels[labels != 1] == 255).all()


class TestFusing:
    @pytest.fixture(scope='class')
    def joint(self, tiny_configs):
        return init_model(tiny_configs[1])

    @pytest.mark.parametrize('crop', ['visible', 'overlap'])
    def test_by_every_interface(self, joint, rig, tmp_path, crop):
        rig.write(tmp_path / 'rig.json')
        rig = Rig.read(tmp_path / 'rig.json', crop)
        inside = read_pair(colour(), scene(INFRARED), align=rig)[:2]
        wanted = fuse(joint, *inside)
        labels = segment(joint, *inside)
        if crop == 'visible':
            wanted, labels = rig.complete(wanted, colour()), rig.complete_labels(labels)
        write_png(tmp_path / 'vis/a.png', colour())
        write_png(tmp_path / 'ir/a.png', scene(INFRARED))
        files = tmp_path / 'vis/a.png', tmp_path / 'ir/a.png'
        np.testing.assert_array_equal(fuse(joint, *files, align=rig), wanted)
        np.testing.assert_array_equal(segment(joint, *files, align=rig), labels)
        model = as_model(joint)
        fuse_files(model, *files, tmp_path / 'a.png', FuseOptions(seg=True, sheet=True, align=rig))
        np.testing.assert_array_equal(read_image(tmp_path / 'a.png'), wanted)
        assert read_image(tmp_path / 'a_labels.png').shape == wanted.shape

        for results in (
            model.fuse_and_segment(*files, align=rig),
            (model.fuse(*files, align=rig), model.segment(*files, align=rig)),
        ):
            np.testing.assert_array_equal(results[0], wanted)
            np.testing.assert_array_equal(results[1], labels)

    @pytest.mark.parametrize(('crop', 'size'), [('visible', (96, 72)), ('overlap', None)])
    def test_videos_of_two_sizes(self, rig, tmp_path, crop, size):
        rig.write(tmp_path / 'rig.json')
        rig = Rig.read(tmp_path / 'rig.json', crop)
        for name, image in (('v', colour()), ('i', cv2.merge([scene(INFRARED)] * 3))):
            with VideoWriter(tmp_path / f'{name}.avi', image.shape[1::-1], 5) as writer:
                for _ in range(2):
                    writer.write(image)
        videos = tmp_path / 'v.avi', tmp_path / 'i.avi'
        with pytest.raises(
            InputError, match='have frames of 96x72 and 50x40 pixels; make a rig file'
        ):
            VideoPair(*videos)
        fuse_files(bffr.load('max'), *videos, tmp_path / 'out.avi', FuseOptions(align=rig))
        result = VideoPair(*[tmp_path / 'out.avi'] * 2)
        assert (result.size, result.count) == (size or tuple(rig.overlap[2:]), 2)
