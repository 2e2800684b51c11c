"""Tiny videos, as cameras and encoders write them."""

from fractions import Fraction

import av
import numpy as np

SIZE = 64, 48


def texture(shift=0, size=SIZE):
    """A smooth pattern, uint8 (H, W), that has moved to the left."""
    width, height = size
    y, x = np.mgrid[:height, shift : shift + width]
    return np.round(120 + 60 * np.sin(x / 6) + 50 * np.sin((x + 2 * y) / 9)).astype(np.uint8)


def write_video(
    path, frames, codec='ffv1', pixels=None, times=None, rate=25, options=None, rotation=None,
    sound=None,
):  # fmt: skip
    """Write frames, uint8 (H, W, 3) BGR or (H, W) of `pixels`; times are in milliseconds.

    `sound` is for how many seconds there is some.
    """
    grey = pixels if pixels and pixels.startswith('gray') else 'gray'
    with av.open(str(path), 'w') as container:
        stream = container.add_stream(codec, rate, options or {})
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = pixels or 'yuv420p'
        stream.codec_context.time_base = Fraction(1, 1000) if times else 1 / Fraction(rate)
        if rotation:
            stream.set_display_rotation(rotation)
        if sound:
            voice = container.add_stream('aac', 8000)
        for index, image in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(image, format='bgr24' if image.ndim == 3 else grey)
            frame.pts = times[index] if times else index
            frame.time_base = stream.codec_context.time_base
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        for start in range(0, round(8000 * (sound or 0)), 800):
            wave = np.sin(np.arange(start, start + 800) / 4)[None].astype(np.float32)
            frame = av.AudioFrame.from_ndarray(wave, format='fltp', layout='mono')
            frame.sample_rate, frame.pts = 8000, start
            container.mux(voice.encode(frame))
        if sound:
            container.mux(voice.encode(None))
    return path


def numbered(count, size=SIZE):
    """Frames whose grey level is ten times their number."""
    return [np.full((*size[::-1], 3), 10 * index, np.uint8) for index in range(count)]
