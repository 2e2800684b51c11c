import cv2
import numpy as np
import pytest

from bffr.errors import InputError
from bffr.evaluation import evaluate_folders
from bffr.evaluation.targets import target_contrast


def distance_to_target(targets):
    """Chessboard distance of every pixel to the nearest target, by looking at all."""
    points = np.argwhere(targets)
    grid = np.stack(np.indices(targets.shape), axis=-1)
    return abs(grid[:, :, None] - points).max(axis=-1).min(axis=-1)


@pytest.fixture
def scene():
    targets = np.zeros((60, 70), np.uint8)
    targets[20:26, 30:33] = 255
    targets[40, 60] = 1
    return np.random.default_rng(0).integers(0, 256, targets.shape, np.uint8), targets


def test_definition(scene):
    fused, targets = scene
    distance = distance_to_target(targets)
    ring = fused[(distance >= 3) & (distance <= 18)].astype(float)
    expected = (fused[distance == 0].mean() - ring.mean()) / ring.std()
    assert target_contrast(fused, targets) == pytest.approx(expected, rel=1e-12)


def test_of_the_negative_it_is_the_opposite(scene):
    fused, targets = scene
    assert target_contrast(255 - fused, targets) == pytest.approx(-target_contrast(fused, targets))


def test_undefined(scene):
    fused, targets = scene
    assert np.isnan(target_contrast(fused, 0 * targets))
    assert np.isnan(target_contrast(fused, np.ones_like(targets)))
    assert np.isnan(target_contrast(np.full_like(fused, 9), targets))


@pytest.mark.parametrize('protocol', ['project', 'vifb'])
def test_of_folders(scene, tmp_path, protocol):
    fused, targets = scene
    colour = cv2.merge([fused, 255 - fused, fused // 2])
    for folder, image in {'vis': colour, 'ir': fused, 'a': colour, 'targets': targets}.items():
        (tmp_path / folder).mkdir()
        for name in ('1', '2'):
            cv2.imwrite(f'{tmp_path}/{folder}/{name}.png', image)
    (tmp_path / 'targets/2.png').unlink()
    folders = tmp_path / 'vis', tmp_path / 'ir', {'A': [tmp_path / 'a']}
    first, second = evaluate_folders(*folders, ['EN'], protocol, targets_dir=tmp_path / 'targets')
    luma = cv2.cvtColor(colour, cv2.COLOR_BGR2GRAY)
    assert first.values['TC'] == target_contrast(luma, targets)
    assert np.isnan(second.values['TC'])

    cv2.imwrite(f'{tmp_path}/targets/2.png', targets[:9])
    with pytest.raises(InputError, match=r'2\.png: is 70x9, its fused image 70x60'):
        evaluate_folders(*folders, ['EN'], protocol, targets_dir=tmp_path / 'targets')
