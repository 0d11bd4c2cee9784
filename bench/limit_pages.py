"""The limit of a course's pages: the service's own statements by the plain driver, on bare ASGI.

A script says which statements each request takes, with their values; what the last one gives
goes out as JSON. One transaction a request, no layers, no checks, no log.
"""

import argparse
import asyncio
import pickle
import socket
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import uvicorn
import uvloop

NAME = "twosigma-limit"
"""By which its connections are known in the database."""
CONNECTIONS = 8
HEADERS = [(b"content-type", b"application/json")]

Statements = Sequence[tuple[str, tuple[Any, ...]]]
Script = dict[tuple[str, str], Statements]
"""By path and token."""
Run = Callable[[Statements], Awaitable[Sequence[Any]]]

_encoder = msgspec.json.Encoder(enc_hook=str)


def is_write(statements: Statements) -> bool:
    return any(text.startswith("INSERT") for text, _ in statements)


async def on_sqlite(database: str) -> Run:
    """One thread, one connection: reads wait for nobody here, writes for one another anyway."""
    thread = ThreadPoolExecutor(1)
    path = database.removeprefix("sqlite:///")
    loop = asyncio.get_running_loop()
    connection = await loop.run_in_executor(thread, _connect, path)

    def work(statements: Statements) -> Sequence[Any]:
        rows: list[Any] = []
        connection.execute("BEGIN IMMEDIATE" if is_write(statements) else "BEGIN")
        for text, values in statements:
            rows = connection.execute(text, values).fetchall()
        connection.execute("COMMIT")
        return rows

    return lambda statements: loop.run_in_executor(thread, work, statements)


def _connect(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, timeout=5)
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


async def on_postgres(database: str) -> Run:
    pool = await asyncpg.create_pool(
        database, min_size=CONNECTIONS, max_size=CONNECTIONS,
        server_settings={"application_name": NAME},
    )  # fmt: skip

    async def work(statements: Statements) -> Sequence[Any]:
        rows: list[Any] = []
        async with pool.acquire() as connection, connection.transaction():
            for text, values in statements:
                rows = await connection.fetch(text, *values)
        return [tuple(row) for row in rows]

    return work


def application(script: Script, database: str) -> Any:
    run: list[Run] = []

    async def serve(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await receive()
            opened = on_sqlite if database.startswith("sqlite") else on_postgres
            run.append(await opened(database))
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        token = next(value for name, value in scope["headers"] if name == b"authorization")
        await receive()
        body = _encoder.encode(await run[0](script[scope["path"], token.decode()]))
        headers = [*HEADERS, (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return serve


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("database")
    options.add_argument("script", type=Path)
    given = options.parse_args()
    script = pickle.loads(given.script.read_bytes())  # noqa: S301 -- the benchmark's own file
    listener = socket.create_server(("127.0.0.1", 0), backlog=2_048)
    listener.setblocking(False)  # noqa: FBT003  # the standard library's only form
    config = uvicorn.Config(
        application(script, given.database), http="httptools", ws="none", loop="none",
        lifespan="on", access_log=False, server_header=False, log_level="warning",
    )  # fmt: skip
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(uvicorn.Server(config).serve(sockets=[listener]))


if __name__ == "__main__":
    main()
