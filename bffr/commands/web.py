"""Open a web page to fuse pairs, look at them, and align cameras by clicking.

Press Ctrl-C to close it.
"""

import argparse
import signal

from bffr.commands.arguments import count


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        '--host',
        default='127.0.0.1',
        metavar='ADDRESS',
        help='address to serve the page at (default: 127.0.0.1, for this machine only); 0.0.0.0 '
        'shows it to the whole network',
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
        help="other names that this machine has in a browser's address bar, such as a proxy's; "
        "addresses, localhost and the machine's own name always work",
    )
    parser.add_argument(
        '--model',
        nargs='+',
        default=[],
        metavar='DIR',
        dest='models',
        help='your own models, which `bffr export` wrote; offered before those of the zoo',
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
        help='refuse larger files (default: 20)',
    )
    parser.add_argument(
        '--max-megapixels',
        type=float,
        default=4,
        metavar='N',
        help='refuse larger images (default: 4)',
    )
    return parser


def main(args: argparse.Namespace) -> None:
    from bffr.web.serving import serve

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    serve(**vars(args))
