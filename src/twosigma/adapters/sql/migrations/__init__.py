"""The database's schema, step by step; run from here, without an alembic.ini.

Each call is one transaction that holds a lock: of two processes the second waits, and one that
is killed half-way leaves nothing.
"""

import asyncio
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, create_engine, event, text

from twosigma.adapters.sql.engine import is_sqlite, normalized, postgres_engine, sqlite_path
from twosigma.adapters.sql.failures import told

T = TypeVar("T")

_LOCK = text("SELECT pg_advisory_xact_lock(7361001)")
_WAIT_SECONDS = 60


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database to a revision, making SQLite's file and folder where they are missing.

    Blocks; in an event loop, call it in a thread. Raises ValueError for an unknown kind of URL,
    Unavailable while the database cannot be reached.
    """
    known = normalized(url)
    if is_sqlite(known):
        Path(sqlite_path(known)).parent.mkdir(parents=True, exist_ok=True)
    _run(known, lambda connection: command.upgrade(_config(connection), revision))


def downgrade(url: str, revision: str) -> None:
    """Go back to a revision (`base`: no tables at all). Blocks, and raises as `upgrade`."""
    _run(normalized(url), lambda connection: command.downgrade(_config(connection), revision))


def current(url: str) -> str | None:
    """The revision the database is at; None where it has none (or no file)."""
    known = normalized(url)
    if is_sqlite(known) and not Path(sqlite_path(known)).exists():
        return None
    return _run(
        known, lambda connection: MigrationContext.configure(connection).get_current_revision()
    )


@cache
def head() -> str:
    """The newest revision that this program knows."""
    newest = ScriptDirectory.from_config(_config(None)).get_current_head()
    if newest is None:
        raise RuntimeError("the migrations are not installed with the package")
    return newest


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", "twosigma.adapters.sql:migrations")
    config.attributes["connection"] = connection
    return config


def _run(url: URL, work: Callable[[Connection], T]) -> T:
    with told():
        if is_sqlite(url):
            return _run_sqlite(url, work)
        return asyncio.run(_run_postgres(url, work))


def _run_sqlite(url: URL, work: Callable[[Connection], T]) -> T:
    engine = create_engine(
        url.set(drivername="sqlite"),
        connect_args={"isolation_level": None, "timeout": _WAIT_SECONDS},
    )

    # Foreign keys stay off, as SQLite's way of changing a table demands; they are checked below.
    @event.listens_for(engine, "connect")
    def use_wal(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA journal_mode=WAL")

    @event.listens_for(engine, "begin")
    def begin_ourselves(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    try:
        with engine.begin() as connection:
            done = work(connection)
            if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
                raise RuntimeError("the migration would leave rows that refer to nothing")
            return done
    finally:
        engine.dispose()


async def _run_postgres(url: URL, work: Callable[[Connection], T]) -> T:
    # No limits here but for connecting: a migration may take its time.
    engine = postgres_engine(url, pool_size=1, settings={"timezone": "UTC"}, client_timeout=None)
    try:
        async with engine.begin() as connection:
            await connection.execute(_LOCK)
            return await connection.run_sync(work)
    finally:
        await engine.dispose()
