"""The exception for users' mistakes, which the runtime raises, too."""

from bffr_runtime.errors import InputError

__all__ = ['InputError']
