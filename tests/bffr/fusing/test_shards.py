"""A folder of pairs in parts: by shards, or after a stop; the parts make what one run makes."""

import argparse
import json

import cv2
import numpy as np
import pytest

from bffr import InputError
from bffr.commands.fuse_arguments import shard
from bffr.fusing.fuse_files import fuse_files
from bffr.fusing.fuse_options import FuseOptions
from bffr.images.image_io import write_png
from tests.fake_models import mean_model

STEMS = [f'{index:02}' for index in range(7)]


@pytest.fixture
def folders(tmp_path):
    """Pairs that get brighter; infrared of 16 bit."""
    y, x = np.mgrid[:24, :32]
    for index, stem in enumerate(STEMS):
        write_png(tmp_path / f'vis/{stem}.png', (x * y // 5 + 15 * index).astype(np.uint8))
        infrared = (8000 + 40 * x + 30 * y + 300 * index**2).astype(np.uint16)
        (tmp_path / 'ir').mkdir(exist_ok=True)
        cv2.imwrite(str(tmp_path / f'ir/{stem}.png'), infrared)
    return tmp_path / 'vis', tmp_path / 'ir'


def contents(folder, suffix='.png'):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix == suffix}


def times(folder):
    return {path.name: path.stat().st_mtime_ns for path in folder.glob('*.png')}


def ranges(file):
    return json.loads(file.read_text())['ranges']


@pytest.mark.parametrize('stretch', ['image', 'sequence'])
@pytest.mark.parametrize('scope', ['pair', 'sequence'])
class TestParts:
    def test_shards_make_what_one_run_makes(self, folders, tmp_path, stretch, scope):
        options = dict(stretch=stretch, ir_scope=scope)
        fuse_files(mean_model(), *folders, tmp_path / 'whole', FuseOptions(**options))
        for index in (1, 2, 3):
            part = FuseOptions(**options, shard=(index, 3))
            fuse_files(mean_model(), *folders, tmp_path / f'part{index}', part)
            fuse_files(mean_model(), *folders, tmp_path / 'together', part)
        parts = [contents(tmp_path / f'part{index}') for index in (1, 2, 3)]
        assert [[*map(int, (name[:2] for name in sorted(part)))] for part in parts] == [
            [0, 3, 6],
            [1, 4],
            [2, 5],
        ]
        assert parts[0] | parts[1] | parts[2] == contents(tmp_path / 'whole')
        assert contents(tmp_path / 'together') == contents(tmp_path / 'whole')
        records = [ranges(tmp_path / f'together/infrared_{index}of3.json') for index in (1, 2, 3)]
        assert records[0] | records[1] | records[2] == ranges(tmp_path / 'whole/infrared.json')
        assert [*records[1]] == (['all'] if scope == 'sequence' else ['01', '04'])

    def test_what_is_there_stays_and_the_rest_is_as_of_one_run(
        self, folders, tmp_path, capsys, stretch, scope
    ):
        options = FuseOptions(stretch=stretch, ir_scope=scope, skip_existing=True)
        out = tmp_path / 'out'
        fuse_files(mean_model(), *folders, out, options)
        whole, record = contents(out), (out / 'infrared.json').read_bytes()
        for stem in ('00', '05'):
            (out / f'{stem}.png').unlink()
        before = times(out)
        fuse_files(mean_model(), *folders, out, options)
        assert '5 of 7 pair(s) already have their results\n' in capsys.readouterr().out
        assert contents(out) == whole
        assert before.items() < times(out).items()
        for lost in (False, True):  # as if killed before it was written
            if lost:
                (out / 'infrared.json').unlink()
            calls = []
            fuse_files(mean_model(calls), *folders, out, options)
            assert calls == []
            assert (out / 'infrared.json').read_bytes() == record


@pytest.mark.parametrize('lost', ['03.png', '03_labels.png', '03_sheet.png'])
def test_a_pair_is_there_when_all_its_files_are(folders, tmp_path, lost):
    options = FuseOptions(seg=True, sheet=True, skip_existing=True)
    fuse_files(mean_model(), *folders, tmp_path / 'out', options)
    whole = contents(tmp_path / 'out')
    assert len(whole) == 3 * 7
    (tmp_path / 'out' / lost).unlink()
    calls = []
    fuse_files(mean_model(calls), *folders, tmp_path / 'out', options)
    assert calls == [1]
    assert contents(tmp_path / 'out') == whole


def test_more_shards_than_pairs(folders, tmp_path):
    calls, part = [], FuseOptions(shard=(9, 9), stretch='sequence')
    fuse_files(mean_model(calls), *folders, tmp_path / 'out', part)
    assert calls == []


@pytest.mark.parametrize('option', [dict(skip_existing=True), dict(shard=(1, 2))])
@pytest.mark.parametrize('source', ['{}/00.png', '{}.avi'])
def test_only_folders_come_in_parts(folders, tmp_path, option, source):
    files = [tmp_path / source.format(name) for name in ('vis', 'ir')]
    with pytest.raises(
        InputError, match='--skip-existing, --shard and --pair-by are for folders of pairs'
    ):
        fuse_files(mean_model(), *files, tmp_path / 'out.png', FuseOptions(**option))


def test_shard_of_a_command_line():
    assert shard('1/1') == (1, 1)
    assert shard('12/100') == (12, 100)
    for wrong in ('0/3', '4/3', '1', '1/0', '1/2/3', '-1/2', '1/2 ', 'a/b'):
        with pytest.raises(argparse.ArgumentTypeError, match=f'{wrong!r} is not I/N, with I from'):
            shard(wrong)
