import cv2
import numpy as np
import pytest

from bffr.errors import InputError
from bffr.evaluation import PROTOCOLS, evaluate_images

METRICS = PROTOCOLS['project']
ALL_METRICS = [
    pytest.param(metric, id=f'{protocol}-{name}')
    for protocol, table in PROTOCOLS.items()
    for name, metric in table.items()
    if protocol != 'tang'
]
ASYMMETRIC = 'tang-2023-Nabf', 'liu-Q_C'
SYMMETRIC = [param for param in ALL_METRICS if param.id not in ASYMMETRIC]
UNDEFINED_FOR_CONSTANTS = {'NMI', 'CC', 'SCD', 'VIF', 'Qabf', 'CE', 'Qcb', 'Qcv'}


def average(visible, infrared):
    return (visible.astype(float) + infrared) / 2


@pytest.mark.parametrize('metric', SYMMETRIC)
def test_sources_may_be_swapped(metric, scene):
    visible, infrared = scene
    fused = np.maximum(visible, infrared)
    value = metric(fused, visible, infrared)
    assert np.isfinite(value)
    assert metric(fused, infrared, visible) == pytest.approx(value, rel=1e-6)


@pytest.mark.parametrize('metric', ALL_METRICS)
def test_float_and_uint8_images_agree(metric, scene):
    images = np.maximum(*scene), *scene
    floats = [image.astype(np.float32) for image in images]
    assert metric(*floats) == pytest.approx(metric(*images), rel=1e-6)


@pytest.mark.parametrize('protocol', PROTOCOLS)
@pytest.mark.parametrize('dtype', [np.uint8, np.float32, np.float64])
def test_inputs_are_left_alone(scene, dtype, protocol):
    images = [image.astype(dtype) for image in (np.maximum(*scene), *scene)]  # no size is too small
    before = [image.copy() for image in images]
    values = evaluate_images(*images, protocol=protocol)
    assert np.isfinite(list(values.values())).all()
    for image, copy in zip(images, before, strict=True):
        np.testing.assert_array_equal(image, copy)


def test_three_equal_images(scene):
    visible = scene[0]
    values = evaluate_images(visible, visible, visible)
    entropy = values['EN']
    expected = {
        'MI': 2 * entropy, 'NMI': 2, 'CC': 1, 'MSE': 0, 'SSIM': 1, 'MS-SSIM': 1, 'VIF': 2,
        'Qabf': 0.9994 / (1 + np.exp(-7.5)) * 0.9879 / (1 + np.exp(-4.4)),
        'Nabf': 0, 'FMI': 1, 'CE': 0, 'Qcb': 1, 'Qcv': 0,
    }  # fmt: skip
    for name, value in expected.items():
        assert values[name] == pytest.approx(value, abs=1e-4), name
    assert values['PSNR'] == np.inf
    assert np.isnan(values['SCD'])


def test_fused_is_visible(scene):
    visible, infrared = scene
    values = evaluate_images(visible, visible, infrared)
    between = evaluate_images(infrared, visible, visible)  # twice the relation of the two sources
    assert values['CC'] == pytest.approx((1 + between['CC']) / 2)
    assert values['SSIM'] == pytest.approx((1 + between['SSIM']) / 2, abs=1e-5)
    assert values['MI'] == pytest.approx(values['EN'] + between['MI'] / 2)
    assert values['MSE'] == pytest.approx(between['MSE'] / 2)
    assert values['Nabf'] == 0


BLUR = {
    'EN': None, 'SD': -1, 'SF': -1, 'AG': -1, 'MI': -1, 'NMI': -1, 'CC': -1, 'SCD': -1, 'PSNR': -1,
    'MSE': 1, 'SSIM': -1, 'MS-SSIM': -1, 'VIF': -1, 'Qabf': -1, 'Nabf': None, 'FMI': -1, 'CE': None,
    'Qcb': -1, 'Qcv': 1,
}  # fmt: skip
NOISE = BLUR | {'EN': 1, 'SD': 1, 'SF': 1, 'AG': 1, 'Nabf': 1}


