"""What is said once a process, of the first file that it is true of."""

import logging

_LOG = logging.getLogger('bffr')
_said = set()


def say_once(what: str, message: str, level: int = logging.INFO) -> None:
    """Log `message` unless something was said of `what` before."""
    if what not in _said:
        _said.add(what)
        _LOG.log(level, message)
