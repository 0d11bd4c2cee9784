"""Engines over a database's URL: SQLite made strict, PostgreSQL given limits.

SQLite: foreign keys, WAL, and our own BEGIN (IMMEDIATE for writers, who would else lose updates;
readers cannot write at all). PostgreSQL: a read is one REPEATABLE READ, READ ONLY snapshot, a
write is READ COMMITTED; statements and lock waits end by themselves.
"""

import json
from typing import Any

from msgspec import Struct
from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from twosigma.adapters.sql.gate import QUEUE_SECONDS

_SQLITE = frozenset({"sqlite", "sqlite+aiosqlite"})
_POSTGRES = frozenset({"postgres", "postgresql", "postgresql+asyncpg"})
_SYNCHRONOUS = frozenset({"OFF", "NORMAL", "FULL", "EXTRA"})

WAIT_SECONDS = 5
"""How long a caller waits for a connection, or SQLite for another process's write."""
SERVER_SETTINGS = {
    "application_name": "twosigma",
    "statement_timeout": "5000",
    "lock_timeout": "2000",
    "timezone": "UTC",
}
CLIENT_TIMEOUT = 10
"""Seconds after which a silent server is given up (the server's own limits come first)."""


class Engines(Struct, frozen=True, kw_only=True):
    """The engine to read with and the one to write with."""

    reader: AsyncEngine
    writer: AsyncEngine


def normalized(url: str) -> URL:
    """The URL with its async driver: `sqlite:///PATH`, `postgresql://…`, with or without one.

    Raises ValueError (which does not hold the password) for any other.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ValueError("not a database URL: sqlite:///PATH or postgresql://…") from None
    if parsed.drivername in _SQLITE:
        if parsed.database in {None, "", ":memory:"} or parsed.query:
            raise ValueError("a SQLite URL names a file and nothing else: sqlite:///PATH")
        return parsed.set(drivername="sqlite+aiosqlite")
    if parsed.drivername in _POSTGRES:
        return parsed.set(drivername="postgresql+asyncpg")
    raise ValueError(f"no database of the kind {parsed.drivername!r}: sqlite or postgresql")


def is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def sqlite_path(url: URL) -> str:
    """The file of a normalised SQLite URL."""
    return str(url.database)


def postgres_dsn(url: URL) -> str:
    """The same database for asyncpg itself, password included."""
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def to_json(value: object) -> str:
    """Compact JSON; keys keep their order, text stays readable."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def open_engines(url: URL, *, synchronous: str, pool_size: int) -> Engines:
    """Engines for a normalised URL; no connection is made yet."""
    if is_sqlite(url):
        require_synchronous(synchronous)
        reader = _sqlite_engine(url, "BEGIN", pool_size, ["query_only=ON"])
        writer = _sqlite_engine(url, "BEGIN IMMEDIATE", 1, [f"synchronous={synchronous}"])
        return Engines(reader=reader, writer=writer)
    engine = postgres_engine(url, pool_size=pool_size, settings=SERVER_SETTINGS)
    snapshot = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return Engines(reader=snapshot, writer=engine)


def require_synchronous(synchronous: str) -> None:
    """Raise ValueError unless SQLite knows this mode."""
    if synchronous not in _SYNCHRONOUS:
        raise ValueError(f"synchronous is one of {', '.join(sorted(_SYNCHRONOUS))}")


def sqlite_pragmas(extra: list[str]) -> list[str]:
    """What every connection to SQLite is told first."""
    common = [f"busy_timeout={WAIT_SECONDS * 1000}", "journal_mode=WAL", "foreign_keys=ON"]
    return [f"PRAGMA {pragma}" for pragma in [*common, *extra]]


def _sqlite_engine(url: URL, begin: str, pool_size: int, pragmas: list[str]) -> AsyncEngine:
    engine = create_async_engine(
        url, pool_size=pool_size, max_overflow=0, pool_timeout=QUEUE_SECONDS,
        connect_args={"isolation_level": None, "timeout": WAIT_SECONDS}, json_serializer=to_json,
        hide_parameters=True,
    )  # fmt: skip

    @event.listens_for(engine.sync_engine, "connect")
    def make_strict(connection: Any, _record: object) -> None:
        for pragma in sqlite_pragmas(pragmas):
            connection.execute(pragma)

    @event.listens_for(engine.sync_engine, "begin")
    def begin_ourselves(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def postgres_engine(
    url: URL,
    *,
    pool_size: int,
    settings: dict[str, str],
    client_timeout: float | None = CLIENT_TIMEOUT,
) -> AsyncEngine:
    """An engine over asyncpg; READ COMMITTED is PostgreSQL's own default, and said here."""
    query = dict(url.query)
    if "sslmode" in query:
        query["ssl"] = query.pop("sslmode")
    return create_async_engine(
        url.set(query=query), pool_size=pool_size, max_overflow=pool_size,
        pool_timeout=QUEUE_SECONDS, isolation_level="READ COMMITTED", json_serializer=to_json,
        hide_parameters=True,
        connect_args={
            "timeout": WAIT_SECONDS, "command_timeout": client_timeout,
            "server_settings": settings,
        },
    )  # fmt: skip
