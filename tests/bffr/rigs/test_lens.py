"""Lenses: straightened and bent by their formulas, read from the files of three programs."""

import numpy as np
import pytest

from bffr.errors import InputError
from bffr.rigs.lens import Lens, at_pixels, resample
from bffr.rigs.lens_files import read_lens

SIZE = 96, 72
LENSES = {
    'pinhole': Lens('pinhole', (80, 82), (47, 36), (-0.3, 0.08, 0.002, -0.001, 0.01)),
    'fisheye': Lens('fisheye', (45, 44), (48, 35), (-0.03, 0.01, -0.004, 0.001)),
}

OPENCV = """%YAML:1.0
---
calibration_time: "Mon 30 Nov 2026"
image_width: 96
image_height: 72
camera_matrix: !!opencv-matrix
   rows: 3
   cols: 3
   dt: d
   data: [ 80., 0., 47., 0., 82., 36., 0., 0., 1. ]
distortion_coefficients: !!opencv-matrix
   rows: 5
   cols: 1
   dt: d
   data: [ -3.0000e-01, 0.08, 0.002, -0.001, 0.01 ]
"""
STEREO = """%YAML:1.0
---
M1: !!opencv-matrix
   {rows: 3, cols: 3, dt: d, data: [ 9., 0., 4., 0., 9., 3., 0., 0., 1. ]}
D1: !!opencv-matrix
   {rows: 1, cols: 5, dt: d, data: [ 0., 0., 0., 0., 0. ]}
M2: !!opencv-matrix
   {rows: 3, cols: 3, dt: d, data: [ 80., 0., 47., 0., 82., 36., 0., 0., 1. ]}
D2: !!opencv-matrix
   {rows: 1, cols: 5, dt: d, data: [ -0.3, 0.08, 0.002, -0.001, 0.01 ]}
"""
KALIBR = """cam0:
  cam_overlaps: [1]
  camera_model: pinhole
  distortion_coeffs: [-0.03, 0.01, -0.004, 0.001]
  distortion_model: equidistant
  intrinsics: [45.0, 44.0, 48.0, 35.0]
  resolution: [96, 72]
  rostopic: /visible
cam1:
  T_cn_cnm1:
  - [1.0, 0.0, 0.0, -0.1]
  - [0.0, 1.0, 0.0, 0.0]
  - [0.0, 0.0, 1.0, 0.0]
  - [0.0, 0.0, 0.0, 1.0]
  camera_model: omni
  distortion_coeffs: [0.1, 0.0, 0.0, 0.0]
  distortion_model: radtan
  intrinsics: [1.2, 80.0, 82.0, 47.0, 36.0]
  resolution: [96, 72]
"""
ROS = """image_width: 96
image_height: 72
camera_name: thermal
camera_matrix:
  rows: 3
  cols: 3
  data: [80.0, 0.0, 47.0, 0.0, 82.0, 36.0, 0.0, 0.0, 1.0]
distortion_model: plumb_bob
distortion_coefficients:
  rows: 1
  cols: 5
  data: [-0.3, 0.08, 0.002, -0.001, 0.01]
projection_matrix:
  rows: 3
  cols: 4
  data: [80.0, 0.0, 47.0, 0.0, 0.0, 82.0, 36.0, 0.0,
    0.0, 0.0, 1.0, 0.0]
"""


def pixels(size):
    """The points of all pixels of an image, row by row, (N, 2)."""
    y, x = np.indices(size[::-1])
    return np.stack([x.ravel(), y.ravel()], 1).astype(float)


def bent_plainly(lens, point):
    """OpenCV's formulas, of one point of the straight image."""
    x, y = (np.array(point) - lens.centre) / lens.focal
    radius = np.hypot(x, y)
    if lens.model == 'fisheye':
        angle = np.arctan(radius)
        powers = angle ** np.array([2, 4, 6, 8])
        x, y = np.array([x, y]) * (angle * (1 + powers @ lens.distortion) / radius)
    else:
        k1, k2, p1, p2, k3 = lens.distortion
        radial = 1 + k1 * radius**2 + k2 * radius**4 + k3 * radius**6
        x, y = (
            x * radial + 2 * p1 * x * y + p2 * (radius**2 + 2 * x**2),
            y * radial + p1 * (radius**2 + 2 * y**2) + 2 * p2 * x * y,
        )
    return np.array([x, y]) * lens.focal + lens.centre


