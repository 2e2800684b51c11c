"""Rank published images, classical rules, published fusers and the zoo under every protocol.

Writes docs/leaderboard.md, and an overview into docs/results.md. Results that are in --work-dir are
not made again, so a stopped run continues, and for a new model only its own rows are made. If a
model changed and kept its name, remove its files there. --time measures the cost of all methods
with every engine in one run, and draws it against their quality.
"""

import argparse
import os
from pathlib import Path

from bffr.commands.run import run

BOARDS = 'VIFB', 'TNO', 'MSRS', 'TNO-CDDFuse'


def main():
    """Parse the command line, fuse, evaluate, write both pages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        '--data', default='../shared/data', type=Path, help='folder with vifb/, tno/ and msrs/'
    )
    parser.add_argument(
        '--weights',
        default='../shared/golden',
        type=Path,
        help='folder with the weights of published fusers',
    )
    parser.add_argument('--work-dir', default='work_dirs/leaderboard', type=Path)
    parser.add_argument(
        '--page', default='docs/results.md', type=Path, help='page that gets the summary'
    )
    parser.add_argument(
        '--tables', default='docs/leaderboard.md', type=Path, help='page that gets all tables'
    )
    parser.add_argument(
        '--figure',
        default='docs/results/speed.png',
        type=Path,
        help='file for the figure of quality on TNO against speed',
    )
    parser.add_argument(
        '--boards', nargs='+', default=BOARDS, choices=BOARDS, help='data to rank on (default: all)'
    )
    parser.add_argument(
        '--time',
        action='store_true',
        help='measure the milliseconds of all methods again; do so on an idle machine',
    )
    parser.add_argument(
        '--shape',
        nargs=2,
        type=int,
        default=(480, 640),
        metavar=('H', 'W'),
        help='size of the pair that is timed',
    )
    parser.add_argument(
        '--workers', default=os.cpu_count(), type=int, help='threads that compute metrics'
    )
    args = parser.parse_args()
    from leaderboard_boards import write_pages

    write_pages(args)


if __name__ == '__main__':
    run(main)
