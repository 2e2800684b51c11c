import cv2
import numpy as np
import pytest


@pytest.fixture(scope='session')
def scene():
    """A visible and an infrared image (192, 200) with edges, texture and a warm target."""
    rng = np.random.default_rng(7)
    texture = cv2.GaussianBlur(rng.normal(0, 60, (192, 200)), (0, 0), 2)
    visible = 110 + texture
    visible[60:140, 20:90] += 50
    visible[100:, 120:] -= 60
    infrared = np.full((192, 200), 60.0) + cv2.GaussianBlur(
        rng.normal(0, 60, (192, 200)), (0, 0), 4
    )
    cv2.circle(infrared, (140, 70), 25, 220.0, -1)
    return tuple(
        np.clip(cv2.GaussianBlur(x, (0, 0), 0.7), 0, 255).round().astype(np.uint8)
        for x in (visible, infrared)
    )


@pytest.fixture
def tiny():
    """Random fused, visible and infrared images (9, 11)."""
    return tuple(np.random.default_rng(3).integers(0, 256, (3, 9, 11), dtype=np.uint8))


@pytest.fixture
def folders(tmp_path, scene):
    """Folders vis, ir, average and maximum of three images; vis in colour and as JPEG."""
    visible, infrared = scene
    images = {
        'vis': cv2.cvtColor(visible, cv2.COLOR_GRAY2BGR),
        'ir': infrared,
        'average': ((visible.astype(int) + infrared) // 2).astype(np.uint8),
        'maximum': np.maximum(visible, infrared),
    }
    for folder, image in images.items():
        (tmp_path / folder).mkdir()
        for shift, stem in enumerate(('a', 'b', 'ü')):
            suffix = '.jpg' if folder == 'vis' else '.png'
            content = cv2.imencode(suffix, np.roll(image, 5 * shift, axis=1))[1]
            (tmp_path / folder / f'{stem}{suffix}').write_bytes(content.tobytes())
    return tmp_path
