"""Tables that a protocol made are found to be its own."""

import numpy as np
import pytest

from bffr.errors import InputError
from bffr.evaluation import (
    PROTOCOLS,
    compare_protocols,
    evaluate_folders,
    format_comparisons,
    summarize,
)
from bffr.evaluation.which import read_table


@pytest.fixture
def where(folders):
    fused = {name: [folders / name] for name in ('average', 'maximum')}
    return folders / 'vis', folders / 'ir', fused


def write(path, where, protocol, metrics, decimals=3):
    summary = summarize(evaluate_folders(*where, metrics, protocol))
    lines = [
        ','.join([method, *(f'{entry.mean:.{decimals}f}' for entry in entries.values())])
        for method, entries in summary.items()
    ]
    path.write_text('\n'.join([','.join(['Method', *metrics]), *lines]))


@pytest.mark.parametrize('protocol', [name for name in PROTOCOLS if name != 'tang'])
def test_finds_the_protocol_of_a_table(where, tmp_path, protocol):
    telling = 'EN', 'SD', 'SF', 'AG', 'MI', 'PSNR', 'SSIM', 'Q_TE', 'Q_G'
    metrics = [metric for metric in telling if metric in PROTOCOLS[protocol]]
    write(tmp_path / 't.csv', where, protocol, metrics)
    comparisons = compare_protocols(tmp_path / 't.csv', *where)
    assert len(comparisons) == 2 * len(metrics)
    assert {comparison.mark(protocol) for comparison in comparisons} == {'='}
    text = format_comparisons(comparisons)
    assert f'{protocol} fits best: {len(comparisons)} of {len(comparisons)} values' in text


def test_what_cannot_be_told_apart_and_what_is_of_another_one(where, tmp_path):
    write(tmp_path / 't.csv', where, 'project', ['EN', 'SCD'])
    text = format_comparisons(compare_protocols(tmp_path / 't.csv', *where))
    assert 'project and tang-2022 and tang-2023 and cddfuse and ivif-zoo fit best: 4 of 4' in text
    write(tmp_path / 's.csv', where, 'cddfuse', ['SSIM'])
    write(tmp_path / 't.csv', where, 'tang-2022', ['SD', 'SF', 'EN'])
    mixed = zip(*((tmp_path / f'{n}.csv').read_text().splitlines() for n in 'ts'), strict=True)
    mixed = [f'{row},{other.split(",")[1]}' for row, other in mixed]
    (tmp_path / 'm.csv').write_text('\n'.join(mixed))
    text = format_comparisons(compare_protocols(tmp_path / 'm.csv', *where))
    assert 'tang-2022 fits best: 6 of 8' in text
    assert 'SSIM of average is as in cddfuse.' in text


def test_digits_are_those_of_the_table(where, tmp_path):
    write(tmp_path / 't.csv', where, 'project', ['SD'], decimals=0)
    for comparison in compare_protocols(tmp_path / 't.csv', *where):
        assert comparison.mark('project') == '='
        assert comparison.mark('tang-2022') == ''


def test_heads_fields_and_rows_as_papers_have_them(where, tmp_path):
    table = tmp_path / 't.csv'
    table.write_text('\ufeffmethods,En ↑,VIFF,Q^{AB/F},Entropy\naverage,5.1,-,,7\nOthers,1,2,3,4\n')
    assert read_table(table)['average'] == {'En ↑': '5.1', 'Entropy': '7'}
    comparisons = compare_protocols(table, *where, names=['a'])
    assert [(c.method, c.metric, c.told) for c in comparisons] == [
        *(('average', 'En ↑', '5.1'), ('average', 'Entropy', '7'))
    ]
    assert comparisons[0].values == comparisons[1].values
    assert np.isfinite(comparisons[0].values['vifb'])


def test_other_images_are_suspected(where, tmp_path):
    (tmp_path / 't.csv').write_text('method,EN,SD\naverage,1.00,1.00\n')
    text = format_comparisons(compare_protocols(tmp_path / 't.csv', *where))
    assert 'Most values fit no protocol: are these the images?' in text


@pytest.mark.parametrize(
    ('content', 'wrong'),
    [
        (None, 'is not a table .No such file'),
        ('', 'is not a table'),
        ('method,EN\naverage,high', "is not a table .could not convert string to float: 'high'"),
        ('method,EN\naverage,nan', 'is not a table .nan is not a number'),
        ('method;EN\naverage;1', 'is not a table .its columns are separated by semicolons'),
        ('method,EN\na,1\na,2', 'is not a table .a has two rows'),
        ('method,EN\naverage,1,2', 'is not a table .average has 2 of 1 columns'),
        ('method,EN\nOurs,1', 'has rows for Ours, but --fused has average, maximum'),
        ('method,FLOPs\naverage,1', 'no protocol has FLOPs'),
    ],
)
def test_mistakes(where, tmp_path, content, wrong):
    if content is not None:
        (tmp_path / 't.csv').write_text(content)
    with pytest.raises(InputError, match=rf't\.csv: {wrong}'):
        compare_protocols(tmp_path / 't.csv', *where)
