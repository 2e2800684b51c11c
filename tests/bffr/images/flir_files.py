"""Radiometric JPEGs as FLIR's cameras write them, of drawn values."""

import io
import struct

import numpy as np
from PIL import Image

PLANCK = dict(r1=17000.0, r2=0.0125, b=1430.0, f=1.0, o=-7000)
"""Of a black body without air in between: kelvin = b / ln(r1 / (r2 (raw + o)) + f)."""


def celsius(raw):
    """The temperatures of raw values by that formula."""
    p = PLANCK
    return p['b'] / np.log(p['r1'] / (p['r2'] * (raw + float(p['o']))) + p['f']) - 273.15


def flir_jpeg(raw, photo=None, placing=None):
    """A JPEG with FLIR's records.

    Args:
        raw: uint16 (h, w).
        photo: uint8 (H, W, 3), R, G, B.
        placing: real_to_ir, offset_x, offset_y.
    """
    camera = bytearray(1024)
    for at, value in {
        32: (1.0, 0.0, 293.15, 293.15, 293.15, 1.0),  # emissivity, distance, temperatures, window
        60: (0.0,),  # humidity
        88: (PLANCK['r1'], PLANCK['b'], PLANCK['f']),
        780: (PLANCK['r2'],),
    }.items():
        struct.pack_into(f'<{len(value)}f', camera, at, *value)
    struct.pack_into('<i', camera, 776, PLANCK['o'])
    height, width = raw.shape
    records = {
        1: struct.pack('<HHH26x', 2, width, height) + raw.astype('<u2').tobytes(),
        32: camera,
    }
    if photo is not None:
        file = io.BytesIO()
        Image.fromarray(photo).save(file, 'PNG')
        records[14] = struct.pack('<HHH26x', 3, *photo.shape[1::-1]) + file.getvalue()
    if placing is not None:
        records[42] = struct.pack('<fhh8x', *placing)
    count = len(records) + 2  # flyr takes the header for two of them
    start, directory, body = 64 + 32 * count, b'', b''
    for kind, record in records.items():
        entry = struct.pack('>HHIIII12x', kind, 1, 100, 1, start + len(body), len(record))
        directory, body = directory + entry, body + bytes(record)
    head = struct.pack('>4s16sIII32x', b'FFF\0', b'drawn', 100, 64, count)
    data = head.ljust(64, b'\0') + directory + bytes(64) + body
    parts = [data[at : at + 60000] for at in range(0, len(data), 60000)]
    segments = b''
    for number, part in enumerate(parts):
        numbered = b'FLIR\0' + bytes([1, number, len(parts) - 1]) + part
        segments += b'\xff\xe1' + struct.pack('>H', len(numbered) + 2) + numbered
    file = io.BytesIO()
    Image.fromarray(np.full((height, width, 3), 99, np.uint8)).save(file, 'JPEG')
    return b'\xff\xd8' + segments + file.getvalue()[2:]
