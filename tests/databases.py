"""Databases made for tests: `twosigma_test_…` on PostgreSQL, files on SQLite; only those go."""

import asyncio
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
from sqlalchemy import make_url

from twosigma.adapters.sql.migrations import upgrade
from twosigma.adapters.sql.schema import metadata

DEFAULT_POSTGRES = "postgresql://postgres@127.0.0.1:5432/postgres"
DEFAULT_REDIS = "redis://127.0.0.1:6379/0"


def postgres_url() -> str:
    """The server on which test databases are made."""
    return os.environ.get("TWOSIGMA_TEST_POSTGRES", DEFAULT_POSTGRES)


def redis_address() -> tuple[str, int]:
    """Host and port of the server for shared flights."""
    url = make_url(os.environ.get("TWOSIGMA_TEST_REDIS", DEFAULT_REDIS))
    return url.host or "127.0.0.1", url.port or 6379


def required() -> frozenset[str]:
    """The services that must be there: without them tests fail instead of being skipped."""
    return frozenset(filter(None, os.environ.get("TWOSIGMA_TEST_REQUIRE", "").split(",")))


def fresh_name() -> str:
    return f"twosigma_test_{secrets.token_hex(6)}"


def on_server(*statements: str, database: str | None = None) -> None:
    """Run statements, each by itself, on the server's own database or another."""
    url = postgres_url() if database is None else url_of(database)

    async def run() -> None:
        connection = await asyncpg.connect(url, timeout=3)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    asyncio.run(run())


def url_of(name: str) -> str:
    """The URL of a database on the server."""
    return make_url(postgres_url()).set(database=name).render_as_string(hide_password=False)


@contextmanager
def postgres_database(template: str | None = None) -> Iterator[str]:
    """The name of a new database, empty or a copy of `template`, dropped in the end."""
    name = fresh_name()
    copied = f" TEMPLATE {template}" if template else ""
    on_server(f"CREATE DATABASE {name}{copied}")
    try:
        yield name
    finally:
        on_server(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def migrated_postgres() -> Iterator[str]:
    """The name of a migrated database to copy from."""
    with postgres_database() as name:
        upgrade(url_of(name))
        yield name


def text_of(name: str) -> str:
    """All that is stored in a database, as text."""

    async def read() -> str:
        connection = await asyncpg.connect(url_of(name), timeout=3)
        try:
            tables = [table.name for table in metadata.sorted_tables]
            rows = await connection.fetch(
                " UNION ALL ".join(f"SELECT t::text AS line FROM {table} t" for table in tables)  # noqa: S608 -- our own names
            )
        finally:
            await connection.close()
        return "\n".join(row["line"] for row in rows)

    return asyncio.run(read())


def empty(name: str) -> None:
    """Make a migrated database as it was when it was new; quicker than to make another."""
    tables = [table for table in reversed(metadata.sorted_tables) if table.name != "epochs"]
    numbered = [table.name for table in tables if table.dialect_options["sqlite"]["autoincrement"]]
    deletions = [f"DELETE FROM {table.name}" for table in tables]  # noqa: S608 -- our own names
    restarts = [f"SELECT setval('{table}_id_seq', 1, false)" for table in numbered]
    epochs = ["DELETE FROM epochs WHERE course_id <> 0", "UPDATE epochs SET n = 0"]
    on_server("; ".join([*deletions, *restarts, *epochs]), database=name)


def migrated_sqlite(folder: Path) -> Path:
    """A migrated file to copy from."""
    path = folder / "template.db"
    upgrade(f"sqlite:///{path}")
    return path


def copied_sqlite(template: Path, folder: Path) -> str:
    """The URL of a copy of a migrated file."""
    path = folder / "test.db"
    shutil.copyfile(template, path)
    return f"sqlite:///{path}"
