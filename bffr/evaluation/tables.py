"""The results as tables: per-image CSV, and the summary as text, CSV, JSON, Markdown and LaTeX.

The summary is two tables: means and ranks, then spread and comparison of every mean.

An undefined value is a dash in the tables for people, an empty field in CSV, null in JSON.
"""

import csv
import io
import json
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path

import numpy as np
from tabulate import tabulate

from bffr.errors import InputError
from bffr.files import write_whole
from bffr.version import __version__

from .folders import Score
from .protocols import LOWER_IS_BETTER
from .summary import Entry, Summary, mean_rank

SUFFIXES = ('.csv', '.json', '.md', '.tex')

_LATEX_SPECIALS = str.maketrans(
    {c: rf'\{c}' for c in '&%$#_{}'}
    | {'\\': r'\textbackslash{}', '^': r'\textasciicircum{}', '~': r'\textasciitilde{}'}
    | {'|': r'\textbar{}', '<': r'\textless{}', '>': r'\textgreater{}'}
)
_MARKDOWN_SPECIALS = str.maketrans({c: rf'\{c}' for c in r'\|*~`<['})


def check_suffix(path: str | os.PathLike, known: Sequence[str] = SUFFIXES) -> None:
    """Check that results can be written to `path`.

    Raises:
        InputError: Its suffix is not one of `known`.
    """
    if Path(path).suffix.lower() not in known:
        raise InputError(f'{path}: results are written as one of {", ".join(known)}.')


def provenance(
    scores: Sequence[Score], protocol: str, against: str | None = None
) -> dict[str, str | int]:
    """What a table says of its numbers: the protocol, how many images, the package's version.

    And, with `against`, whose differences they are.
    """
    images = len({score.image for score in scores})
    source = {'protocol': protocol, 'images': images, 'version': __version__}
    return source if against is None else {**source, 'against': against}


def written_files(path: str | os.PathLike) -> list[Path]:
    """What `write_results` writes for `path`."""
    path = Path(path)
    if path.suffix.lower() != '.csv':
        return [path]
    return [path, path.with_name(f'{path.stem}_summary.csv')]


def write_results(
    path: str | os.PathLike,
    scores: Sequence[Score],
    summary: Summary,
    protocol: str = 'project',
    against: str | None = None,
    digits: int = 4,
) -> None:
    """Write the results in the format that the suffix of `path` names, and where they come from.

    Tables for people have `digits` decimals, CSV and JSON all.

    - ``F.csv``: a row per method and image, the mean of its seeds; beside it ``F_summary.csv``, a
      row per method and metric, columns as the attributes of :class:`Entry`
    - ``F.json``: both, the images seed by seed
    - ``F.md``, ``F.tex``: the summary, best in bold, second underlined

    Raises:
        InputError: Another suffix, or the file cannot be written.
    """
    check_suffix(path)
    source = provenance(scores, protocol, against)
    match Path(path).suffix.lower():
        case '.csv':
            contents = _scores_csv(scores), _summary_csv(summary, source)
        case '.json':
            contents = [_json(scores, summary, source)]
        case '.md':
            text = format_markdown(summary, digits)
            contents = [f'{markdown_text(told(source))}\n\n{text}']
        case '.tex':
            contents = [format_latex(summary, digits, told(source))]
    for file, content in zip(written_files(path), contents, strict=True):
        write_whole(file, content.encode(errors='backslashreplace'))  # names need not be Unicode


def told(source: Mapping[str, str | int]) -> str:
    """The sentences above a table, of its `provenance`."""
    text = f'Protocol {source["protocol"]}, {source["images"]} images, bffr {source["version"]}.'
    if 'against' in source:
        own = source['against']
        text += f" Difference: {own} less the row's method; wins: images on which {own} is better."
    return text


def format_text(summary: Summary, digits: int = 4) -> str:
    """Return tables for the terminal; of the means, a row per metric and a column per method."""
    means = zip(*_means(summary, '↑↓', digits), strict=True)
    return '\n'.join(map(format_table, (_spreads(summary, '↑↓', digits), [*means])))


def format_markdown(summary: Summary, digits: int = 4) -> str:
    """Return Markdown tables: a row per method, best bold, second underlined, then the rank."""
    summary = {markdown_text(method): entries for method, entries in summary.items()}
    means = _means(summary, '↑↓', digits, '**{}**', '<u>{}</u>')
    tables = means, _spreads(summary, '↑↓', digits)
    return '\n\n'.join(format_table(table, 'pipe') for table in tables) + '\n'


def markdown_text(text: str) -> str:
    """Text as Markdown shows it: what would end a cell or start a format is escaped."""
    return text.translate(_MARKDOWN_SPECIALS)


def format_latex(summary: Summary, digits: int = 4, caption: str = '') -> str:
    """Return LaTeX tables (package booktabs), ranks as indices, best bold, second underlined."""
    arrows = (r'$\uparrow$', r'$\downarrow$')
    marks = r'\textbf{{{}}}', r'\underline{{{}}}', '{}$_{{({})}}$'
    summary = {method.translate(_LATEX_SPECIALS): entries for method, entries in summary.items()}
    tables = _means(summary, arrows, digits, *marks), _spreads(summary, arrows, digits)
    caption = caption.translate(_LATEX_SPECIALS)
    return '\n'.join(_latex_table(rows, caption) for rows in tables)


