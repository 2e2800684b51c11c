"""Checkpoints from http(s) addresses."""

import hashlib
import os
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlparse

import torch
from mmengine.dist import barrier, is_main_process

from bffr.errors import InputError
from mmseg_bffr.checkpoints.reading import load_from_file


def load_from_url(url: str, map_location=None) -> dict:
    """Read a checkpoint from an http(s) address, as `load_from_file` does; downloaded once.

    It is kept in torch's `hub/checkpoints` under its name and the hash of the whole address.

    Raises:
        InputError: It cannot be downloaded, or as `load_from_file`.
    """
    name = f'{hashlib.sha256(url.encode()).hexdigest()[:16]}_{Path(urlparse(url).path).name}'
    cached = Path(torch.hub.get_dir(), 'checkpoints', name)
    if not is_main_process():
        barrier()  # the main process downloads first
    if not cached.exists():
        _download(url, cached)
    if is_main_process():
        barrier()
    return load_from_file(cached, map_location)


def _download(url: str, path: Path) -> None:
    """Download a checkpoint; read it, too, as torch takes a lost connection for the end."""
    partial = path.with_name(f'{path.name}.{os.getpid()}.partial')
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.hub.download_url_to_file(url, str(partial))
        load_from_file(partial, 'cpu')
        partial.replace(path)
    except (OSError, HTTPException) as error:
        raise InputError(f'{url}: cannot be downloaded ({error}).') from None
    except InputError as error:
        raise InputError(str(error).replace(str(partial), url)) from None
    finally:
        partial.unlink(missing_ok=True)
