"""The one exception that means: what the user gave is wrong, not the program."""


class InputError(ValueError):
    """A wrong file, pair, label, checkpoint or option.

    The message is one sentence that names the file or option and says what to do. The command
    lines print it without a traceback and exit with status 1; the Python API raises it.
    """
