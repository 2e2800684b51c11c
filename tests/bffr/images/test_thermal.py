"""From raw infrared to 8 bit: robust, steady, said."""

import json

import cv2
import numpy as np
import pytest
import torch

import bffr
from bffr.errors import InputError
from bffr.fusing import fuse_files as fusing
from bffr.fusing.fuse_options import FuseOptions
from bffr.images.image_io import read_image, write_png
from bffr.images.pair import read_pair
from bffr.images.thermal import InfraredScale, without_outliers
from bffr.video import VideoWriter
from mmseg_bffr.apis import fuse, init_model
from mmseg_bffr.datasets.transforms import LoadPair


def scene(size=(96, 128)):
    """16-bit infrared 7000..9040 with some noise, as of a sensor."""
    y, x = np.mgrid[: size[0], : size[1]]
    noise = np.random.default_rng(0).normal(0, 5, size)
    return (8020 + 1000 * np.sin(x / 9) * np.cos(y / 11) + noise).astype(np.uint16)


def with_object(raw):
    raw = raw.copy()
    raw[20:40, 90:110] = 30000
    return raw


def write(path, image):
    path.parent.mkdir(exist_ok=True)
    cv2.imwrite(str(path), image)
    return path


def visible(size=(96, 128)):
    return np.full((*size, 3), 90, np.uint8)


@pytest.mark.parametrize('value', [0, 4000, 11000, 65535])
@pytest.mark.parametrize('at', [(0, 0), (0, 30), (50, 60)])
def test_pixel_that_is_hot_or_dead_is_replaced(value, at):
    raw = scene()
    spoilt = raw.copy()
    spoilt[at] = value
    y, x = at
    median = np.median(np.pad(spoilt, 1, 'edge')[y : y + 3, x : x + 3])
    wanted = raw.copy()
    wanted[at] = median
    np.testing.assert_array_equal(without_outliers(spoilt), wanted)


def test_hot_pixels_are_kept_on_request():
    raw = scene()
    raw[20, 30] = 12000
    kept, removed = (InfraredScale((7000, 12000), keep_hot_pixels=keep)(raw)[0] for keep in (1, 0))
    assert kept[20, 30] == 255
    assert removed[20, 30] < 110
    np.testing.assert_array_equal(np.delete(kept, 20, 0), np.delete(removed, 20, 0))


def test_small_objects_and_edges_stay():
    raw = scene()
    raw[10:12, 10:12] = 30000
    raw[:, 70:] += 4000
    np.testing.assert_array_equal(without_outliers(raw), raw)


@pytest.mark.parametrize('value', [0, 65535])
def test_one_pixel_changes_nothing_far_away(tiny_configs, tmp_path, value):
    torch.manual_seed(0)
    model = init_model(tiny_configs[1])
    raw = scene()
    spoilt = raw.copy()
    spoilt[20, 30] = value
    images = [
        fuse(model, visible(), write(tmp_path / f'{name}.png', image)).astype(int)
        for name, image in (('good', raw), ('bad', spoilt))
    ]
    y, x = np.mgrid[:96, :128]
    far = np.hypot(y - 20, x - 30) > 32
    assert images[0].std() > 0
    assert np.abs(images[0] - images[1])[far].max() <= 1


def fuse_files(rule, *files, **options):
    fusing.fuse_files(bffr.load(rule), *files, FuseOptions(stretch='none', **options))


def folders_of(tmp_path, raws):
    for index, raw in enumerate(raws):
        write(tmp_path / f'ir/{index}.png', raw)
        write_png(tmp_path / f'vis/{index}.png', visible())
    return tmp_path / 'vis', tmp_path / 'ir', tmp_path / 'out'


def backgrounds(out, count):
    return [float(read_image(out / f'{index}.png')[50:].mean()) for index in range(count)]


def test_hot_object_that_enters_does_not_darken_the_scene(tmp_path, capsys):
    raws = [scene()] * 3 + [with_object(scene())] * 3
    folders = folders_of(tmp_path, raws)
    fuse_files('average', *folders)
    means = backgrounds(folders[2], 6)
    assert max(means) - min(means) <= 1
    record = json.loads((folders[2] / 'infrared.json').read_text())
    low, high = record['ranges']['all']
    assert 7000 < low < 7300
    assert record['percentiles'] == [1, 99]
    assert f'{low:g}..{high:g} became 0..255' in capsys.readouterr().out
    fuse_files('average', *folders, ir_scope='pair')
    means = backgrounds(folders[2], 6)
    assert max(means) - min(means) > 20
    ranges = json.loads((folders[2] / 'infrared.json').read_text())['ranges']
    assert sorted(ranges) == list('012345')
    assert ranges['0'] != ranges['5']


def test_what_was_used_is_stored_even_if_a_pair_fails(tmp_path):
    folders = folders_of(tmp_path, [scene(), scene()])
    (tmp_path / 'ir/1.png').write_bytes(b'')
    with pytest.raises(InputError, match=r'1 of 2 pair\(s\) failed'):
        fuse_files('max', *folders, keep_going=True)
    assert list(json.loads((folders[2] / 'infrared.json').read_text())['ranges']) == ['all']


