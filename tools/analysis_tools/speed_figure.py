"""Draw quality against speed, of a model's rows of benchmark.py and tables of `bffr eval`.

A method of the tables stands for the row of the exported model whose folder has its name, or, where
no folder has, for the row of torch in the file of that name.
"""

import argparse
import json
from pathlib import Path

from bffr.commands.run import run


def frames_per_second(files, shape):
    """Pairs a second by name: of exported models their folder's, of torch the file's."""
    return {
        Path(row['exported']).name if row['exported'] else Path(file).stem: row['pairs_per_second']
        for file in files
        for row in json.loads(Path(file).read_text(encoding='utf-8'))
        if row['shape'] == shape
    }


def draw(points, args):
    """Draw speed and means of metrics, by name of the method."""
    from matplotlib.figure import Figure

    from bffr.figures.figure_file import save_figure

    figure = Figure(figsize=(4.2 * len(args.metrics), 3.4), layout='constrained')
    for number, metric in enumerate(args.metrics, 1):
        panel = figure.add_subplot(1, len(args.metrics), number)
        for name, (speed, means) in points.items():
            panel.plot(speed, means[metric]['mean'], 'o', label=name)
        panel.set(xlabel=f'pairs of {args.shape[1]} x {args.shape[0]} a second', title=metric)
        panel.grid(alpha=0.3)
    figure.legend(*panel.get_legend_handles_labels(), loc='outside right center', fontsize=8)
    save_figure(args.out, figure, dpi=150)


def main():
    """Parse the command line and draw."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('--speed', nargs='+', required=True, metavar='F.json')
    parser.add_argument('--quality', required=True, metavar='F.json')
    parser.add_argument('--metrics', nargs='+', default=['Qabf', 'VIF'], metavar='METRIC')
    parser.add_argument('--shape', nargs=2, type=int, default=[480, 640], metavar=('H', 'W'))
    parser.add_argument('--out', required=True, metavar='FILE', help='figure')
    args = parser.parse_args()
    speed = frames_per_second(args.speed, args.shape)
    quality = json.loads(Path(args.quality).read_text(encoding='utf-8'))['summary']
    if unknown := quality.keys() - speed.keys():
        parser.error(f'no row of {args.shape} is named {", ".join(sorted(unknown))}')
    draw({name: (speed[name], means) for name, means in quality.items()}, args)


if __name__ == '__main__':
    run(main)
