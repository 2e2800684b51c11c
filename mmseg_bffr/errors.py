"""The exception for users' mistakes, which the runtime raises, too."""

from importlib.util import find_spec

from bffr_runtime.errors import InputError

__all__ = ['InputError', 'require_installed']


def require_installed(*modules: str, extra: str) -> None:
    """Check that modules are installed.

    Raises:
        InputError: One is not, with the extra of this package to install.
    """
    for name in modules:
        if find_spec(name) is None:
            raise InputError(
                f'{name} is not installed; install it with `pip install "mmseg-bffr[{extra}]"`.'
            )
