"""The exceptions that mean: what the user gave is wrong, not the program."""

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
