"""Compare fusion methods by metrics of their images, in tables and figures."""

import argparse
import os
from itertools import chain

from bffr.commands.arguments import by_name, count, named_folder
from bffr.errors import UsageError


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog='Images with the same name without suffix (stem) belong together. '
        'docs/evaluation.md explains metrics and protocols.',
    )
    parser.add_argument('--vis', required=True, metavar='DIR', help='folder of visible images')
    parser.add_argument('--ir', required=True, metavar='DIR', help='folder of infrared images')
    parser.add_argument(
        '--fused',
        required=True,
        nargs='+',
        type=named_folder,
        metavar='NAME=DIR[,DIR...]',
        help='each method and its folder of fused images; with several seeds, a folder for each',
    )
    parser.add_argument(
        '--protocol',
        choices=['project', 'tang-2022', 'tang-2023', 'cddfuse', 'ivif-zoo', 'liu', 'vifb', 'tang'],
        default='project',
        help='how to compute the metrics: as their publications say (project, the default), or as '
        "other papers' tables do; tang is tang-2022",
    )
    parser.add_argument(
        '--metrics', nargs='+', metavar='METRIC', help='metrics (default: all of the protocol)'
    )
    parser.add_argument(
        '--targets',
        metavar='DIR',
        help='folder of masks of targets; adds TC, how much the targets stand out',
    )
    parser.add_argument(
        '--ir-range',
        nargs=2,
        type=float,
        metavar=('LOW', 'HIGH'),
        help='raw infrared values that became 0 and 255 when the pairs were fused (default: one '
        'range for the folder, as in bffr fuse)',
    )
    images = parser.add_mutually_exclusive_group()
    images.add_argument(
        '--split',
        metavar='F|tno42|tno25|roadscene50|vifb21|msrs361|fmb280',
        help='images to use: a file with a stem in each line, or one of these lists that papers '
        'test on; for other data sets, such as M3FD, give a file',
    )
    images.add_argument('--names', nargs='+', metavar='STEM', help='images to use (default: all)')
    parser.add_argument(
        '--against',
        metavar='NAME',
        help='your method; adds how it differs from each other method, its wins, and p values',
    )
    parser.add_argument(
        '--digits', type=decimals, default=4, metavar='N', help='decimals in tables (default: 4)'
    )
    parser.add_argument(
        '--out',
        nargs='+',
        default=[],
        metavar='F.csv|F.json|F.md|F.tex',
        help='files to write: .md or .tex for the summary; .csv for a row per method and image, '
        'with the summary in F_summary.csv; .json for both',
    )
    parser.add_argument(
        '--which',
        metavar='TABLE.csv',
        help="only say which protocol a paper's table follows; the file has the head "
        "method,EN,SD,... and the paper's numbers for these images",
    )
    parser.add_argument(
        '--plot', metavar='FILE', help='file for box plots of the values of all images'
    )
    parser.add_argument(
        '--grid', metavar='FILE', help='file for a figure with a row for each image'
    )
    parser.add_argument(
        '--images',
        nargs='+',
        metavar='STEM',
        help='with --grid: images to draw (default: the first three)',
    )
    parser.add_argument(
        '--zoom',
        nargs='+',
        default=[],
        type=region,
        metavar='x,y,w,h',
        help='with --grid: region to enlarge, one for all images or one for each',
    )
    parser.add_argument(
        '--workers', type=count, default=os.cpu_count(), help='threads (default: one for each core)'
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
        for option in ('metrics', 'targets', 'against', 'out', 'plot', 'grid', 'ir-range'):
            if getattr(args, option.replace('-', '_')):
                raise UsageError(f'--which only prints what fits; leave out --{option}')
        if args.protocol != 'project':
            raise UsageError('--which tries all protocols; leave out --protocol')
    from bffr import evaluation
    from bffr.files import refuse_to_replace, require_writable
    from bffr.images.matching import index_images, require_two
    from bffr.images.splits import read_split
    from bffr.images.thermal import InfraredScale

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
    inputs = [*chain(*map(os.scandir, [args.vis, args.ir, *chain(*fused.values())]))]
    if args.targets:
        inputs += index_images(args.targets).values()
    if args.split:
        inputs.append(args.split)
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
        how = dict(stems=images, regions=args.zoom, in_column=True)
        figures.draw_folders(args.grid, columns, **how)
    where = args.vis, args.ir, fused, args.metrics, args.protocol, names, args.workers, args.targets
    infrared = InfraredScale(range=args.ir_range) if args.ir_range else None
    scores = evaluation.evaluate_folders(*where, infrared)
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
