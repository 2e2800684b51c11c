"""Measure the time and memory of fusing, segmenting, training or loading pairs.

Measurements take turns with a matrix product and a copy, which show the machine's peaks. They also
take turns with another checkout of this project, such as a git worktree (--against), or with
exported models (--exported). If other processes keep the machine busy, a line says so.
"""

import argparse
import itertools
import json
import os
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from statistics import median

from bffr.commands.run import run
from bffr.errors import InputError
from bffr.models.engines import ENGINES

ROOT = Path(__file__).parents[2]
OF_FUSING = {'channels-last', 'compile', 'graph'}
WAYS = {'fp32', 'fp16', 'bf16', *OF_FUSING}

MOST_BUSY = 0.1
"""Cores that others may keep busy on an idle machine."""


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
                f'A measured process was killed by signal {-status}, maybe because memory ran out, '
                'as all are loaded at once; measure fewer or smaller ones.'
            )
        raise InputError(f'A measured process ended with status {status}; it says why above.')

    def end(self):
        """End the process."""
        with suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.wait()


def cpu_seconds(stat):
    """Seconds of work of all cores, of the text of Linux's /proc/stat."""
    user, nice, system, _, _, *others = map(int, stat.split('\n', 1)[0].split()[1:9])
    return (user + nice + system + sum(others)) / os.sysconf('SC_CLK_TCK')


def busy_cores(seconds=1.0):
    """How many cores are at work, on average over some seconds; None where that is not known."""
    stat = Path('/proc/stat')
    if not stat.exists():
        return None
    before = cpu_seconds(stat.read_text())
    time.sleep(seconds)
    return (cpu_seconds(stat.read_text()) - before) / seconds


def measure(case, rounds, against, exported):
    """Rows of a case: of this checkout and, if given, of another one and of exported models.

    An exported model that fails is told of, and has no row.

    Args:
        case: See `benchmark_case.describe`.
        rounds: How many.
        against: Folder of a checkout, or None.
        exported: (folder, engine, device) of each.

    Raises:
        InputError: A checkout fails.
    """
    folders = [None] + [against] * bool(against)
    checkouts, gemm, copy = [], [], []
    with ExitStack() as started:

        def start(folder, case):
            checkouts.append(Checkout(folder, case))
            started.callback(checkouts[-1].end)

        for folder in folders:
            start(folder, {**case, 'checkout': folder})
        for folder, engine, device in exported:
            own = dict(exported=folder, engine=engine, device=device, checkout=None)
            try:
                start(None, {**case, **own})
            except InputError as error:
                print(f'failed: {folder}, {engine} on {device}: {error}')
        busy = busy_cores()
        if busy and busy > MOST_BUSY:
            print(
                f'not idle: others keep {busy:.1f} of {os.cpu_count()} cores busy; measure again.'
            )
        for _ in range(rounds):
            gemm.append(checkouts[0].ask('gemm'))
            copy.append(checkouts[0].ask('copy'))
            for checkout in checkouts:
                checkout.times.append(checkout.ask('run'))
    compared = checkouts[-1] if against else checkouts[0] if exported else None
    for checkout in checkouts:
        seconds, row = median(checkout.times), checkout.row
        row.update(seconds=seconds, all_seconds=checkout.times, busy_cores=busy)
        row['pairs_per_second'] = row['pairs'] / seconds
        row['gemm_gflops'] = row['gemm_gflop'] / median(gemm)
        row['effective'] = row['gflop'] and row['gflop'] / seconds / row['gemm_gflops']
        row['copy_gbs'] = row['copied_gb'] / median(copy)
        row['of_copy'] = row['moved_gb'] and row['moved_gb'] / seconds / row['copy_gbs']
        row['speed'] = median(compared.times) / seconds if compared else None
    return [checkout.row for checkout in checkouts]


