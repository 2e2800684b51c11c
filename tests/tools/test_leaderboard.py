import shutil
import subprocess
import sys
from importlib.util import find_spec

import pytest

from bffr.models.engines import ENGINES
from bffr.models.zoo import exported_folder, zoo_names

pytestmark = pytest.mark.slow


@pytest.fixture
def data(synthetic, tmp_path):
    """The sets of the leaderboard, of three drawn pairs each; methods have published images."""
    for folder in ('vifb', 'tno', 'msrs'):
        for kind in ('vis', 'ir'):
            (tmp_path / folder / kind).mkdir(parents=True)
            for image in sorted((synthetic / kind).iterdir())[:3]:
                shutil.copy(image, tmp_path / folder / kind)
    published = 'vifb/fused/Another', 'tno_fused/SeAFusion', 'tno_fused/CDDFuse'
    for folder in (*published, 'msrs_fused_full/CDDFuse'):
        shutil.copytree(tmp_path / 'tno/vis', tmp_path / folder)
    next((tmp_path / 'tno_fused/CDDFuse').iterdir()).unlink()
    return tmp_path


def methods(table):
    """Method -> its cells, in a Markdown table."""
    rows = (line.strip('| ').split('|') for line in table.strip().splitlines()[2:])
    return {name.strip(): [cell.strip('*<u/> ') for cell in cells] for name, *cells in rows}


def test_it_is_written_between_its_marks_and_goes_on(root, golden, data):
    page, tables, work_dir = data / 'results.md', data / 'tables.md', data / 'work_dir'
    for file in (page, tables):
        file.write_text('before\n<!-- leaderboard -->\nold\n<!-- end of leaderboard -->\nafter\n')
    command = [
        *(sys.executable, root / 'tools/analysis_tools/leaderboard.py', '--data', data),
        *('--weights', golden, '--work-dir', work_dir, '--page', page, '--tables', tables),
        *('--figure', data / 'speed.png', '--shape', '48', '64'),
    ]
    subprocess.run(command, check=True)

    for text in (page.read_text(), tables.read_text()):
        assert text.startswith('before\n<!-- leaderboard -->\n')
        assert text.endswith('\n<!-- end of leaderboard -->\nafter\n')
        assert 'old' not in text
    text = tables.read_text()
    written = {part.split('**')[0]: part.partition('\n\n')[2] for part in text.split('\n**')[1:]}
    assert len(written) == 16
    assert {'Another', 'average', 'LUT-Fuse'} <= {
        *methods(written['VIFB, 3 pairs, protocol `vifb`'])
    }
    assert 'CDDFuse' not in written['TNO, 3 pairs, protocol `cddfuse`']
    assert 'CDDFuse' in written['TNO-CDDFuse, 2 pairs, protocol `cddfuse`']
    msrs = methods(written['MSRS, 2 pairs, protocol `tang-2023`'])
    overview = methods(page.read_text().split('\n\n')[2])
    for name, parameters in (('SeAFusion', 0.167), ('CDDFuse', 1.19)):
        assert float(overview[name][0]) == pytest.approx(parameters, rel=0.01)
        assert overview[name][2] == '-'
        assert overview[name][5 + 10] == msrs[name][-1]  # of the third board, the third protocol
    assert float(overview['SeAFusion'][1]) == pytest.approx(2 * 0.167e-3 * 48 * 64, rel=0.05)

    made = {file: file.stat().st_mtime_ns for file in work_dir.rglob('*.png')}
    (work_dir / 'scores/tno/vifb/IFCNN.json').unlink()
    for name in ('SeAFusion', 'IFCNN', 'DenseFuse', 'DATFuse', 'LUT-Fuse', *zoo_names()):
        (work_dir / 'exported' / name).mkdir(parents=True)
        for file in exported_folder('content-t-2026-11').glob('model.*'):  # exporting takes minutes
            shutil.copy(file, work_dir / 'exported' / name)
    subprocess.run([*command, '--time'], check=True)
    assert {file: file.stat().st_mtime_ns for file in work_dir.rglob('*.png')} == made
    assert tables.read_text() == text
    overview = methods(page.read_text().split('\n\n')[2])
    assert all(float(overview[name][2]) > 0 for name in ('average', 'SeAFusion', 'CDDFuse'))
    for engine, cell in zip(ENGINES, overview['LUT-Fuse'][3:5], strict=True):
        assert float(cell) > 0 if find_spec(engine) else cell == '-'
    assert overview['average'][3:5] == overview['CDDFuse'][3:5] == ['-', '-']
    assert (data / 'speed.png').stat().st_size > 10_000
