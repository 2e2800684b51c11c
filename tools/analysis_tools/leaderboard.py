"""Rank published images, classical rules, published fusers and the zoo under every protocol.

Writes the leaderboard of docs/results.md. What lies in --work-dir is not made again: a stopped run
goes on, and after a change of a model the folder has to be removed.
"""

import argparse
import re
from datetime import date
from pathlib import Path

from bffr.commands import eval, fuse
from bffr.commands.run import run, run_command
from bffr.models.zoo import zoo_names

ROOT = Path(__file__).parents[2]

PUBLISHED_FUSERS = {'SeAFusion': 'seafusion', 'IFCNN': 'ifcnn_max', 'DenseFuse': 'densefuse_gray'}
PROTOCOLS = ('project', 'tang', 'vifb')
SECTION = re.compile('(?<=<!-- leaderboard -->\n).*(?=<!-- end of leaderboard -->)', re.DOTALL)


def main():
    """Parse the command line, fuse, evaluate, write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--data', default='../shared/data', type=Path, help='vifb, tno and msrs')
    parser.add_argument(
        '--weights', default='../shared/golden/baselines', type=Path, help='of published fusers'
    )
    parser.add_argument('--work-dir', default='work_dirs/leaderboard', type=Path)
    parser.add_argument('--page', default='docs/results.md', type=Path, help='what to write into')
    args = parser.parse_args()
    vifb = {folder.name: folder for folder in sorted((args.data / 'vifb/fused').iterdir())}
    tno = {name: args.data / 'tno_fused' / name for name in ('SeAFusion', 'DenseFuse')}
    tables = [
        f'{date.today()}, `python tools/analysis_tools/leaderboard.py`:',
        *board('VIFB', args.data / 'vifb', vifb, args),
        *board('TNO', args.data / 'tno', tno, args),
        *board('MSRS val, every fifth', validation_pairs(args), {}, args),
    ]
    section = '\n\n'.join(['', *tables, ''])
    page = args.page.read_text(encoding='utf-8')
    args.page.write_text(SECTION.sub(lambda _: section, page), encoding='utf-8')


def validation_pairs(args):
    """A folder with links to every fifth pair of MSRS's val.txt: all take hours."""
    folder = args.work_dir / 'msrs'
    for kind in ('vis', 'ir'):
        (folder / kind).mkdir(parents=True, exist_ok=True)
        for name in (args.data / 'msrs/val.txt').read_text().split()[::5]:
            [image] = (args.data / 'msrs' / kind).glob(f'{name}.*')
            link = folder / kind / image.name
            link.unlink(missing_ok=True)
            link.symlink_to(image.resolve())
    return folder


def board(title, pairs, published, args):
    """A heading and a table of means and ranks for each protocol; `published`: name -> folder."""
    ways = {rule: ['--model', rule] for rule in ('average', 'laplacian')}
    for name, file in PUBLISHED_FUSERS.items():
        config = ROOT / f'configs/fuser/{name.lower()}_content_1xb4-2k5_msrs-96x128.py'
        ways[name] = ['--config', str(config), '--checkpoint', f'{args.weights / file}.pth']
    ways |= {name: ['--model', name] for name in zoo_names()}
    sources = ['--vis', f'{pairs / "vis"}', '--ir', f'{pairs / "ir"}']
    results = args.work_dir / pairs.name
    folders = dict(published)
    for name in [name for name in ways if name not in published]:
        folders[name] = results / name
        if not folders[name].exists():
            unfinished = results / f'{name}.unfinished'
            out = ['--out', str(unfinished), '--stretch', 'image']
            run_command(fuse, [*sources, *out, *ways[name]])
            unfinished.rename(folders[name])
    fused = [f'{name}={folder}' for name, folder in folders.items()]
    tables = []
    for protocol in PROTOCOLS:
        table = results / f'{protocol}.md'
        if not table.exists():
            how = ['--protocol', protocol, '--out', str(table)]
            run_command(eval, [*sources, '--fused', *fused, *how])
        _, means_and_ranks, *_ = table.read_text(encoding='utf-8').split('\n\n')
        count = len(list((pairs / 'vis').iterdir()))
        tables += [f'**{title}, {count} pair(s), protocol `{protocol}`**', means_and_ranks]
    return tables


if __name__ == '__main__':
    run(main)