COLUMNS = {
    'mode': '{}',
    'ways': '{}',
    'shape': '{0[0]} x {0[1]}',
    'pairs': '{}',
    'seconds': '{:.4g}',
    'pairs_per_second': '{:.2f}',
    'gflop': '{:.1f}',
    'gemm_gflops': '{:.0f}',
    'effective': '{:.2f}',
    'copy_gbs': '{:.0f}',
    'of_copy': '{:.2f}',
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
    parser.add_argument('config', metavar='CONFIG', help='config of the model')
    modes = ['fuse', 'segment', 'detect', 'train', 'data']
    parser.add_argument(
        '--mode',
        nargs='+',
        choices=modes,
        default=modes[:1],
        help='what to measure (default: fuse)',
    )
    parser.add_argument(
        '--ways',
        nargs='+',
        default=[''],
        metavar='WAY+WAY',
        help='fp32, fp16 or bf16 and, of fuse, channels-last, compile or graph (of CUDA), such as '
        'fp16 fp16+channels-last bf16+graph; tensors on the device are then fused, not arrays',
    )
    parser.add_argument(
        '--minutes',
        type=float,
        default=60,
        metavar='M',
        help='start no measurement after this time (default: 60)',
    )
    parser.add_argument(
        '--shape',
        nargs='+',
        type=int,
        default=[480, 640],
        metavar='H W',
        help='one or more sizes of the pairs (default: 480 640)',
    )
    parser.add_argument(
        '--batch',
        nargs='+',
        type=int,
        default=[1],
        metavar='N',
        help='one or more numbers of pairs at a time (default: 1)',
    )
    parser.add_argument(
        '--rounds', type=int, default=5, metavar='N', help='rounds of turns (default: 5)'
    )
    parser.add_argument(
        '--device', metavar='D', help='where to run: cpu or cuda:N (default: cuda, if any)'
    )
    parser.add_argument('--checkpoint', metavar='F', help='checkpoint (default: random weights)')
    parser.add_argument(
        '--against',
        metavar='DIR',
        help='root of another checkout; if CONFIG is relative, it uses its own file',
    )
    parser.add_argument(
        '--exported',
        nargs='+',
        default=(),
        metavar='DIR',
        help='folders that `bffr export` wrote, to fuse with in turns with torch',
    )
    parser.add_argument(
        '--engines',
        nargs='+',
        default=ENGINES[:1],
        choices=ENGINES,
        help='with --exported: engines (default: onnxruntime)',
    )
    parser.add_argument(
        '--providers',
        nargs='+',
        default=['cpu'],
        metavar='D',
        help='with --exported: devices (default: cpu)',
    )
    parser.add_argument('--json', metavar='F', help='also write the rows to this file')
    parser.add_argument(
        '--gemm', type=int, default=4096, metavar='N', help='side of the matrices (default: 4096)'
    )
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        default=(),
        metavar='KEY=VALUE',
        help='change values of the config',
    )
    args = parser.parse_args()
    if len(args.shape) % 2 or min(*args.shape, *args.batch, args.rounds, args.gemm) < 1:
        parser.error('--shape takes pairs of H W; all numbers are at least 1')
    ways = [tuple(filter(None, way.split('+'))) for way in args.ways]
    if unknown := {word for way in ways for word in way} - WAYS:
        parser.error(f'--ways: {", ".join(sorted(unknown))} is none of {", ".join(sorted(WAYS))}')
    if args.exported and (args.mode != ['fuse'] or args.batch != [1] or args.against):
        parser.error('--exported is compared in --mode fuse, without --batch and --against')
    exported = list(itertools.product(args.exported, args.engines, args.providers))
    shapes = zip(args.shape[::2], args.shape[1::2], strict=True)
    cases = list(itertools.product(args.mode, ways, args.batch, shapes))
    cases = [case for case in cases if case[0] == 'fuse' or not OF_FUSING.intersection(case[1])]
    rows, failed, end = [], 0, time.monotonic() + 60 * args.minutes
    for number, (mode, way, batch, shape) in enumerate(cases):
        if time.monotonic() > end:
            print(f'{len(cases) - number} of {len(cases)} cases are left out; see --minutes.')
            break
        case = {key: getattr(args, key) for key in ('config', 'device', 'checkpoint')}
        case.update(mode=mode, ways='+'.join(way) or None, batch=batch, shape=shape, gemm=args.gemm)
        case.update(cfg_options=args.cfg_options, exported=None, engine=None)
        others = exported if not way else []
        try:
            measured = measure(case, args.rounds, args.against, others)
        except InputError as error:
            measured = []
            name = ' '.join([mode, *way])
            print(f'failed: {name}, {batch} of {shape[0]} x {shape[1]}: {error}')
        rows += measured
        failed += 1 + bool(args.against) + len(others) - len(measured)
    for row in rows if args.against else rows[:1]:
        print(f'{row["checkout"] or "here"}: {args.config} on {row["machine"]}')
    if rows:
        print(f'\n{table(rows)}')
    if args.json:
        Path(args.json).write_text(json.dumps(rows, indent=1) + '\n', encoding='utf-8')
    if failed:
        raise InputError(f'{failed} measurement(s) failed, as said above; the others are whole.')


if __name__ == '__main__':
    run(main)
