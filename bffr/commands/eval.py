"""Compare fusion methods: metrics of folders of fused images, as tables and figures."""

import argparse
import os
from itertools import chain

from bffr.commands.arguments import by_name, count, named_folder
from bffr.errors import UsageError


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog='Images are matched by stem; docs/evaluation.md explains the metrics.',
    )
    parser.add_argument('--vis', required=True, metavar='DIR', help='visible images')
    parser.add_argument('--ir', required=True, metavar='DIR', help='infrared images')
    parser.add_argument(
        '--fused',
        required=True,
        nargs='+',
        type=named_folder,
        metavar='NAME=DIR[,DIR...]',
        help='fused images of each method, of several seeds in several folders',
    )
    parser.add_argument(
        '--protocol',
        choices=['project', 'tang-2022', 'tang-2023', 'cddfuse', 'ivif-zoo', 'liu', 'vifb', 'tang'],
        default='project',
        help='how the metrics are computed: by their publications (default), or as a table was; '
        'tang is tang-2022',
    )
    parser.add_argument(
        '--metrics', nargs='+', metavar='METRIC', help='default: all of the protocol'
    )
    parser.add_argument(
        '--targets', metavar='DIR', help='masks of targets: adds TC, how much they stand out'
    )
    images = parser.add_mutually_exclusive_group()
    images.add_argument(
        '--split',
        metavar='F|tno42|tno25|roadscene50|vifb21',
        help='images to take: a file with a stem a line, or a list that papers test on',
    )
    images.add_argument('--names', nargs='+', metavar='STEM', help='images to take (default: all)')
    parser.add_argument(
        '--against',
        metavar='NAME',
        help='your method: its mean less that of each other one, its wins, and p values',
    )
    parser.add_argument(
        '--digits', type=decimals, default=4, metavar='N', help='decimals in tables (default: 4)'
    )
    parser.add_argument(
        '--out',
        nargs='+',
        default=[],
        metavar='F.csv|F.json|F.md|F.tex',
        help='.csv: a row per method and image, and F_summary.csv; .md, .tex: summary; .json: both',
    )
    parser.add_argument(
        '--which',
        metavar='TABLE.csv',
        help="a paper's table (method,EN,SD,...) of these images: says which protocol it follows",
    )
    parser.add_argument('--plot', metavar='FILE', help='box plots of the per-image values')
    parser.add_argument('--grid', metavar='FILE', help='comparison figure: a row per image')
    parser.add_argument(
        '--images', nargs='+', metavar='STEM', help='images of --grid (default: the first three)'
    )
    parser.add_argument(
        '--zoom',
        nargs='+',
        default=[],
        type=region,
        metavar='x,y,w,h',
        help='region to enlarge in --grid, one for all images or one for each',
    )
    parser.add_argument(
        '--workers', type=count, default=os.cpu_count(), help='threads (default: one a core)'
    )
    return parser


def region(text: str) -> tuple[int, int, int, int]:
    """Split x,y,w,h."""
    try:
        x, y, width, height = map(int, text.split(','))
    except ValueError:
        raise argparse.ArgumentTypeError(f'{text!r} is not x,y,w,h in pixels') from None
    return x, y, width, height


def decimals(text: str) -> int:
    """Read a number of decimals that floats have."""
    if text not in map(str, range(16)):
        raise argparse.ArgumentTypeError(f'{text!r} is not 0 to 15')
    return int(text)


def main(args: argparse.Namespace) -> None:
    """Evaluate, print the summary, write tables and figures."""
    fused = {
        name: [folders] if os.path.isdir(folders) else folders.split(',')
        for name, folders in by_name(args.fused).items()
    }
    if args.against not in (None, *fused):
        raise UsageError(f'--against {args.against}: --fused has no method of that name')
    if (args.images or args.zoom) and not args.grid:
        raise UsageError('--images and --zoom need --grid')
    if args.which:
        for option in ('metrics', 'targets', 'against', 'out', 'plot', 'grid'):
            if getattr(args, option):
                raise UsageError(f'--which only prints what fits; leave out --{option}')
        if args.protocol != 'project':
            raise UsageError('--which tries all protocols; leave out --protocol')
    from bffr import evaluation
    from bffr.files import refuse_to_replace, require_writable
    from bffr.images.matching import index_images, require_two
    from bffr.images.splits import read_split

    evaluation.select_metrics(args.metrics, args.protocol)
    for path in args.out:
        evaluation.check_suffix(path)
    drawn = [path for path in (args.plot, args.grid) if path]
    if drawn:
        from bffr import figures  # matplotlib takes a while

        for path in drawn:
            figures.check_figure(path)
    names = read_split(args.split) if args.split else args.names
    require_two(args.vis, args.ir)
    if args.which:
        where = args.vis, args.ir, fused, names, args.workers
        print(evaluation.format_comparisons(evaluation.compare_protocols(args.which, *where)))
        return
    triples = evaluation.find_triples(args.vis, args.ir, fused, names)
    inputs = [
        file for triple in triples for file in (triple.fused, triple.visible, triple.infrared)
    ]
    if args.split:
        inputs.append(args.split)
    if args.targets:
        inputs += index_images(args.targets).values()
    written = [*chain(*map(evaluation.written_files, args.out)), *drawn]
    for number, path in enumerate(written):
        if os.path.realpath(path) in map(os.path.realpath, written[:number]):
            raise UsageError(f'{path}: would be written twice; name each file once')
        refuse_to_replace(path, inputs)
        require_writable(path)
    if args.grid:
        first_seeds = [(name, folders[0]) for name, folders in fused.items()]
        columns = by_name([('Visible', args.vis), ('Infrared', args.ir), *first_seeds])
        images = args.images or list(dict.fromkeys(t.image for t in triples))[:3]
        figures.draw_folders(args.grid, columns, stems=images, regions=args.zoom)
    scores = evaluation.evaluate_folders(
        args.vis, args.ir, fused, args.metrics, args.protocol, names, args.workers, args.targets
    )
    summary = evaluation.summarize(scores, args.against)
    try:
        for path in args.out:
            how = args.protocol, args.against, args.digits
            evaluation.write_results(path, scores, summary, *how)
        if args.plot:
            figures.plot_scores(args.plot, scores)
    finally:
        print(evaluation.told(evaluation.provenance(scores, args.protocol, args.against)))
        print(evaluation.format_text(summary, args.digits))