@pytest.mark.parametrize('lens', LENSES.values(), ids=LENSES)
def test_formulas(lens):
    points = np.array([[3.0, 5], [90, 8], [50, 70], [20, 40]])
    np.testing.assert_allclose(
        lens.bent(points), [bent_plainly(lens, point) for point in points], atol=1e-9
    )
    every = pixels(SIZE)
    straight = lens.straight(every)
    np.testing.assert_allclose(lens.bent(straight), every, atol=1e-3)
    assert np.linalg.norm(straight - every, axis=1).max() > 3


def test_what_a_lens_cannot_see_has_no_place():
    """The polynomial of the strong lens turns back; only what lies before that is seen."""
    lens = Lens('pinhole', (80, 80), (48, 36), (-0.3, 0, 0, 0))
    turn = 80 / np.sqrt(3 * 0.3)  # where r - 0.3 r ** 3 is largest
    outwards = lens.bent(np.array([[48 + turn - 2, 36], [48 + turn + 2, 36], [48 + 150.0, 36]]))
    assert np.isfinite(outwards[0]).all()
    assert np.isnan(outwards[1:]).all()
    assert np.isnan(lens.straight(np.array([[48.0 + turn, 36]]))).all()


@pytest.mark.parametrize('size', [SIZE, (1280, 723), (321, 2)])
def test_all_pixels_are_brought_as_single_ones(size):
    scale = size[0] / SIZE[0]
    for lens in LENSES.values():
        focal, centre = np.multiply(lens.focal, scale), np.array(size) / 2
        lens = Lens(lens.model, focal, centre, lens.distortion)
        places = at_pixels(lens.bent, size)
        assert places.shape == (*size[::-1], 2)
        np.testing.assert_allclose(places.reshape(-1, 2), lens.bent(pixels(size)), atol=0.05)


def test_resample_takes_no_place_for_any():
    image = np.arange(12, dtype=np.uint8).reshape(3, 4)
    places = np.array([[[2, 1], [np.nan, np.nan], [-9, 1]]])
    values = resample(image, places)[0]
    assert values[[0, 2]].tolist() == [6, 4]
    assert values[1] in image


@pytest.mark.parametrize(
    ('text', 'camera', 'model', 'size'),
    [
        (OPENCV, '', 'pinhole', SIZE),
        (STEREO, ':2', 'pinhole', None),
        (KALIBR, ':cam0', 'fisheye', SIZE),
        (ROS, '', 'pinhole', SIZE),
    ],
    ids=['opencv', 'stereo', 'kalibr', 'ros'],
)
def test_files(tmp_path, text, camera, model, size):
    (tmp_path / 'a.yaml').write_text(text)
    assert read_lens(f'{tmp_path}/a.yaml{camera}') == (LENSES[model], size)


@pytest.mark.parametrize(
    ('text', 'camera', 'reason'),
    [
        (KALIBR, '', 'holds the cameras cam0, cam1; say which, such as .*a.yaml:cam0'),
        (KALIBR, ':cam2', 'holds no camera cam2, but cam0, cam1'),
        (KALIBR, ':cam1', 'its lens is of the kind omni'),
        (ROS.replace('plumb_bob', 'kannala'), '', 'its lens is of the kind kannala'),
        (ROS.replace('80.0, 0.0, 47', '80.0, 0.5, 47'), '', 'of the kind pinhole with skew'),
        (ROS.replace('-0.3, 0.08,', ''), '', '4, 5, 8, 12 or 14'),
        (ROS.replace('80.0, 0.0, 47', '.nan, 0.0, 47'), '', 'focal lengths above 0'),
        (ROS.replace('distortion_coefficients', 'other'), '', 'holds no lens'),
        ('[1, 2', '', 'holds no lens'),
        ('just words', '', 'holds no lens'),
        ('', '', 'holds no lens'),
        ('!!python/object/apply:os.getcwd []', '', 'holds no lens'),
    ],
)
def test_files_of_another_kind(tmp_path, text, camera, reason):
    (tmp_path / 'a.yaml').write_text(text)
    with pytest.raises(InputError, match=f'a.yaml: .*{reason}'):
        read_lens(f'{tmp_path}/a.yaml{camera}')


def test_no_file(tmp_path):
    for name in ('none.yaml', 'none.yaml:cam0'):
        with pytest.raises(InputError, match=r'none\.yaml: cannot be read \(No such file'):
            read_lens(f'{tmp_path}/{name}')
    (tmp_path / 'b.yaml').write_bytes(b'\xff\xfe\x00')
    with pytest.raises(InputError, match='holds no lens'):
        read_lens(tmp_path / 'b.yaml')
