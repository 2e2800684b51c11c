"""Lenses in the files that OpenCV's, Kalibr's and ROS's calibrations write."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import yaml

from bffr.errors import InputError
from bffr.rigs.lens import Lens

_MODELS = {
    **dict.fromkeys(('radtan', 'plumb_bob', 'rational_polynomial', 'none'), 'pinhole'),
    **dict.fromkeys(('equidistant', 'fisheye'), 'fisheye'),
}
"""What Kalibr and ROS call distortions -> the model of `Lens`."""


class LensFile(NamedTuple):
    """A lens, and the size, (width, height), of the images that it was found with, if known."""

    lens: Lens
    size: tuple[int, int] | None


class _Loader(yaml.SafeLoader):
    """Takes OpenCV's matrices for mappings."""


_Loader.add_constructor(
    'tag:yaml.org,2002:opencv-matrix',
    lambda loader, node: loader.construct_mapping(node, deep=True),
)


def read_lens(name: str | os.PathLike) -> LensFile:
    """Read a lens from a YAML file of OpenCV, Kalibr (camchain) or ROS (camera_info).

    Args:
        name: The file, and after a colon the camera, where it holds several: `chain.yaml:cam1`, or
            `stereo.yml:2` for OpenCV's `M2` and `D2`.

    Raises:
        InputError: The file cannot be read, holds no lens or several, or one of another kind.
    """
    path, wanted = Path(name), None
    if not path.exists() and ':' in path.name:
        before, wanted = str(name).rsplit(':', 1)
        path = Path(before)
    try:
        text = path.read_text('utf-8-sig')
    except OSError as error:
        raise InputError(
            f'{path}: cannot be read ({error.strerror}); give a calibration file of OpenCV, Kalibr '
            f'or ROS.'
        ) from None
    except UnicodeDecodeError:
        text = ''
    if text.startswith('%YAML'):  # OpenCV writes %YAML:1.0, which no YAML parser takes
        text = text.partition('\n')[2]
    try:
        cameras = dict(_cameras(yaml.load(text, _Loader)))
    except (yaml.YAMLError, TypeError, ValueError, KeyError, AttributeError, RecursionError):
        cameras = {}
    if not cameras:
        raise InputError(
            f'{path}: holds no lens; give a YAML file with the camera matrix and the distortion '
            f'as OpenCV, Kalibr (camchain) or ROS (camera_info) writes it.'
        )
    if wanted is None and len(cameras) > 1:
        raise InputError(
            f'{path}: holds the cameras {", ".join(cameras)}; say which, such as '
            f'{path}:{next(iter(cameras))}.'
        )
    if wanted not in (None, *cameras):
        raise InputError(f'{path}: holds no camera {wanted}, but {", ".join(cameras)}.')
    model, focal, centre, distortion, size = cameras[wanted or next(iter(cameras))]
    if model not in ('pinhole', 'fisheye'):
        raise InputError(f'{path}: its lens is of the kind {model}, which is not known here.')
    try:
        return LensFile(Lens(model, focal, centre, distortion), size)
    except InputError as error:
        raise InputError(f'{path}: {error}') from None


def _cameras(content: dict) -> Iterator[tuple[str, tuple]]:
    """Name, and model, focal lengths, centre, distortion and size, of each camera in a file."""
    for name, camera in content.items():  # Kalibr
        if isinstance(camera, dict) and 'intrinsics' in camera:
            *_, fx, fy, cx, cy = camera['intrinsics']
            model = _MODELS.get(camera['distortion_model'], camera['distortion_model'])
            if camera.get('camera_model', 'pinhole') != 'pinhole':
                model = camera['camera_model']
            distortion = camera['distortion_coeffs'] or [0] * 4
            yield name, (model, (fx, fy), (cx, cy), distortion, tuple(camera['resolution']))
    ends = {'M1': ('D1', '1'), 'M2': ('D2', '2'), 'camera_matrix': ('distortion_coefficients', '')}
    for key, (other, name) in ends.items():  # ROS and OpenCV
        if key in content:
            fx, skew, cx, _, fy, cy, *_ = content[key]['data']
            distortion = content[other]['data'] or [0] * 4
            model = content.get('distortion_model', 'fisheye' * bool(content.get('fisheye_model')))
            model = _MODELS.get(model or 'plumb_bob', model)
            if skew:
                model = 'pinhole with skew'
            size = content.get('image_width'), content.get('image_height')
            yield name, (model, (fx, fy), (cx, cy), distortion, None if None in size else size)
