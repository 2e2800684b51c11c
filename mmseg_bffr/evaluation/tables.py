"""The results as tables: per-image CSV, and the summary as text, CSV, JSON, Markdown and LaTeX.

An undefined value is a dash in the tables for people, an empty field in CSV, null in JSON.
"""

import csv
import io
import json
import math
import os
from collections.abc import Sequence
from pathlib import Path

from prettytable import PrettyTable, TableStyle

from mmseg_bffr.errors import InputError

from .folders import Score
from .metrics import FUSION_METRICS
from .summary import Entry

Summary = dict[str, dict[str, Entry]]
SUFFIXES = ('.csv', '.json', '.md', '.tex')

_LATEX_SPECIALS = str.maketrans({c: rf'\{c}' for c in '&%$#_{}'})


def check_suffix(path: str | os.PathLike) -> None:
    """Check that results can be written to `path`.

    Raises:
        InputError: Its suffix is not one of `SUFFIXES`.
    """
    if Path(path).suffix.lower() not in SUFFIXES:
        raise InputError(f'{path}: results are written as one of {", ".join(SUFFIXES)}.')


def write_results(path: str | os.PathLike, scores: Sequence[Score], summary: Summary) -> None:
    """Write the results in the format that the suffix of `path` names.

    - ``F.csv``: a row per method and image; beside it ``F_summary.csv``, mean and rank per method
    - ``F.json``: both
    - ``F.md``, ``F.tex``: the summary, best in bold, second underlined

    Raises:
        InputError: Another suffix, or the file cannot be written.
    """
    check_suffix(path)
    path = Path(path)
    files = {}
    match path.suffix.lower():
        case '.csv':
            files[path] = _scores_csv(scores)
            files[path.with_name(f'{path.stem}_summary.csv')] = _summary_csv(summary)
        case '.json':
            files[path] = _json(scores, summary)
        case '.md':
            files[path] = format_markdown(summary)
        case '.tex':
            files[path] = format_latex(summary)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for file, content in files.items():
            file.write_text(content, encoding='utf-8')
    except OSError as error:
        raise InputError(f'{path}: cannot be written ({error.strerror}).') from None


def format_text(summary: Summary) -> str:
    """Return a table for the terminal: a row per metric, a column per method, ranks in brackets."""
    table = PrettyTable(['metric', *summary], align='r')
    table.align['metric'] = 'l'
    for metric in _metrics(summary):
        cells = [_cell(entries[metric]) for entries in summary.values()]
        table.add_row([f'{metric} {_arrow(metric, "↑↓")}', *cells])
    return table.get_string()


def format_markdown(summary: Summary) -> str:
    """Return a Markdown table: a row per method, best bold, second underlined, then the rank."""
    heads = [f'{metric} {_arrow(metric, "↑↓")}' for metric in _metrics(summary)]
    table = PrettyTable(['method', *heads], align='r')
    table.align['method'] = 'l'
    table.set_style(TableStyle.MARKDOWN)
    for method, entries in summary.items():
        table.add_row([method, *(_cell(e, '**{}**', '<u>{}</u>') for e in entries.values())])
    return table.get_string() + '\n'


def format_latex(summary: Summary) -> str:
    """Return a LaTeX tabular (package booktabs), ranks as indices, best bold, second underlined."""
    arrows = (r'$\uparrow$', r'$\downarrow$')
    heads = [f'{metric} {_arrow(metric, arrows)}' for metric in _metrics(summary)]
    rows = [
        [method.translate(_LATEX_SPECIALS)]
        + [
            _cell(entry, r'\textbf{{{}}}', r'\underline{{{}}}', '{}$_{{({})}}$')
            for entry in entries.values()
        ]
        for method, entries in summary.items()
    ]
    lines = [
        rf'\begin{{tabular}}{{l{"r" * len(heads)}}}',
        r'\toprule',
        ' & '.join(['Method', *heads]) + r' \\',
        r'\midrule',
        *(' & '.join(row) + r' \\' for row in rows),
        r'\bottomrule',
        r'\end{tabular}',
    ]
    return '\n'.join(lines) + '\n'


def _cell(entry: Entry, best='{}', second='{}', ranked='{} ({})') -> str:
    if entry.mean is None:
        return '-'
    value = {1: best, 2: second}.get(entry.rank, '{}').format(f'{entry.mean:.4f}')
    return value if entry.rank is None else ranked.format(value, entry.rank)


def _scores_csv(scores: Sequence[Score]) -> str:
    rows = [[s.method, s.image, *map(_defined, s.values.values())] for s in scores]
    return _csv(['method', 'image', *scores[0].values], rows)


def _summary_csv(summary: Summary) -> str:
    heads = [head for metric in _metrics(summary) for head in (metric, f'{metric}_rank')]
    rows = [
        [method, *(x for entry in entries.values() for x in (entry.mean, entry.rank))]
        for method, entries in summary.items()
    ]
    return _csv(['method', *heads], rows)


def _csv(heads: list, rows: list[list]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator='\n').writerows([heads, *rows])
    return text.getvalue()


def _json(scores: Sequence[Score], summary: Summary) -> str:
    content = {
        'better': {metric: FUSION_METRICS[metric].better for metric in _metrics(summary)},
        'summary': {
            method: {metric: vars(entry) for metric, entry in entries.items()}
            for method, entries in summary.items()
        },
        'images': [
            {'method': s.method, 'image': s.image}
            | {metric: _defined(value) for metric, value in s.values.items()}
            for s in scores
        ],
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + '\n'


def _metrics(summary: Summary) -> list[str]:
    return list(next(iter(summary.values())))


def _arrow(metric: str, arrows: Sequence[str]) -> str:
    return arrows[FUSION_METRICS[metric].better == 'lower']


def _defined(value: float) -> float | None:
    return value if math.isfinite(value) else None