@pytest.mark.parametrize('name', METRICS)
@pytest.mark.parametrize('damage', ['blur', 'noise'])
def test_damage_moves_the_metric(name, damage, scene):
    visible, infrared = scene
    fused = average(visible, infrared)
    if damage == 'blur':
        sign = BLUR[name]
        steps = [cv2.GaussianBlur(fused, (0, 0), sigma) for sigma in (2, 5)]
    else:
        sign = NOISE[name]
        noise = np.random.default_rng(0).normal(0, 1, fused.shape)
        steps = [np.clip(fused + level * noise, 0, 255) for level in (8, 25)]
    if sign is None:
        pytest.skip('the definition promises no direction here')
    values = [METRICS[name](image, visible, infrared) for image in (fused, *steps)]
    assert np.all(np.diff(values) * sign > 0), values


def test_cross_entropy_grows_with_the_distance_of_histograms(scene):
    visible = scene[0]
    near, far = (np.clip(visible.astype(int) + d, 0, 255).astype(np.uint8) for d in (5, 40))
    values = [METRICS['CE'](fused, visible, visible) for fused in (visible, near, far)]
    assert values[0] == 0 < values[1] < values[2]


def test_information_of_sources_is_read_with_the_source_as_reference(scene):
    visible = scene[0].astype(float)
    stronger = np.clip(1.2 * (visible - visible.mean()) + visible.mean(), 0, 255)
    assert METRICS['VIF'](stronger, visible, visible) > 2
    assert METRICS['VIF'](visible, stronger, stronger) < 2


@pytest.mark.parametrize('level', [0, 90])
def test_constant_images(level):
    constant, other = np.full((170, 170), level, np.uint8), np.full((170, 170), 200, np.uint8)
    with np.errstate(all='raise'):
        values = evaluate_images(constant, other, other)
    undefined = {name for name, value in values.items() if not np.isfinite(value)}
    assert undefined == UNDEFINED_FOR_CONSTANTS
    assert values['EN'] == values['SD'] == values['SF'] == values['AG'] == values['MI'] == 0


def test_constant_fused_image(scene):
    with np.errstate(all='raise', under='ignore'):
        values = evaluate_images(np.full_like(scene[0], 60), *scene)
    assert {name for name, value in values.items() if not np.isfinite(value)} == {'CC'}


def test_images_too_small_for_a_window_are_undefined(tiny):
    values = evaluate_images(*tiny)
    undefined = {name for name, value in values.items() if not np.isfinite(value)}
    assert undefined == {'SSIM', 'MS-SSIM', 'VIF'}


def test_conventions_of_tang_2022(scene):
    images = average(*scene).round(), *scene
    ours, theirs = (evaluate_images(*images, protocol=name) for name in ('project', 'tang-2022'))
    assert evaluate_images(*images, protocol='tang') == theirs
    assert theirs['SF'] == pytest.approx(ours['SF'] / 255)
    assert theirs['PSNR'] == pytest.approx(ours['PSNR'] + 48.1308, abs=1e-4)
    for name in ('EN', 'AG', 'CC', 'SCD', 'MSE'):
        assert theirs[name] == ours[name]


def test_conventions_of_tang_2023(scene):
    visible, infrared = scene
    fused = average(*scene).round()
    ours, theirs = (
        evaluate_images(fused, *scene, protocol=name) for name in ('project', 'tang-2023')
    )
    assert theirs['PSNR'] == pytest.approx(ours['PSNR'] + 48.1308, abs=1e-4)
    for name in theirs.keys() - {'PSNR', 'MI', 'Qabf', 'Nabf'}:
        assert theirs[name] == ours[name], name
    assert theirs['Nabf'] == METRICS['Nabf'](infrared, visible, fused)
    assert theirs['Qabf'] == evaluate_images(fused, *scene, ['Qabf'], 'vifb')['Qabf']


def test_levels_254_and_255_are_one_to_tang_2023():
    levels = np.array([[254, 255, 0, 0]] * 4, np.uint8)
    both = evaluate_images(levels, levels, levels, ['MI'], 'tang-2023')['MI']
    assert both == 2  # of two levels each; of three it would be 3


