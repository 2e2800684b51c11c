"""Which protocol a paper's table follows: all are tried on the images that it is of."""

import csv
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bffr.errors import InputError

from .folders import evaluate_folders
from .protocols import PROTOCOLS
from .summary import summarize
from .tables import format_table

NEAR = 0.01
"""Relative difference that other decoders and roundings may make."""

_OTHER_NAMES = {
    **{'entropy': 'en', 'std': 'sd', 'variance': 'sd', 'standarddeviation': 'sd', 'viff': 'vif'},
    **{'spatialfrequency': 'sf', 'avggradient': 'ag', 'averagegradient': 'ag', 'mutinf': 'mi'},
    **{'mutualinformation': 'mi', 'crossentropy': 'ce', 'edgeintensity': 'ei'},
}
_TRIED = [name for name in PROTOCOLS if name != 'tang']  # which is tang-2022


@dataclass(frozen=True)
class Comparison:
    """A value of the table and what each protocol makes of it; None where it has no such metric."""

    method: str
    metric: str
    told: str
    values: dict[str, float | None]

    def mark(self, protocol: str) -> str:
        """`=` if a protocol's value is the told one to its digits, `~` within `NEAR`, else ''."""
        value, told = self.values[protocol], float(self.told)
        if value is None:
            return ''
        decimals = len(self.told.partition('.')[2])
        if abs(value - told) <= 0.5001 * 10**-decimals:
            return '='
        return '~' if abs(value - told) <= NEAR * abs(told) else ''


def read_table(path: str | os.PathLike) -> dict[str, dict[str, str]]:
    """Read a paper's table: method -> head of a column -> number as it is written.

    Args:
        path: CSV file whose first column has the methods; no number where a field is empty or -.

    Raises:
        InputError: The file cannot be read, or a field is not a number.
    """
    try:
        with open(path, newline='', encoding='utf-8-sig') as file:
            (first, *heads), *rows = (row for row in csv.reader(file) if any(row))
        if not heads and ';' in first:
            raise ValueError('its columns are separated by semicolons, not commas')
        table = {}
        for method, *row in rows:
            if len(row) != len(heads):
                raise ValueError(f'{method} has {len(row)} of {len(heads)} columns')
            if method in table:
                raise ValueError(f'{method} has two rows')
            told = zip(heads, map(str.strip, row), strict=True)
            table[method] = {head: number for head, number in told if number.strip('-')}
        for told in (told for row in table.values() for told in row.values()):
            if not math.isfinite(float(told)):
                raise ValueError(f'{told} is not a number')
    except (OSError, ValueError) as error:
        reason = getattr(error, 'strerror', None) or error
        raise InputError(
            f'{path}: is not a table ({reason}); give a CSV file with the head '
            f'method,EN,SD,... and a row of numbers for each method.'
        ) from None
    return table


def compare_protocols(
    path: str | os.PathLike,
    visible_dir: str | os.PathLike,
    infrared_dir: str | os.PathLike,
    fused_dirs: Mapping[str, Sequence[str | os.PathLike]],
    names: Sequence[str] | None = None,
    workers: int = 1,
) -> list[Comparison]:
    """Compute what a table has by every protocol, on the images of its methods.

    Args:
        path: As `read_table` takes it.
        visible_dir, infrared_dir, fused_dirs, names, workers: As in :func:`evaluate_folders`.

    Raises:
        InputError: As `read_table` and `evaluate_folders`; or table and images share no method, or
            the table has no known metric.
    """
    table = read_table(path)
    shared = {method: fused_dirs[method] for method in table if method in fused_dirs}
    if not shared:
        raise InputError(
            f'{path}: has rows for {", ".join(table)}, but --fused has {", ".join(fused_dirs)}; '
            f"use the table's names."
        )
    heads = dict.fromkeys(head for method in shared for head in table[method])
    found = {
        protocol: {head: metric for head in heads if (metric := _metric(head, protocol))}
        for protocol in _TRIED
    }
    if not any(found.values()):
        raise InputError(f'{path}: no protocol has {", ".join(heads) or "a metric of it"}.')
    means = {}
    for protocol, metrics in found.items():
        if metrics:
            where = visible_dir, infrared_dir, shared
            chosen = list(dict.fromkeys(metrics.values()))
            scores = evaluate_folders(*where, chosen, protocol, names, workers)
            means[protocol] = summarize(scores)
    return [
        Comparison(
            method,
            head,
            told,
            {
                protocol: means[protocol][method][metrics[head]].mean if head in metrics else None
                for protocol, metrics in found.items()
            },
        )
        for head in heads
        for method in shared
        if (told := table[method].get(head))
    ]


def _metric(head: str, protocol: str) -> str | None:
    """The protocol's metric that a column's head means, whatever its arrows, case and strokes."""
    known = {_plain(metric): metric for metric in PROTOCOLS[protocol]}
    return known.get(_OTHER_NAMES.get(_plain(head), _plain(head)))


def _plain(text: str) -> str:
    return ''.join(filter(str.isalnum, text)).casefold()


def format_comparisons(comparisons: Sequence[Comparison]) -> str:
    """Return a table, a row for each value of the paper's, and sentences that say what fits."""
    rows = [['metric', 'method', 'table', *_TRIED]]
    for comparison in comparisons:
        cells = (_cell(comparison, protocol) for protocol in _TRIED)
        rows.append([comparison.metric, comparison.method, comparison.told, *cells])
    return '\n'.join([format_table(rows), *_sentences(comparisons)])


def _cell(comparison: Comparison, protocol: str) -> str:
    value = comparison.values[protocol]
    return '-' if value is None else f'{value:.4f} {comparison.mark(protocol):1}'


def _sentences(comparisons: Sequence[Comparison]) -> Iterator[str]:
    yield f'= to the digits of the table, ~ within {NEAR:.0%}.'
    marks = {protocol: [c.mark(protocol) for c in comparisons] for protocol in _TRIED}
    counts = {protocol: (of.count('='), of.count('~')) for protocol, of in marks.items()}
    best = max(counts.values())
    if 2 * sum(best) < len(comparisons):
        yield 'Most values fit no protocol: are these the images? See docs/my_numbers_differ.md.'
    if not any(best):
        return
    fitting = [protocol for protocol, count in counts.items() if count == best]
    yield (
        f'{" and ".join(fitting)} fit{"s" * (len(fitting) == 1)} best: {best[0]} of '
        f'{len(comparisons)} values, {best[1]} more nearly.'
    )
    for comparison in comparisons:
        others = [protocol for protocol in _TRIED if comparison.mark(protocol)]
        if others and not any(comparison.mark(protocol) for protocol in fitting):
            yield f'{comparison.metric} of {comparison.method} is as in {" and ".join(others)}.'