def format_table(rows: Sequence[Sequence[str]], style: str = 'pretty') -> str:
    """Return rows, of which the first is the head, as a table in a style of `tabulate`."""
    align = ['left', *['right'] * (len(rows[0]) - 1)]
    return tabulate(rows, 'firstrow', style, colalign=align, disable_numparse=True)


def _latex_table(rows: Sequence[Sequence[str]], caption: str) -> str:
    heads, *rows = (' & '.join(row) + r' \\' for row in rows)
    columns = 'l' + 'r' * heads.count('&')
    tabular = [rf'\begin{{tabular}}{{{columns}}}', r'\toprule', heads, r'\midrule']
    tabular += [*rows, r'\bottomrule', r'\end{tabular}']
    table = [r'\begin{table}', r'\centering', rf'\caption{{{caption}}}', *tabular]
    return '\n'.join([*table, r'\end{table}', ''])


def _means(
    summary: Summary, arrows, digits: int, best='{}', second='{}', ranked='{} ({})'
) -> list[list[str]]:
    """Rows of the first table: a head, then each method's means and ranks."""

    def cell(entry):
        mark = {1: best, 2: second}.get(entry.rank, '{}')
        value = mark.format(_number(entry.mean, f'.{digits}f'))
        return value if entry.rank is None else ranked.format(value, entry.rank)

    rows = [['method', *(_head(metric, arrows) for metric in _metrics(summary))]]
    rows += [[method, *map(cell, entries.values())] for method, entries in summary.items()]
    if len(summary) > 1:
        ranks = [_number(mean_rank(entries), '.2f') for entries in summary.values()]
        for row, last in zip(rows, ['mean rank', *ranks], strict=True):
            row.append(last)
    return rows


def _spreads(summary: Summary, arrows, digits: int) -> list[list[str]]:
    """Rows of the second table: a head, then a metric of a method each; no empty columns."""
    decimals = f'.{digits}f'
    rows = [
        [
            method,
            _head(metric, arrows),
            _number(entry.mean, decimals),
            _number(entry.std, decimals),
            _interval(entry.low, entry.high, decimals),
            _number(entry.seed_std, decimals),
            _number(entry.difference, decimals),
            _interval(entry.difference_low, entry.difference_high, decimals),
            _number(entry.p, '.2g'),
            _number(entry.p_holm, '.2g'),
            '-' if entry.wins is None else f'{entry.wins}/{entry.pairs}',
        ]
        for metric in _metrics(summary)
        for method, entries in summary.items()
        for entry in [entries[metric]]
    ]
    heads = ['method', 'metric', 'mean', 'std', 'interval', 'std of seeds']
    heads += ['difference', 'interval of difference', 'p', 'p by Holm', 'wins']
    columns = zip(heads, *rows, strict=True)
    filled = [column for column in columns if set(column[1:]) != {'-'}]
    return [list(row) for row in zip(*filled, strict=True)]


def _number(value: float | None, decimals: str) -> str:
    return '-' if value is None else format(value, decimals)


def _interval(low: float | None, high: float | None, decimals: str) -> str:
    return '-' if low is None else f'[{low:{decimals}}, {high:{decimals}}]'


def _head(metric: str, arrows: Sequence[str]) -> str:
    return f'{metric} {arrows[metric in LOWER_IS_BETTER]}'


def _scores_csv(scores: Sequence[Score]) -> str:
    rows = {}
    for score in scores:
        seeds = rows.setdefault((score.method, score.image), [])
        seeds.append(list(score.values.values()))
    means = [[*key, *map(_defined, np.mean(seeds, axis=0).tolist())] for key, seeds in rows.items()]
    return format_csv(['method', 'image', *scores[0].values], means)


def _summary_csv(summary: Summary, source: Mapping[str, str | int]) -> str:
    rows = [
        [method, metric, *vars(entry).values(), *source.values()]
        for method, entries in summary.items()
        for metric, entry in entries.items()
    ]
    names = ['method', 'metric', *(field.name for field in fields(Entry)), *source]
    return format_csv(names, rows)


def format_csv(heads: Sequence, rows: Iterable[Sequence]) -> str:
    """Return a head and rows as CSV."""
    text = io.StringIO()
    csv.writer(text, lineterminator='\n').writerows([heads, *rows])
    return text.getvalue()


def _json(scores: Sequence[Score], summary: Summary, source: Mapping[str, str | int]) -> str:
    content = {
        'source': source,
        'better': {m: 'lower' if m in LOWER_IS_BETTER else 'higher' for m in _metrics(summary)},
        'mean_rank': {method: mean_rank(entries) for method, entries in summary.items()},
        'summary': {
            method: {metric: vars(entry) for metric, entry in entries.items()}
            for method, entries in summary.items()
        },
        'images': [
            {'method': s.method, 'seed': s.seed, 'image': s.image}
            | {metric: _defined(value) for metric, value in s.values.items()}
            for s in scores
        ],
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + '\n'


def _metrics(summary: Summary) -> list[str]:
    return list(next(iter(summary.values())))


def _defined(value: float) -> float | None:
    return value if math.isfinite(value) else None
