"""Serving the page until it is interrupted, out of a temporary folder."""

import os
import tempfile
from collections.abc import Sequence

from bffr.errors import InputError, require_installed

_WAITING = 64  # requests, at most; more are told to try again


def serve(
    host: str = '127.0.0.1',
    port: int | None = None,
    engine: str | None = None,
    device: str | None = None,
    max_megabytes: int = 20,
    max_megapixels: float = 4,
    names: Sequence[str] = (),
    models: Sequence[str] = (),
) -> None:
    """Serve the page until KeyboardInterrupt; files live in a temporary folder, which then goes.

    Requests wait in a queue, as one model runs at a time.

    Args:
        host: Address to serve at; by default only this machine sees the page.
        port: By default the first free one from 7860.
        engine, device: Of the models, see `bffr.load`; `torch` for those of the zoo without
            exported ones.
        max_megabytes: Of a file.
        max_megapixels: Of an image.
        names: By which browsers may ask for the page, besides addresses, `localhost` and this
            machine's name.
        models: Folders that `bffr export` wrote, offered before the zoo's models.

    Raises:
        InputError: Gradio is not installed, there is no such model, engine or device, or no free
            port.
    """
    require_installed('gradio', extra='web')
    with tempfile.TemporaryDirectory(prefix='bffr-web-') as folder:
        max_pixels = int(max_megapixels * 1e6)
        # Gradio and OpenCV read these when they are imported.
        os.environ.update(
            GRADIO_TEMP_DIR=folder,
            GRADIO_ANALYTICS_ENABLED='False',
            GRADIO_RUN_HISTORY='False',
            OPENCV_IO_MAX_IMAGE_PIXELS=str(max_pixels),  # of what is decoded, whatever is declared
        )
        from starlette.middleware import Middleware

        from bffr.web.own_requests import OwnRequests
        from bffr.web.page import EXAMPLES, make_page

        page = make_page(models, engine, device, max_pixels).queue(max_size=_WAITING)
        try:
            page.launch(
                server_name=host,
                server_port=port,
                max_file_size=f'{max_megabytes}mb',
                allowed_paths=[str(EXAMPLES)],
                share=False,
                ssr_mode=False,
                app_kwargs={'middleware': [Middleware(OwnRequests, names=names)]},
            )
        except (OSError, OverflowError):
            where = f'--host {host}' + (f' --port {port}' if port else '')
            raise InputError(
                f'{where}: the page cannot be served there; choose another --host or --port.'
            ) from None
