"""The schema, step by step, on both databases."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect
from sqlalchemy.ext.asyncio import create_async_engine

from tests import databases
from tests.sql.lesson import greet, make_lesson
from twosigma.adapters.sql.engine import normalized
from twosigma.adapters.sql.migrations import current, downgrade, head, upgrade
from twosigma.adapters.sql.schema import metadata
from twosigma.adapters.sql.store import SqlStore
from twosigma.domain.catalog import Page
from twosigma.domain.errors import Unavailable
from twosigma.domain.users import UserFilter


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without tables (on SQLite: without file and folder)."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/new/folder/twosigma.db"
        return
    request.getfixturevalue("postgres_template")
    with databases.postgres_database() as name:
        yield databases.url_of(name)


async def inspected(url: str, look: Any) -> Any:
    engine = create_async_engine(normalized(url))
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(look)
    finally:
        await engine.dispose()


def columns(connection: Connection) -> dict[str, list[str]]:
    """Every table's columns, keys and indexes, as text."""
    found = inspect(connection)
    return {
        table: [
            *(f"{c['name']} {c['type']!r} {c['nullable']}" for c in found.get_columns(table)),
            *sorted(
                f"{i['name']} {i['column_names']} {i['unique']}" for i in found.get_indexes(table)
            ),
            *sorted(map(str, found.get_foreign_keys(table))),
            *sorted(map(str, found.get_unique_constraints(table))),
        ]
        for table in found.get_table_names()
    }


def differences(connection: Connection) -> list[Any]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, metadata))


async def test_f110_up_down_up_gives_the_same_schema(empty_url: str) -> None:
    await asyncio.to_thread(upgrade, empty_url)
    first = await inspected(empty_url, columns)
    for revision in ("0001", "base"):
        await asyncio.to_thread(downgrade, empty_url, revision)
    left = set(await inspected(empty_url, columns))
    await asyncio.to_thread(upgrade, empty_url)
    assert set(first) == {*metadata.tables, "alembic_version"}
    assert left <= {"alembic_version"}
    assert await inspected(empty_url, columns) == first


async def test_the_migrated_schema_is_the_declared_one(database_url: str) -> None:
    assert await inspected(database_url, differences) == []


async def test_f110_rows_are_kept_by_a_step_down_and_up_again(database_url: str) -> None:
    store = SqlStore(database_url)
    lesson = await make_lesson(store)
    await store.dispose()
    await asyncio.to_thread(downgrade, database_url, "0001")
    await asyncio.to_thread(upgrade, database_url)
    store = SqlStore(database_url)
    async with store.read() as tx:
        assert await tx.catalog.course(lesson.course.id) == lesson.course
        assert await tx.epochs.read(lesson.course.id) == (0, 0)
        rows, _ = await tx.accounts.list(UserFilter(q="ADA"), Page())
        assert [user.id for user in rows] == [lesson.user_id]
    await store.dispose()


def test_f110_of_many_processes_at_once_each_finds_it_done(empty_url: str) -> None:
    code = f"from twosigma.adapters.sql.migrations import upgrade; upgrade({empty_url!r})"
    running = [
        subprocess.Popen([sys.executable, "-W", "error", "-c", code], stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    results = [(each.communicate(timeout=60)[1], each.returncode) for each in running]
    assert results == [(b"", 0)] * 3
    assert current(empty_url) == head()


def test_f110_killed_half_way_it_leaves_nothing_and_can_be_run_again(empty_url: str) -> None:
    code = f"""
import os
from alembic import op
from twosigma.adapters.sql import migrations
create = op.create_table
def create_or_die(name, *parts, **options):
    if name == "chat_messages":
        os.kill(os.getpid(), 9)
    return create(name, *parts, **options)
op.create_table = create_or_die
migrations.upgrade({empty_url!r})
"""
    killed = subprocess.run([sys.executable, "-c", code], timeout=60, check=False)
    assert killed.returncode == -9
    assert current(empty_url) is None
    upgrade(empty_url)
    assert current(empty_url) == head()


def test_a_database_that_was_never_made_has_no_revision_and_no_file(tmp_path: Path) -> None:
    assert current(f"sqlite:///{tmp_path}/none.db") is None
    assert list(tmp_path.iterdir()) == []


async def test_only_a_migrated_database_is_ready(empty_url: str) -> None:
    await asyncio.to_thread(upgrade, empty_url, "0001")
    store = SqlStore(empty_url)
    with pytest.raises(Unavailable):
        await store.require_ready()
    await asyncio.to_thread(upgrade, empty_url)
    await store.require_ready()
    await store.dispose()


async def test_a_migrated_store_serves_a_hit(empty_url: str) -> None:
    await asyncio.to_thread(upgrade, empty_url)
    store = SqlStore(empty_url)
    lesson = await make_lesson(store)
    assert await store.advance(greet(lesson)) is not None
    await store.dispose()


def test_f102_a_server_that_is_away_is_unavailable() -> None:
    with pytest.raises(Unavailable) as away:
        upgrade("postgresql://postgres@127.0.0.1:1/none")
    assert away.value.retry_after == 1
