"""What leaderboard.py runs: fuses, evaluates, writes the pages and the figure."""

import json
import re
from datetime import date
from itertools import chain
from typing import NamedTuple

from leaderboard_costs import COSTS, costs, draw
from leaderboard_methods import CDDFUSE, FUSERS, RULES, ZOO, model_of
from tqdm import tqdm

import bffr
from bffr.evaluation import Score, evaluate_folders, format_markdown, mean_rank, summarize
from bffr.evaluation.tables import format_table
from bffr.files import write_whole
from bffr.images.image_io import write_png
from bffr.images.matching import index_images

PROTOCOLS = 'project', 'cddfuse', 'tang-2023', 'vifb'
MARKED = re.compile('(?<=<!-- leaderboard -->\n).*(?=<!-- end of leaderboard -->)', re.DOTALL)


class Board(NamedTuple):
    """Pairs, and the methods that published their images of them.

    Attributes:
        title: Of its tables.
        pairs: Folder of `vis/` and `ir/`, in the data.
        published: Folder of a folder a method, in the data.
        every: Of which of CDDFuse's images it has the pairs: of every one, or every second; with 0
            it has all pairs, and leaves CDDFuse out.
    """

    title: str
    pairs: str
    published: str
    every: int


BOARDS = [
    Board('VIFB', 'vifb', 'vifb/fused', 0),
    Board('TNO', 'tno', 'tno_fused', 0),
    Board('MSRS', 'msrs', 'msrs_fused_full', 2),
    Board('TNO-CDDFuse', 'tno', 'tno_fused', 1),
]


def write_pages(args):
    """Fuse, evaluate, write both pages and draw; `args` are those of leaderboard.py."""
    boards = dict(summaries_of(board, args) for board in BOARDS if board.title in args.boards)
    cost = costs(args)
    write_marked(args.page, overview(boards, cost))
    write_marked(args.tables, '\n\n'.join(all_tables(boards)))
    if 'machine' in cost:
        for title, summaries in boards.items():
            if title.startswith('TNO,'):
                draw(args.figure, title, summaries['project'], cost)


def write_marked(page, text):
    """Put a text between the marks of a page."""
    content = page.read_text(encoding='utf-8')
    text = f'\n{date.today()}, bffr {bffr.__version__}, {text}\n\n'
    write_whole(page, MARKED.sub(lambda _: text, content).encode())


def summaries_of(board, args):
    """Title with the number of pairs; protocol -> summary, see `bffr.evaluation.summarize`."""
    vis, ir = (index_images(args.data / board.pairs / kind) for kind in ('vis', 'ir'))
    published = {folder.name: folder for folder in sorted((args.data / board.published).glob('*/'))}
    cddfuse = published.pop(CDDFUSE, None)
    stems = list(vis)
    if board.every:
        stems, published[CDDFUSE] = [*index_images(cddfuse)][:: board.every], cddfuse
    folders = dict(published)
    for name in [*RULES, *FUSERS, *ZOO]:
        if name not in published:
            folders[name] = args.work_dir / 'fused' / board.pairs / name
            missing = [stem for stem in stems if not (folders[name] / f'{stem}.png').exists()]
            for stem in tqdm(missing, f'{board.pairs}, {name}', disable=not missing):
                fused = model_of(name, args.weights).fuse(vis[stem], ir[stem])
                write_png(folders[name] / f'{stem}.png', fused)
    summaries = {}
    for protocol in PROTOCOLS:
        of_methods = (scores(board, protocol, method, stems, args) for method in folders.items())
        summaries[protocol] = summarize(chain.from_iterable(of_methods))
    return f'{board.title}, {len(stems)} pairs', summaries


def scores(board, protocol, method, stems, args):
    """Scores of a method, (name, folder); those that were computed before are read."""
    name, folder = method
    file = args.work_dir / 'scores' / board.pairs / protocol / f'{name}.json'
    known = json.loads(file.read_text()) if file.exists() else {}
    if missing := [stem for stem in stems if stem not in known]:
        sources = [args.data / board.pairs / kind for kind in ('vis', 'ir')]
        how = dict(protocol=protocol, names=missing, workers=args.workers)
        known |= {
            score.image: score.values
            for score in evaluate_folders(*sources, {name: [folder]}, **how)
        }
        write_whole(file, json.dumps(known).encode())
    return [Score(name, stem, known[stem]) for stem in stems]


def overview(boards, costs):
    """What each method costs, and its mean rank on each board by each protocol."""
    ranks = {
        f'{title}, `{protocol}`': {name: mean_rank(entries) for name, entries in summary.items()}
        for title, summaries in boards.items()
        for protocol, summary in summaries.items()
    }
    rows = [['method', *COSTS, *ranks]]
    for name in dict.fromkeys(method for column in ranks.values() for method in column):
        cells = [costs.get(name, {}).get(unit) for unit in COSTS]
        row = [name, *('-' if cell is None else f'{float(f"{cell:.3g}"):g}' for cell in cells)]
        for column in ranks.values():
            best, second = sorted(column.values())[:2]
            mark = {best: '**{}**', second: '<u>{}</u>'}.get(column.get(name), '{}')
            row.append(mark.format(f'{column[name]:.2f}') if name in column else '-')
        rows.append(row)
    machine = f'milliseconds: {costs["machine"]}' if 'machine' in costs else 'not timed yet'
    return f'{machine}:\n\n{format_table(rows, "pipe")}'


def all_tables(boards):
    """A heading and a table of means and ranks, for each board and protocol."""
    yield 'all means and ranks:'
    for title, summaries in boards.items():
        for protocol, summary in summaries.items():
            yield f'**{title}, protocol `{protocol}`**'
            yield format_markdown(summary).split('\n\n')[0]
