"""Measure the time and memory of fusing, segmenting, training or loading pairs.

Everything is measured in turns with a float32 matrix product, the machine's peak, and, with
--against, with the same of another checkout of this project, such as a git worktree, or, with
--exported, with exported models.
"""

import argparse
import itertools
import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from statistics import median

from bffr.commands.run import run
from bffr.errors import InputError
from bffr.models.engines import ENGINES

ROOT = Path(__file__).parents[2]


class Checkout:
    """A process that measures one case with the package of a checkout, each time it is asked."""

    def __init__(self, folder, case):
        words = [sys.executable, Path(__file__).with_name('benchmark_case.py'), json.dumps(case)]
        folder = folder or ROOT
        path = os.pathsep.join(map(str, [folder, Path(folder, 'runtime'), ROOT]))  # of old commits
        self.process = subprocess.Popen(
            words,
            cwd=folder,
            env={**os.environ, 'PYTHONPATH': path},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.times = []
        self.row = {**case, **self.ask('describe')}

    def ask(self, what):
        """What the process answers; its end is ours."""
        with suppress(BrokenPipeError):
            print(what, file=self.process.stdin, flush=True)
            if answer := self.process.stdout.readline():
                return json.loads(answer)
        status = self.process.wait()
        if status < 0:
            raise InputError(
                f'A measured process was killed by signal {-status}, maybe for memory, as all are '
                'there at once; measure fewer or smaller ones.'
            )
        sys.exit(status)

    def end(self):
        """End the process."""
        self.process.stdin.close()
        self.process.wait()


def measure(case, rounds, against, exported):
    """Rows of a case: of this checkout and, if given, of another one and of exported models.

    Args:
        case: See `benchmark_case.describe`.
        rounds: How many.
        against: Folder of a checkout, or None.
        exported: (folder, engine) of each.
    """
    folders = [None] + [against] * bool(against)
    checkouts = [Checkout(folder, {**case, 'checkout': folder}) for folder in folders]
    for folder, engine in exported:
        own = dict(exported=folder, engine=engine, device='cpu', checkout=None)
        checkouts.append(Checkout(None, {**case, **own}))
    compared = checkouts[-1] if against else checkouts[0] if exported else None
    gemm = []
    for _ in range(rounds):
        gemm.append(checkouts[0].ask('gemm'))
        for checkout in checkouts:
            checkout.times.append(checkout.ask('run'))
    for checkout in checkouts:
        checkout.end()
        seconds, row = median(checkout.times), checkout.row
        row.update(seconds=seconds, all_seconds=checkout.times)
        row['pairs_per_second'] = row['pairs'] / seconds
        row['gemm_gflops'] = row['gemm_gflop'] / median(gemm)
        row['effective'] = row['gflop'] and row['gflop'] / seconds / row['gemm_gflops']
        row['speed'] = median(compared.times) / seconds if compared else None
    return [checkout.row for checkout in checkouts]


COLUMNS = {
    'mode': '{}',
    'shape': '{0[0]} x {0[1]}',
    'pairs': '{}',
    'seconds': '{:.4g}',
    'pairs_per_second': '{:.2f}',
    'gflop': '{:.1f}',
    'gemm_gflops': '{:.0f}',
    'effective': '{:.2f}',
    'peak_gb': '{:.2f}',
    'speed': '{:.2f}',
    'checkout': '{}',
    'exported': '{}',
    'engine': '{}',
}


def table(rows):
    """A Markdown table, without the columns that nothing is in."""
    columns = [name for name in COLUMNS if any(row[name] is not None for row in rows)]
    lines = [columns, ['---'] * len(columns)]
    for row in rows:
        lines.append(
            ['' if row[name] is None else COLUMNS[name].format(row[name]) for name in columns]
        )
    return '\n'.join(f'| {" | ".join(cells)} |' for cells in lines)


def main():
    """Parse the command line, measure, and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('config', metavar='CONFIG', help='config file')
    parser.add_argument('--mode', choices=['fuse', 'segment', 'train', 'data'], default='fuse')
    parser.add_argument(
        '--shape',
        nargs='+',
        type=int,
        default=[480, 640],
        metavar='H W',
        help='size of the pairs, or several sizes (default: 480 640)',
    )
    parser.add_argument(
        '--batch', nargs='+', type=int, default=[1], metavar='N', help='pairs at a time, or several'
    )
    parser.add_argument('--rounds', type=int, default=5, metavar='N', help='default: 5')
    parser.add_argument('--device', metavar='D', help='cpu or cuda:N (default: cuda, if any)')
    parser.add_argument('--checkpoint', metavar='F', help='default: random weights')
    parser.add_argument(
        '--against', metavar='DIR', help='another checkout; a relative CONFIG is its own one'
    )
    parser.add_argument(
        '--exported',
        nargs='+',
        default=(),
        metavar='DIR',
        help='folders of `bffr export`, fused with in turns with torch, on the CPU',
    )
    parser.add_argument(
        '--engines', nargs='+', default=ENGINES[:1], choices=ENGINES, help='of --exported'
    )
    parser.add_argument('--json', metavar='F', help='write the rows to F, too')
    parser.add_argument(
        '--gemm', type=int, default=4096, metavar='N', help='side of the matrices (default: 4096)'
    )
    parser.add_argument(
        '--cfg-options', nargs='+', default=(), metavar='KEY=VALUE', help='override the config'
    )
    args = parser.parse_args()
    if len(args.shape) % 2 or min(*args.shape, *args.batch, args.rounds, args.gemm) < 1:
        parser.error('--shape takes pairs of H W; all numbers are at least 1')
    if args.exported and (args.mode != 'fuse' or args.batch != [1] or args.against):
        parser.error('--exported is compared in --mode fuse, without --batch and --against')
    exported = list(itertools.product(args.exported, args.engines))
    shapes = zip(args.shape[::2], args.shape[1::2], strict=True)
    rows = []
    for batch, shape in itertools.product(args.batch, shapes):
        case = {key: getattr(args, key) for key in ('config', 'mode', 'device', 'checkpoint')}
        case.update(batch=batch, shape=shape, gemm=args.gemm, cfg_options=args.cfg_options)
        rows += measure(
            {**case, 'exported': None, 'engine': None}, args.rounds, args.against, exported
        )
    for row in rows if args.against else rows[:1]:
        print(f'{row["checkout"] or "here"}: {args.config} on {row["machine"]}')
    print(f'\n{table(rows)}')
    if args.json:
        Path(args.json).write_text(json.dumps(rows, indent=1) + '\n', encoding='utf-8')


if __name__ == '__main__':
    run(main)