def test_range_of_raw_units(tmp_path):
    folders = folders_of(tmp_path, [scene(), with_object(scene())])
    fuse_files('max', *folders, infrared=InfraredScale((7000, 9040)))
    means = backgrounds(folders[2], 2)
    assert means[0] == means[1]
    assert json.loads((folders[2] / 'infrared.json').read_text())['ranges'] == {'all': [7000, 9040]}


def test_pair_and_video_store_it_beside_the_result(tmp_path):
    fuse_files('max', write(tmp_path / 'v.png', visible()), write(tmp_path / 'i.png', scene()),
               tmp_path / 'a.png')  # fmt: skip
    assert list(json.loads((tmp_path / 'a_infrared.json').read_text())['ranges']) == ['a']
    for name in ('v.avi', 'i.avi'):
        with VideoWriter(tmp_path / name, (128, 96), 5) as writer:
            for level in (60, 120):
                writer.write(np.full((96, 128, 3), level, np.uint8))
    videos = tmp_path / 'v.avi', tmp_path / 'i.avi', tmp_path / 'out.avi'
    fuse_files('max', *videos)
    assert not (tmp_path / 'out_infrared.json').exists()
    fuse_files('max', *videos, infrared=InfraredScale(percentiles=(0, 100)))
    low, high = json.loads((tmp_path / 'out_infrared.json').read_text())['ranges']['all']
    assert (low, high) == pytest.approx((60, 120), abs=2)


def test_8_bit_is_taken_as_it_is_unless_told(tmp_path):
    image = (scene() // 100).astype(np.uint8)
    low, high = int(image.min()), int(image.max())
    path = write(tmp_path / 'a.png', image)
    pair = read_pair(visible(), path, InfraredScale())
    np.testing.assert_array_equal(pair.infrared, image)
    assert pair.limits is None
    for told in (dict(range=(low, high)), dict(percentiles=(0, 100))):
        _, scaled, limits, *_ = read_pair(visible(), path, InfraredScale(**told))
        assert limits == (low, high)
        assert np.abs(scaled - (image - float(low)) * 255 / (high - low)).max() <= 0.51
    inverted = read_pair(visible(), image, InfraredScale(black_hot=True)).infrared
    np.testing.assert_array_equal(inverted, 255 - image)
    local = read_pair(visible(), image, InfraredScale(clahe=2)).infrared
    np.testing.assert_array_equal(local, cv2.createCLAHE(2, (8, 8)).apply(image))


def test_config_of_load_pair(tmp_path):
    path = write(tmp_path / 'a.png', scene())
    step = LoadPair(infrared=dict(range=(7000, 9040), black_hot=True))
    files = dict(img_path=str(write(tmp_path / 'v.png', visible())), ir_path=str(path))
    image = step(files)['img'][..., 3]
    wanted = 255 - (scene().astype(float) - 7000).clip(0, 2040) * 255 / 2040
    assert np.abs(image - wanted).max() <= 0.51


@pytest.mark.parametrize(
    ('arguments', 'sentence'),
    [
        (dict(range=(9, 9)), 'range: 9 must be less than 9'),
        (dict(percentiles=(-1, 50)), r'percentiles lie in 0\.\.100'),
        (dict(range=(1, 2), percentiles=(1, 99)), 'exclude one another'),
        (dict(clahe=0), 'clip limit must be above 0, not 0'),
    ],
)
def test_mistakes(arguments, sentence):
    with pytest.raises(InputError, match=sentence):
        InfraredScale(**arguments)


def test_is_a_value():
    scale = InfraredScale([0, 100])
    assert scale == InfraredScale((0, 100)) == InfraredScale(np.array([0, 100]))
    assert hash(scale) == hash(InfraredScale((0, 100)))


@pytest.mark.parametrize('limits', [(1,), (1, 2, 3), 'ab', ('a', 'b'), 5, (0, np.inf)])
def test_limits_are_two_finite_numbers(limits):
    for name in ('range', 'percentiles', 'series'):
        reason = rf'infrared: {name} must be (two numbers|finite), not'
        with pytest.raises(InputError, match=reason):
            InfraredScale(**{name: limits})


def test_options_say_the_rest_of_what_a_model_says():
    own = InfraredScale((3000, 6000))
    assert FuseOptions().scale(own) == own
    told = FuseOptions(infrared=InfraredScale(clahe=2)).scale(own)
    assert told == InfraredScale((3000, 6000), clahe=2)
    own = InfraredScale((3000, 6000), nodata=9, palette='jet')
    told = FuseOptions(infrared=InfraredScale(nodata=0, keep_hot_pixels=True)).scale(own)
    assert told == InfraredScale((3000, 6000), nodata=0, palette='jet', keep_hot_pixels=True)
    own = InfraredScale((3000, 6000))
    told = FuseOptions(infrared=InfraredScale(percentiles=(0, 100))).scale(own)
    assert told == InfraredScale(percentiles=(0, 100))
