"""Draw what several folders hold for the same pairs: a row a pair, a column a folder."""

import argparse

from arguments import named_folder, parse, run


def main():
    """Parse the command line and draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('out', metavar='OUT', help='image file to write, e.g. .png or .pdf')
    parser.add_argument(
        '--images', nargs='+', required=True, type=named_folder, metavar='TITLE=DIR'
    )
    parser.add_argument(
        '--labels',
        nargs='+',
        default=[],
        type=named_folder,
        metavar='TITLE=DIR',
        help="folders of label maps, drawn last, in MFNet's colours",
    )
    parser.add_argument(
        '--names', nargs='+', metavar='NAME', help='pairs (default: all of the first folder)'
    )
    args = parse(parser)
    from mmseg_bffr.visualization import draw_folders

    draw_folders(args.out, dict(args.images), dict(args.labels), args.names)


if __name__ == '__main__':
    run(main)
