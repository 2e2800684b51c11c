import shutil
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow


@pytest.fixture
def data(synthetic, tmp_path):
    """The sets of the leaderboard, of two drawn pairs each; a method has published its images."""
    for folder in ('vifb', 'tno', 'msrs'):
        for kind in ('vis', 'ir'):
            (tmp_path / folder / kind).mkdir(parents=True)
            for image in sorted((synthetic / kind).iterdir())[:2]:
                shutil.copy(image, tmp_path / folder / kind)
    (tmp_path / 'msrs/val.txt').write_text(f'{image.stem}\n')
    for folder in ('vifb/fused/Another', 'tno_fused/SeAFusion', 'tno_fused/DenseFuse'):
        shutil.copytree(tmp_path / 'tno/vis', tmp_path / folder)
    return tmp_path


def test_it_is_written_between_its_marks_and_goes_on(root, golden, data):
    page, work_dir = data / 'results.md', data / 'work_dir'
    page.write_text('before\n<!-- leaderboard -->\nold\n<!-- end of leaderboard -->\nafter\n')
    command = [
        *(sys.executable, root / 'tools/analysis_tools/leaderboard.py', '--data', data),
        *('--weights', golden / 'baselines', '--work-dir', work_dir, '--page', page),
    ]
    subprocess.run(command, check=True)

    text = page.read_text()
    assert text.startswith('before\n<!-- leaderboard -->\n')
    assert text.endswith('\n<!-- end of leaderboard -->\nafter\n')
    assert 'old' not in text
    tables = {part.split('**')[0]: part.splitlines() for part in text.split('\n**')[1:]}
    assert len(tables) == 9
    first = {row.split('|')[1].strip() for row in tables['VIFB, 2 pair(s), protocol `vifb`'][4:]}
    assert {'Another', 'average', 'SeAFusion', 'content-s-2026-11'} <= first
    assert [
        row
        for row in tables['MSRS val, every fifth, 1 pair(s), protocol `tang`']
        if '| IFCNN' in row
    ]

    made = {file: file.stat().st_mtime_ns for file in work_dir.rglob('*.png')}
    (work_dir / 'tno/tang.md').unlink()
    subprocess.run(command, check=True)
    assert {file: file.stat().st_mtime_ns for file in work_dir.rglob('*.png')} == made
    assert page.read_text() == text
