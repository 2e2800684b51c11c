"""Draw images of several folders in one figure: a row for each pair, a column for each folder."""

import argparse

from bffr.commands.arguments import by_name, named_folder
from bffr.commands.configs import config_file
from bffr.errors import UsageError


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('out', metavar='OUT', help='image file to write, such as .png or .pdf')
    parser.add_argument(
        '--images',
        nargs='+',
        required=True,
        type=named_folder,
        metavar='TITLE=DIR',
        help='columns of images, each with a title and a folder',
    )
    parser.add_argument(
        '--labels',
        nargs='+',
        default=[],
        type=named_folder,
        metavar='TITLE=DIR',
        help='columns of label maps, drawn in colours after the images, with a legend',
    )
    parser.add_argument(
        '--difference',
        nargs=3,
        action='append',
        default=[],
        metavar=('TITLE', 'DIR', 'MINUS_DIR'),
        help='column of differences, drawn last: luma of DIR minus luma of MINUS_DIR. May be '
        'repeated. Use images of `bffr fuse --stretch none`, because the default stretches each '
        'image differently',
    )
    parser.add_argument(
        '--names',
        nargs='+',
        metavar='NAME',
        help='names of pairs to draw (default: all of the first folder)',
    )
    parser.add_argument(
        '--mark',
        nargs='+',
        default=[],
        metavar='CLASS',
        help='draw boxes around objects of these classes, such as person car',
    )
    parser.add_argument(
        '--mark-in',
        metavar='DIR',
        help='folder of label maps in which to find the objects of --mark',
    )
    parser.add_argument(
        '--config',
        type=config_file,
        metavar='C',
        help="config whose training set names classes and colours of the labels (default: MFNet's)",
    )
    return parser


def main(args: argparse.Namespace) -> None:
    if bool(args.mark) != bool(args.mark_in):
        raise UsageError('--mark and --mark-in need each other')
    images = by_name(args.images)
    labels = by_name(args.labels)
    differences = by_name([(title, folders) for title, *folders in args.difference])
    from bffr.figures import draw_folders
    from bffr.with_torch import with_torch

    metainfo = args.config and with_torch('apis.config').classes_of(args.config)
    marks = dict(marked=args.mark, marked_in=args.mark_in)
    draw_folders(args.out, images, labels, args.names, differences, **marks, metainfo=metainfo)
