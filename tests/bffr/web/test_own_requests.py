"""Requests of other sites, and by names that others made point here."""

import asyncio
import socket

import pytest

pytest.importorskip('starlette', reason='gradio (the extra `web`) is not installed')
from bffr.web.own_requests import OwnRequests

OWN = socket.gethostname().lower()


@pytest.fixture
def answer():
    """Status of a request with a `Host` and, perhaps, an `Origin`."""

    async def page(scope, receive, send):
        await send({'type': 'http.response.start', 'status': 200, 'headers': []})

    def answer(host, origin=None):
        statuses = []

        async def send(message):
            statuses.extend([message['status']] if 'status' in message else [])

        headers = [(b'host', host.encode())] + ([(b'origin', origin.encode())] if origin else [])
        scope = {'type': 'http', 'method': 'POST', 'path': '/', 'headers': headers}
        asyncio.run(OwnRequests(page, ['Proxy.example'])(scope, None, send))
        return statuses[0]

    return answer


@pytest.mark.parametrize(
    'host',
    ['127.0.0.1:7860', 'localhost:7860', 'LOCALHOST', '[::1]:7860', '192.168.0.7', OWN,
     f'{OWN}.local:1', 'proxy.example'],
)  # fmt: skip
def test_own_names_are_answered_to_their_own_page(answer, host):
    assert answer(host) == 200
    assert answer(host, f'http://{host}') == 200
    assert answer(host, 'https://evil.example') == 403
    assert answer(host, 'null') == 403


@pytest.mark.parametrize(
    'host',
    ['evil.example:7860', 'localhost.evil.example', '127.0.0.1.evil.example', '', '[::1', '1.2.3'],
)
def test_other_names_are_refused(answer, host):
    assert answer(host) == 403
    assert answer(host, f'http://{host}') == 403
