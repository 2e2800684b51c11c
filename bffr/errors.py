"""The exceptions that mean: what the user gave is wrong, not the program."""

import re
from importlib.util import find_spec


class InputError(ValueError):
    """A wrong file, pair, label, checkpoint or option.

    The message is one sentence that names the file or option and says what to do. The command
    lines print it without a traceback and exit with status 1; the Python API raises it.
    """


class UsageError(InputError):
    """Options that contradict one another, or lack one; the command lines exit with status 2."""


class Interrupted(KeyboardInterrupt):
    """Ctrl-C ended a run, and what it had done is kept; the message says so.

    The command lines print it and exit with status 130.
    """


def out_of_memory(error: Exception) -> str | None:
    """What to tell the user where numpy, OpenCV or an engine got no memory; None elsewhere."""
    asked = re.search(
        r'(?:tried|unable|failed) to allocate (?:memory for requested buffer of size )?'
        r'([\d.]+(?: [kKMGT]?i?B(?:ytes)?\b)?)',
        str(error),
        re.IGNORECASE,
    )
    if asked or isinstance(error, MemoryError):
        size = f', asked for {asked[1]}{" bytes" * asked[1].isdigit()}' if asked else ''
        return f'memory ran out{size}; take smaller images, batches or models.'
    return None


def require_installed(*modules: str, extra: str) -> None:
    """Check that modules are installed.

    Raises:
        InputError: One is not, with the extra of this package to install.
    """
    for name in modules:
        if find_spec(name) is None:
            raise InputError(
                f"{name} is not installed; install it with `pip install 'bffr[{extra}]'`."
            )
