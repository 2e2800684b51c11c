"""What the command lines share: options, and how a user's mistake ends them."""

import argparse
import errno
import os
import re
import sys


def config_parser(description):
    """A parser with CONFIG and the options that every command with a config has."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument('config', metavar='CONFIG', help='config file')
    parser.add_argument(
        '--work-dir', metavar='D', help='for logs and results (default: work_dirs/<config name>)'
    )
    device = parser.add_mutually_exclusive_group()
    device.add_argument('--gpu-id', type=int, metavar='N', help='CUDA device N, if there is one')
    device.add_argument('--device', metavar='D', help='cpu or cuda:N')
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        default=(),
        metavar='KEY=VALUE',
        help='override the config, e.g. train_dataloader.batch_size=2 model.fuser.init_cfg=None; '
        'lists as key="[a,b]" or key=a,b',
    )
    parser.add_argument('--launcher', choices=['none', 'pytorch', 'slurm', 'mpi'], help='of jobs')
    return parser


def training_parser(description):
    """The parser of both training phases."""
    parser = config_parser(description)
    start = parser.add_mutually_exclusive_group()
    start.add_argument('--load-from', metavar='F', help='checkpoint with weights to start from')
    start.add_argument('--resume-from', metavar='F', help='checkpoint of a training to go on with')
    parser.add_argument(
        '--auto-resume', action='store_true', help='go on from the latest checkpoint, if any'
    )
    parser.add_argument(
        '--no-validate', action='store_true', help='no validation, no images during training'
    )
    parser.add_argument('--seed', type=int, metavar='N', help='random seed')
    parser.add_argument('--deterministic', action='store_true', help='deterministic algorithms')
    parser.add_argument('--amp', action='store_true', help='mixed precision')
    return parser


def named_folder(text):
    """Split NAME=DIR, a type for `add_argument`."""
    name, equals, folder = text.partition('=')
    if not (name and equals and folder):
        raise argparse.ArgumentTypeError(f'{text!r} is not NAME=DIR')
    return name, folder


def by_name(parser, pairs):
    """Make a dict of (name, value) pairs; a name given twice is an error of usage."""
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            parser.error(f'{name!r} is given twice; each needs a name of its own')
    return dict(pairs)


def parse(parser):
    """Parse the command line; `--device cpu` hides the GPUs, which must precede torch's import."""
    args = parser.parse_args()
    if getattr(args, 'device', None) == 'cpu':
        os.environ['CUDA_VISIBLE_DEVICES'] = ''
    return args


def run(main):
    """Run a command; a user's mistake ends it with one sentence and exit status 1."""
    try:
        main()
    except (ValueError, TypeError, OSError, KeyError) as error:
        sentence = _sentence(error)
        if sentence is None:
            raise
        from tqdm import tqdm

        tqdm.write(f'error: {sentence}', file=sys.stderr)  # not into a progress bar
        sys.exit(1)


def _sentence(error):
    """What to tell the user; None if the program is wrong, not the user."""
    from mmseg_bffr.errors import InputError

    if isinstance(error, InputError):
        # Out of a data loader's worker, the sentence follows a traceback.
        return str(error).rpartition('InputError: ')[2].strip()
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f'{error.filename or "a result"}: cannot be written ({error.strerror}); make room.'
    if isinstance(error, KeyError):
        missing = re.match(r'(\S+) is not in the (\S+) registry', str(error.args[0]))
        return missing and (
            f'the config asks for type {missing[1]}, which is not in the {missing[2]} registry; '
            f'correct its name, or name its module in custom_imports.'
        )
    unknown = re.search(r"unexpected keyword argument '(\w+)'", str(error))
    if unknown and any(f'{unknown[1]}=' in word for word in sys.argv):
        return f'--cfg-options: nothing there is called {unknown[1]} ({error}).'
    return None
