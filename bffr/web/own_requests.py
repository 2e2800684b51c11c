"""Serving this machine's own page alone: other sites that a browser shows cannot use it."""

import contextlib
import ipaddress
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send


class OwnRequests:
    """A middleware that refuses, with status 403, what does not come from the page itself.

    A request's `Host` must be an address, `localhost`, this machine's name or one of `names`: a
    name that somebody else made point here is a way around the browser's own rules (DNS rebinding).
    Its `Origin`, if it has one, must be that host.
    """

    def __init__(self, app: ASGIApp, names: Iterable[str] = ()):
        self._app = app
        own = socket.gethostname()
        self._names = {name.lower() for name in ('localhost', own, f'{own}.local', *names)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, as ASGI has it."""
        if scope['type'] in ('http', 'websocket'):
            headers = Headers(scope=scope)
            host, origin = headers.get('host', ''), headers.get('origin')
            if not self._is_own(host) or (origin and urlsplit(origin).netloc != host):
                refusal = PlainTextResponse('This page answers its own requests alone.', 403)
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _is_own(self, host: str) -> bool:
        with contextlib.suppress(ValueError):
            name = urlsplit(f'//{host}').hostname or ''
            return name in self._names or bool(ipaddress.ip_address(name))
        return False
