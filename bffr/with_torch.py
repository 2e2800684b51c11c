"""The one way from here to `mmseg_bffr`: what needs torch and mmsegmentation."""

from importlib import import_module
from types import ModuleType

from bffr.errors import InputError

_BROUGHT = {'torch', 'torchvision', 'mmengine', 'mmcv', 'mmseg', 'mmseg_bffr'}


def with_torch(module: str) -> ModuleType:
    """Import `mmseg_bffr.MODULE`.

    Raises:
        InputError: Something that the extra `mmseg` brings is not installed.
    """
    try:
        return import_module(f'mmseg_bffr.{module}')
    except ModuleNotFoundError as error:
        if error.name not in _BROUGHT:
            raise
        raise InputError(
            f'this needs torch and mmsegmentation, but {error.name} is not installed; run '
            f"`pip install 'bffr[mmseg]'`."
        ) from None
