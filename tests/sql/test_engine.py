# long: the engines of two databases, fault by fault
"""What the engines refuse, and what they promise."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from tests.sql.lesson import NOW, add_user, exchange, greet, make_lesson, reply_to, turn
from twosigma.adapters.sql.backup import back_up, restore
from twosigma.adapters.sql.engine import normalized, open_engines, postgres_dsn
from twosigma.adapters.sql.hot_sqlite import SqliteHotPath
from twosigma.adapters.sql.store import SqlStore
from twosigma.domain.chat import TurnStatus
from twosigma.domain.errors import Unavailable
from twosigma.domain.replies import reply_of
from twosigma.ports.chat import HitRequest

NOBODYS_HIT = HitRequest(
    session_id=1, user_id=1, turn_id="t", key=None, content="x", canonical=None, digest=b"d",
    is_greeting=True, question_id=None, answer=None, settings="s", now=NOW,
)  # fmt: skip


def _file(url: str) -> str:
    return url.removeprefix("sqlite:///")


async def _call(store: SqlStore, call: str) -> None:
    if call in {"read", "write"}:
        async with getattr(store, call)() as tx:
            await tx.epochs.read(1)
    elif call == "advance":
        await store.advance(NOBODYS_HIT)
    elif call == "renew":
        await store.renew("here", 1)
    else:
        await store.require_ready()


async def _drop_connections(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await connection.close()


async def _tried(store: SqlStore) -> bool:
    try:
        async with store.write() as tx:
            await tx.epochs.raise_course(99)
    except Unavailable:
        return False
    return True


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("sqlite:///x.db", "sqlite+aiosqlite:///x.db"),
        ("sqlite:////var/x.db", "sqlite+aiosqlite:////var/x.db"),
        ("sqlite+aiosqlite:///x.db", "sqlite+aiosqlite:///x.db"),
        ("postgres://a:b@h/d", "postgresql+asyncpg://a:b@h/d"),
        ("postgresql://a:b@h:1/d", "postgresql+asyncpg://a:b@h:1/d"),
        ("postgresql+asyncpg:///d?host=/run/pg", "postgresql+asyncpg:///d?host=/run/pg"),
    ],
)
def test_a_url_is_taken_with_or_without_its_driver(given: str, meant: str) -> None:
    url = normalized(given)
    assert url.set(query={}).render_as_string(hide_password=False) == meant.partition("?")[0]
    assert normalized(url.render_as_string(hide_password=False)) == url


@pytest.mark.parametrize(
    "given",
    [
        "", "no url", "mysql://a:secret@h/d", "sqlite://", "sqlite:///:memory:",
        "sqlite:///x.db?mode=ro", "postgresql+psycopg://a:secret@h/d",
    ],
)  # fmt: skip
def test_another_url_is_refused_without_telling_its_password(given: str) -> None:
    with pytest.raises(ValueError, match="sqlite") as refused:
        normalized(given)
    assert "secret" not in str(refused.value)


def test_the_hit_path_gets_the_same_database_with_its_password() -> None:
    url = normalized("postgresql://a:s%40crt@h:1/d?sslmode=require")
    assert postgres_dsn(url) == "postgresql://a:s%40crt@h:1/d?sslmode=require"


def test_an_unknown_synchronous_mode_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="NORMAL"):
        SqlStore(f"sqlite:///{tmp_path}/x.db", synchronous="OFF; DROP TABLE users")


async def test_sqlite_is_strict(sqlite_url: str) -> None:
    engines = open_engines(normalized(sqlite_url), synchronous="FULL", pool_size=1)
    try:
        async with engines.writer.begin() as connection:
            found = [
                (await connection.exec_driver_sql(f"PRAGMA {name}")).scalar()
                for name in ("foreign_keys", "journal_mode", "synchronous", "busy_timeout")
            ]
            orphan = "INSERT INTO token_families VALUES ('x', 99, '2026-01-01 00:00:00', NULL)"
            with pytest.raises(IntegrityError, match="FOREIGN KEY"):
                await connection.exec_driver_sql(orphan)
        assert found == [1, "wal", 2, 5000]
    finally:
        await engines.reader.dispose()
        await engines.writer.dispose()


async def test_a_reader_cannot_write(database_url: str) -> None:
    engines = open_engines(normalized(database_url), synchronous="NORMAL", pool_size=1)
    try:
        async with engines.reader.connect() as connection:
            with pytest.raises(DBAPIError, match=r"readonly|read-only"):
                await connection.execute(text("UPDATE epochs SET n = n + 1"))
    finally:
        await engines.reader.dispose()
        await engines.writer.dispose()


async def test_a_read_is_one_snapshot(sql_store: SqlStore) -> None:
    async with sql_store.read() as before:
        assert await before.epochs.read(1) == (0, 0)
        async with sql_store.write() as tx:
            await tx.epochs.raise_platform()
            await tx.epochs.raise_course(1)
        assert await before.epochs.read(1) == (0, 0)
    async with sql_store.read() as after:
        assert await after.epochs.read(1) == (1, 1)


async def test_no_update_is_lost(sql_store: SqlStore) -> None:
    lesson = await make_lesson(sql_store)

    async def exchange_once(number: int) -> None:
        async with sql_store.write() as tx:
            session = await tx.chat.lock(lesson.session.id)
            assert session is not None
            reply = await tx.chat.add_reply(reply_of([f"reply {number}"]))
            await tx.chat.add_exchange(exchange(lesson, f"t{number}", reply.id), is_greeting=False)

    await asyncio.gather(*(exchange_once(number) for number in range(24)))
    async with sql_store.read() as tx:
        session = await tx.chat.get(lesson.session.id)
        messages = await tx.chat.last_messages(lesson.session.id, 100)
    assert session is not None
    assert session.message_count == 48
    assert [message.ordinal for message in messages] == list(range(48))


async def test_a_failed_write_leaves_nothing(sql_store: SqlStore) -> None:
    async def write_and_fail() -> None:
        async with sql_store.write() as tx:
            await add_user(tx, "gone@example.org")
            raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        await write_and_fail()
    async with sql_store.read() as tx:
        assert await tx.accounts.find_by_email("gone@example.org") is None


async def test_f108_a_write_cancelled_in_the_middle_leaves_nothing(sql_store: SqlStore) -> None:
    written = asyncio.Event()

    async def write() -> None:
        async with sql_store.write() as tx:
            await add_user(tx, "gone@example.org")
            written.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(write())
    await written.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with sql_store.write() as tx:
        assert await tx.accounts.find_by_email("gone@example.org") is None
        await add_user(tx, "gone@example.org")


async def test_a_naive_instant_is_refused(sql_store: SqlStore) -> None:
    with pytest.raises(Exception, match="time zone"):
        async with sql_store.write() as tx:
            await tx.places.named_university("X", NOW.replace(tzinfo=None))


async def test_a_lease_is_counted_by_the_databases_clock(sql_store: SqlStore) -> None:
    lesson = await make_lesson(sql_store)

    async def is_lost() -> bool:
        async with sql_store.read() as tx:
            session = await tx.chat.get(lesson.session.id)
        assert session is not None
        assert session.turn is not None
        return session.turn.is_lost

    async with sql_store.write() as tx:
        await tx.chat.start_turn(lesson.session.id, turn("t1", lease=0.15))
    assert not await is_lost()
    assert await sql_store.advance(greet(lesson)) is None
    await asyncio.sleep(0.2)
    assert await is_lost()
    assert await sql_store.renew("elsewhere", 30) == frozenset()
    assert await sql_store.renew("here", 30) == {"t1"}
    assert not await is_lost()
    async with sql_store.write() as tx:
        assert await tx.chat.end_turn(lesson.session.id, "t1", TurnStatus.STOPPED, None)
        assert not await tx.chat.end_turn(lesson.session.id, "t1", TurnStatus.FAILED, "late")
    assert await sql_store.renew("here", 30) == frozenset()
    assert await sql_store.advance(greet(lesson)) is not None


async def test_f106_sqlite_locked_by_another_process_is_unavailable(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("twosigma.adapters.sql.engine.WAIT_SECONDS", 0.1)
    monkeypatch.setattr("twosigma.adapters.sql.hot_sqlite.WAIT_SECONDS", 0.1)
    store = SqlStore(sqlite_url)
    lesson = await make_lesson(store)
    with closing(sqlite3.connect(_file(sqlite_url), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        for attempt in (store.write().__aenter__(), store.advance(greet(lesson))):
            with pytest.raises(Unavailable):
                await attempt
        async with store.read() as tx:
            assert await tx.chat.get(lesson.session.id) is not None
    assert await store.advance(greet(lesson)) is not None
    await store.dispose()


async def test_f106_a_full_disk_is_unavailable_and_then_all_works_again(sqlite_url: str) -> None:
    store = SqlStore(sqlite_url)
    lesson = await make_lesson(store)
    assert await store.advance(greet(lesson)) is not None
    assert isinstance(store._hot, SqliteHotPath)
    hot = store._hot._writer._connection
    assert hot is not None
    hot.execute("PRAGMA max_page_count = 1")
    with pytest.raises(Unavailable):
        await store.advance(reply_to(lesson, content="x" * 2_000_000))
    hot.execute("PRAGMA max_page_count = 1000000")
    async with store.read() as tx:
        assert len(await tx.chat.last_messages(lesson.session.id, 9)) == 2
    assert await store.advance(reply_to(lesson)) is not None
    await store.dispose()


async def test_f104_a_lock_that_is_held_too_long_is_unavailable(postgres_url: str) -> None:
    store = SqlStore(postgres_url)
    lesson = await make_lesson(store)
    async with store.write() as holder:
        await holder.chat.lock(lesson.session.id)
        with pytest.raises(Unavailable):
            async with store.write() as tx:
                await tx.chat.lock(lesson.session.id)
    await store.dispose()


@pytest.mark.parametrize("call", ["read", "write", "advance", "renew", "require_ready"])
async def test_f102_a_database_that_is_away_is_unavailable(call: str) -> None:
    store = SqlStore("postgresql://postgres@127.0.0.1:1/none")
    with pytest.raises(Unavailable) as away:
        await _call(store, call)
    assert away.value.retry_after
    await store.dispose()


async def test_f103_after_the_server_dropped_every_connection_it_heals(postgres_url: str) -> None:
    store = SqlStore(postgres_url)
    lesson = await make_lesson(store)
    assert await store.advance(greet(lesson)) is not None
    await _drop_connections(postgres_url)
    outcomes = [await _tried(store) for _ in range(6)]
    hits = []
    for _ in range(4):
        try:
            hits.append(await store.advance(reply_to(lesson)))
        except Unavailable:
            hits.append(None)
    assert outcomes[-1] is True
    assert any(hits)
    await store.dispose()


async def test_f109_a_copy_taken_while_writing_is_whole_and_can_be_put_back(
    sqlite_url: str, tmp_path: Path
) -> None:
    store = SqlStore(sqlite_url)
    lesson = await make_lesson(store)
    copy = tmp_path / "copy.db"

    async def keep_writing() -> None:
        for number in range(200):
            async with store.write() as tx:
                await add_user(tx, f"user{number}@example.org")

    await asyncio.gather(keep_writing(), asyncio.to_thread(back_up, sqlite_url, copy))
    assert await store.advance(greet(lesson)) is not None
    await asyncio.to_thread(restore, copy, sqlite_url)
    async with store.read() as tx:
        assert await tx.chat.last_messages(lesson.session.id, 9) == []
    assert await store.advance(greet(lesson)) is not None
    await store.dispose()


def test_f109_a_damaged_copy_is_not_put_back(sqlite_url: str, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    copy.write_bytes(b"no database, but long enough to be taken for one" * 100)
    for bad in (copy, tmp_path / "none.db"):
        with pytest.raises(ValueError, match=r"copy\.db|none\.db"):
            restore(bad, sqlite_url)


def test_postgresql_is_not_copied_as_a_file(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="pg_dump"):
        back_up("postgresql://h/d", tmp_path / "copy.db")
