import csv

import numpy as np
import pytest

from bffr.evaluation import Triple, evaluate_images, read_triple

VIFB_COLUMNS = {
    'Entropy': 'EN', 'Variance': 'SD', 'Spatial_frequency': 'SF', 'Avg_gradient': 'AG',
    'Edge_intensity': 'EI', 'Mutinf': 'MI', 'Psnr': 'PSNR', 'Rmse': 'RMSE', 'Ssim': 'SSIM',
    'Qabf': 'Qabf', 'Cross_entropy': 'CE', 'Qcb': 'Qcb', 'Qcv': 'Qcv',
}  # fmt: skip

LARGE = [
    pytest.param(stem, marks=pytest.mark.slow) for stem in ('carShadow', 'man', 'nightCar', 'snow')
]


def rows(table):
    with table.open(newline='') as file:
        return list(csv.DictReader(file))


def test_tang_2022(shared):
    data = shared / 'data'
    for row in rows(data / 'tno_fused' / 'published.csv'):
        method, stem = row.pop('method'), row.pop('image')
        folders = data / 'tno_fused' / method, data / 'tno' / 'vis', data / 'tno' / 'ir'
        images = read_triple(Triple(method, stem, *(f'{x}/{stem}.png' for x in folders)))
        values = evaluate_images(*images, row, 'tang-2022')
        for name, published in row.items():
            assert values[name] == pytest.approx(float(published), rel=1e-12), (method, stem, name)


def test_ssim_of_cddfuse(shared):
    """Five of the 25 pairs whose mean its authors' README prints, by a third party's run."""
    data = shared / 'data'
    values = []
    for fused in sorted((data / 'tno_fused/CDDFuse').iterdir()):
        sources = (data / 'tno' / kind / fused.name for kind in ('vis', 'ir'))
        images = read_triple(Triple('CDDFuse', fused.stem, fused, *sources))
        values.append(evaluate_images(*images, ['SSIM'], 'cddfuse')['SSIM'])
    assert np.mean(values) == pytest.approx(1.03, rel=0.02)


@pytest.mark.parametrize('method', ['ADF', 'GTF', 'IFCNN', 'LP_SR', 'SeAFusion', 'U2Fusion'])
@pytest.mark.parametrize('stem', ['fight', 'manWalking', 'walking2', *LARGE])
def test_vifb(shared, method, stem):
    check_vifb(shared / 'data/vifb', method, stem, 1e-4)


@pytest.mark.parametrize('stem', ['fight', *LARGE])
def test_vifb_of_images_that_are_not_quite_those_of_the_table(shared, stem):
    """Even entropy and deviation, which look at nothing else, show that the file is another one."""
    check_vifb(shared / 'data/vifb', 'SwinFusion', stem, 2e-2)


def check_vifb(data, method, stem, tolerance):
    table = rows(data / 'published.csv')
    [row] = [row for row in table if (row.pop('method'), row.pop('image')) == (method, stem)]
    folders = data / 'fused' / method, data / 'vis', data / 'ir'
    triple = Triple(method, stem, *(f'{x}/{stem}.jpg' for x in folders))
    values = evaluate_images(*read_triple(triple, colour=True), protocol='vifb')
    assert values.keys() == {VIFB_COLUMNS[column] for column in row}
    for column, published in row.items():
        assert values[VIFB_COLUMNS[column]] == pytest.approx(float(published), rel=tolerance), (
            column
        )
