import csv

import pytest

from mmseg_bffr.evaluation import FUSION_METRICS, Triple, read_triple

TOLERANCE = {'Qabf': 5e-3}  # relative; all others 4 digits


def test_published_values_are_reproduced(shared):
    data = shared / 'data'
    for row in csv.DictReader((data / 'tno_fused' / 'published.csv').open()):
        method, stem = row.pop('method'), row.pop('image')
        folders = data / 'tno_fused' / method, data / 'tno' / 'vis', data / 'tno' / 'ir'
        images = read_triple(Triple(method, stem, *(f'{x}/{stem}.png' for x in folders)))
        for name, published in row.items():
            value = FUSION_METRICS[name](*images, published=True)
            tolerance = TOLERANCE.get(name, 5e-5)
            assert value == pytest.approx(float(published), rel=tolerance), (method, stem, name)