def test_conventions_of_cddfuse(scene):
    images = average(*scene).round(), *scene
    ours, theirs = (evaluate_images(*images, protocol=name) for name in ('project', 'cddfuse'))
    height, width = scene[0].shape
    for name in ('EN', 'SD', 'SF', 'SCD', 'VIF'):
        assert theirs[name] == ours[name]
    assert theirs['AG'] * height * width == pytest.approx(ours['AG'] * (height - 1) * (width - 1))
    assert theirs['MI'] == pytest.approx(ours['MI'] * np.log(2))
    assert theirs['Qabf'] == evaluate_images(*images, ['Qabf'], 'vifb')['Qabf']


def test_conventions_of_vifb(scene):
    images = [cv2.normalize(x, None, 0, 255, cv2.NORM_MINMAX) for x in (np.maximum(*scene), *scene)]
    ours, theirs = (evaluate_images(*images, protocol=name) for name in ('project', 'vifb'))
    assert theirs['SSIM'] == pytest.approx(2 * ours['SSIM'])
    assert theirs['MI'] == pytest.approx(ours['MI'] * np.log(2))
    for name in ('EN', 'SD', 'AG', 'CE'):
        assert theirs[name] == ours[name]
    stretched = evaluate_images(*(0.5 * image + 20 for image in images), protocol='vifb')
    for name in ('MI', 'Qcb', 'Qcv'):
        assert stretched[name] == pytest.approx(theirs[name])


def test_vifb_takes_the_mean_over_colours(scene):
    visible, infrared = scene
    visible = np.dstack([visible, np.roll(visible, 9, axis=1), visible // 2])
    fused = np.maximum(visible, infrared[..., None])
    values = evaluate_images(fused, visible, infrared, protocol='vifb')
    channels = [
        evaluate_images(fused[..., k], visible[..., k], infrared, protocol='vifb') for k in range(3)
    ]
    for name in values.keys() - {'SF'}:
        mean = np.mean([channel[name] for channel in channels])
        assert values[name] == pytest.approx(mean, rel=1e-12), name


def test_mistakes(tiny):
    with pytest.raises(InputError, match=r'no metric is called XX; choose from EN, SD'):
        evaluate_images(*tiny, metrics=['EN', 'XX'])
    with pytest.raises(InputError, match='NMI; choose from EN.*protocol tang'):
        evaluate_images(*tiny, metrics=['NMI'], protocol='tang')
    with pytest.raises(
        InputError, match='no protocol is called xx; choose from project, tang-2022'
    ):
        evaluate_images(*tiny, protocol='xx')
    for wrong in (tiny[0][:5], np.dstack([tiny[0]] * 2), tiny[0][0], tiny[0][None, ..., None]):
        with pytest.raises(InputError, match='of one size'):
            evaluate_images(wrong, *tiny[1:])


@pytest.mark.parametrize('protocol', PROTOCOLS)
@pytest.mark.parametrize(('number', 'name'), enumerate(['fused', 'vis', 'ir']))
def test_images_that_are_not_there(tiny, protocol, number, name):
    for image, sentence in (
        (None, f'{name}: is None; give an image.'),
        (np.zeros((0, 11), np.uint8), f'{name}: is empty; give an image.'),
        (np.full((9, 11), 256.0), f'{name}: holds values other than 0..255, or NaN.'),
    ):
        images = [*tiny]
        images[number] = image
        with pytest.raises(InputError) as error:
            evaluate_images(*images, protocol=protocol)
        assert str(error.value) == sentence


@pytest.mark.parametrize('dtype', [np.uint8, np.float64])
@pytest.mark.parametrize('protocol', ['project', 'tang-2022'])
def test_colours_are_compared_on_luma(scene, protocol, dtype):
    colour = np.dstack([scene[0], np.roll(scene[0], 9, axis=1), scene[0] // 2])
    fused = np.maximum(colour, scene[1][..., None])
    names = ['SD', 'AG', 'CC', 'MSE']
    lumas = [image @ [0.114, 0.587, 0.299] for image in (fused, colour)]
    wanted = evaluate_images(*lumas, scene[1], names, protocol)
    given = [image.astype(dtype) for image in (fused, colour)]
    for infrared in (scene[1], np.dstack([scene[1]] * 3)):
        values = evaluate_images(*given, infrared.astype(dtype), names, protocol)
        assert values == pytest.approx(wanted, rel=5e-3 if dtype == np.uint8 else 1e-5)
