"""How a device is named, whatever engine runs on it."""

import re

from bffr.errors import InputError


def device_name(device: object) -> str | None:
    """One spelling of a device: `cpu`, `cuda`, `cuda:1`, ...; None stays.

    Raises:
        InputError: It is no name, or a number follows `cpu`, of which there is one.
    """
    if device is None:
        return None
    name = str(device).lower()
    if not re.fullmatch(r'(?!cpu:)[a-z]+(:\d+)?', name):
        raise InputError(
            f'device {str(device)!r}: is not a device; give a name such as cpu or cuda, or one '
            f'with a number such as cuda:1.'
        )
    return name
