"""Serve an ASGI application over HTTP, and stop in order."""

import asyncio
import gc
import signal
import socket
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import uvicorn

BACKLOG = 2_048
_LINGER_SECONDS = 5
"""How long, when the drain is over, an open connection may take to read its last bytes."""


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; raises OSError where the address is taken or none of ours."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, _, _, _, address = found[0]
    listener = socket.create_server(
        address[:2], family=family, backlog=BACKLOG, dualstack_ipv6=False
    )
    listener.setblocking(False)  # noqa: FBT003 -- the standard library's only form
    return listener


def address_of(listener: socket.socket) -> str:
    """Where to reach it, as a URL without a path."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


async def serve(
    app: Any,
    listener: socket.socket,
    *,
    on_ready: Callable[[], None],
    on_stop: Callable[[], Awaitable[None]],
    proxies: Sequence[str],
    beside: Callable[[], Coroutine[None, None, None]],
) -> None:
    """Serve until SIGTERM or SIGINT, then let running answers end and come back.

    `on_ready` is called when connections are taken; `on_stop` is awaited first when it is to
    stop, while all that runs still goes on. `proxies`: addresses and networks whose
    X-Forwarded-For and -Proto are believed. A second SIGINT waits for nothing. `beside` runs
    as long as the server does.
    """
    config = uvicorn.Config(
        app,
        lifespan="on",
        loop="none",
        http="httptools",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=list(proxies),
        timeout_graceful_shutdown=_LINGER_SECONDS,
        backlog=BACKLOG,
    )
    async with asyncio.TaskGroup() as group:
        other = group.create_task(beside())
        await _Server(config, on_ready, on_stop).serve(sockets=[listener])
        other.cancel()


class _Server(uvicorn.Server):
    def __init__(
        self,
        config: uvicorn.Config,
        on_ready: Callable[[], None],
        on_stop: Callable[[], Awaitable[None]],
    ) -> None:
        super().__init__(config)
        self._on_ready = on_ready
        self._on_stop = on_stop

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        _tune_collector()
        self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        async with asyncio.TaskGroup() as group:
            draining = group.create_task(self._drain())
            while not draining.done() and not self.force_exit:
                await asyncio.wait({draining}, timeout=0.1)
            draining.cancel()
        await super().shutdown(sockets)

    async def _drain(self) -> None:
        await self._on_stop()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        # As uvicorn's own, but for its end: that raises the signal again, and the process would
        # die of it where it is to exit with 0.
        kept = {
            number: signal.signal(number, self.handle_exit)
            for number in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            yield
        finally:
            for number, handler in kept.items():
                signal.signal(number, handler)


def _tune_collector() -> None:
    """What is there when the service begins stays there: the collector need not look at it again,
    nor come by after every 700 new objects (an eighth of a cached turn; docs/benchmarks.md)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)
