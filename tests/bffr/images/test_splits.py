import pytest

from bffr.errors import InputError
from bffr.images.splits import read_split
from bffr.images.standard_splits import NUMBERED_BY, STANDARD_SPLITS


def test_standard_splits_are_as_long_as_they_say():
    assert STANDARD_SPLITS.keys() == NUMBERED_BY.keys()
    for name, stems in STANDARD_SPLITS.items():
        assert name.endswith(f'{len({*stems})}')
        assert len({*stems}) == len(stems)


def test_a_standard_split_needs_no_file_and_says_whose_names_it_has(caplog, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    caplog.set_level('INFO')
    assert read_split('tno25')[::12] == ['01', '13', '25']
    assert 'tno25: names of Z. Zhao et al.' in caplog.text
    read_split('tno25').clear()
    assert len(read_split('tno25')) == 25
    (tmp_path / 'tno25').write_text('own\n')
    assert read_split('tno25') == ['own']
    with pytest.raises(InputError, match=r'^m3fd300: .* tno42, .* come with .* give a text file'):
        read_split('m3fd300')


def test_names_of_images_at_hand(shared):
    stems = {file.stem for file in (shared / 'data/vifb/vis').iterdir()}
    assert stems <= {*STANDARD_SPLITS['vifb21']}
    trained = {file.stem for file in (shared / 'data/roadscene_train/vis').iterdir()}
    assert len(trained & {*STANDARD_SPLITS['roadscene50']}) == 39
    msrs = {file.stem for file in (shared / 'data/msrs/vis').iterdir()}
    assert len(msrs) == 311
    assert msrs <= {*STANDARD_SPLITS['msrs361']}


def test_lists_written_as_ranges():
    assert STANDARD_SPLITS['fmb280'][:2] == ['00043', '00044']
    assert STANDARD_SPLITS['fmb280'][8:10] == ['00051', '00085']
    assert STANDARD_SPLITS['fmb280'][-1] == '01500'
