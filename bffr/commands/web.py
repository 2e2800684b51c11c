"""Open a web page to fuse pairs, look at them, and align cameras by clicking; Ctrl-C closes it."""

import argparse
import signal

from bffr.commands.arguments import count


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        '--host',
        default='127.0.0.1',
        metavar='ADDRESS',
        help='where the page is served; 0.0.0.0 shows it to the whole network (default: '
        '127.0.0.1, this machine only)',
    )
    parser.add_argument(
        '--port',
        type=int,
        metavar='N',
        help='port of the page (default: the first free one from 7860)',
    )
    parser.add_argument(
        '--names',
        nargs='+',
        default=[],
        metavar='NAME',
        help='further names by which browsers may ask for the page, such as that of a proxy; '
        "addresses, localhost and this machine's name always work, other names never",
    )
    parser.add_argument(
        '--engine',
        choices=['onnxruntime', 'openvino', 'torch'],
        help='what runs the models (default: onnxruntime); torch runs all of them',
    )
    parser.add_argument('--device', metavar='D', help='where the engine runs, see `bffr fuse`')
    parser.add_argument(
        '--max-megabytes',
        type=count,
        default=20,
        metavar='N',
        help='larger files are refused (default: 20)',
    )
    parser.add_argument(
        '--max-megapixels',
        type=float,
        default=4,
        metavar='N',
        help='larger images are refused (default: 4)',
    )
    return parser


def main(args: argparse.Namespace) -> None:
    from bffr.web.serving import serve

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    serve(**vars(args))
