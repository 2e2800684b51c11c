"""Running a command, and how a user's mistake ends it."""

import argparse
import errno
import io
import logging
import os
import re
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import ModuleType

from bffr.errors import InputError, UsageError, out_of_memory

_NO_USER_CAN_ACT_ON = (
    'Fail to import ``MultiScaleDeformableAttention``',  # mmcv
    'Default ``avg_non_ignore`` is False',  # mmsegmentation
    'This DataLoader will create',  # torch, of more workers than CPUs
)
"""How warnings begin that are not shown."""

_REFUSED = errno.EACCES, errno.EPERM, errno.ENAMETOOLONG


def run_command(
    command: ModuleType, words: Sequence[str] | None = None, prog: str | None = None
) -> None:
    """Run a command of `bffr`; an error of usage ends it with exit status 2, another as `run` does.

    Args:
        command: A module of this package: its `main` gets what its `make_parser()` parses.
        words: The command line, by default that of this process.
        prog: The command's name in messages, by default that of this process.
    """
    parser = command.make_parser()
    parser.prog = prog or parser.prog
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    with ends_with_its_reader():
        _run_command(command, parser, words)


@contextmanager
def ends_with_its_reader() -> Iterator[None]:
    """A context that ends the program quietly, with exit status 141, once nobody reads its output.

    That is what the shell tells of programs that such a pipe kills (`bffr ... | head`).
    """
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for the flush at exit
        sys.exit(141)


def _run_command(
    command: ModuleType, parser: argparse.ArgumentParser, words: Sequence[str] | None
) -> None:
    args = parser.parse_args(words)
    for name, value in vars(args).items():
        if value == '':  # of a shell's variable that is not set; as a path it would be this folder
            parser.error(f'{name.replace("_", "-")}: is empty')
    if str(getattr(args, 'device', None)).lower() == 'cpu':
        os.environ['CUDA_VISIBLE_DEVICES'] = ''  # hides the GPUs, which must precede torch's import
    try:
        run(lambda: command.main(args))
    except UsageError as error:
        parser.error(str(error))


def run(main: Callable[[], None]) -> None:
    """Run a program; a user's mistake ends it with one sentence and exit status 1, Ctrl-C with 130.

    Raises:
        UsageError, BrokenPipeError: As `main` does.
    """
    _show_log()
    warnings.showwarning = _show_warning
    for message in _NO_USER_CAN_ACT_ON:
        warnings.filterwarnings('ignore', message=message)
    try:
        main()
    except (UsageError, BrokenPipeError):
        raise
    except KeyboardInterrupt as error:
        _say(str(error) or 'stopped by Ctrl-C.')
        sys.exit(130)
    except Exception as error:
        sentence = _sentence(error)
        if sentence is None:
            raise
        _say(f'error: {sentence}')
        sys.exit(1)


def _say(sentence: str) -> None:
    from tqdm import tqdm

    tqdm.write(sentence, file=sys.stderr)  # not into a progress bar


def _show_log() -> None:
    """What the package logs goes to the screen, not into a progress bar.

    A letter that the terminal cannot show becomes a question mark.
    """
    from tqdm import tqdm

    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors='replace')

    class Screen(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            kind = '' if record.levelno <= logging.INFO else f'{record.levelname.lower()}: '
            tqdm.write(f'{kind}{record.getMessage()}', sys.stderr)

    logging.getLogger('bffr').handlers = [Screen(logging.INFO)]
    logging.getLogger('bffr').setLevel(logging.INFO)


def _show_warning(message: Warning, *_) -> None:
    """In one line, without the place in the program, and not into a progress bar."""
    from tqdm import tqdm

    tqdm.write(f'warning: {" ".join(str(message).split())}', file=sys.stderr)


def _sentence(error: Exception) -> str | None:
    """What to tell the user; None if the program is wrong, not the user."""
    if isinstance(error, InputError):
        # Out of a data loader's worker, the sentence follows a traceback.
        return str(error).rpartition('InputError: ')[2].strip()
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f'{error.filename or "a result"}: cannot be written ({error.strerror}); make room.'
    if isinstance(error, OSError) and error.errno in _REFUSED:
        return f'{error.filename}: cannot be read or written ({error.strerror}).'
    if sentence := out_of_memory(error):
        return sentence
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
