"""The plan trap: a statement planned over empty tables must not read them whole for ever."""

import asyncpg

from tests.sql.lesson import add_session, greet, make_lesson, reply_to
from twosigma.adapters.sql.store import SqlStore

SESSIONS = 300
READ_WHOLE = """
SELECT relname, seq_tup_read FROM pg_stat_user_tables
WHERE relname IN ('chat_sessions', 'chat_messages', 'cache_nodes', 'replies', 'users',
    'enrollments', 'course_staff', 'epochs')
"""


async def read_whole(url: str) -> dict[str, int]:
    """How many rows were read by sequential scans, by table."""
    connection = await asyncpg.connect(url)
    try:
        # A backend reports its counts when it idles or ends; the caller has closed its own.
        await connection.execute("SELECT pg_stat_clear_snapshot()")
        return dict(await connection.fetch(READ_WHOLE))
    finally:
        await connection.close()


async def test_hits_on_a_fresh_database_read_no_table_whole(postgres_url: str) -> None:
    connection = await asyncpg.connect(postgres_url)
    await connection.execute("ANALYZE")
    await connection.close()
    store = SqlStore(postgres_url)
    lesson = await make_lesson(store)
    assert await store.advance(greet(lesson)) is not None
    assert await store.advance(reply_to(lesson)) is not None
    async with store.write() as tx:
        sessions = [
            await add_session(tx, lesson.user_id, lesson.course.id, lesson.item_id, lesson.tree.id)
            for _ in range(SESSIONS)
        ]
    await store._engines.writer.dispose()
    before = await read_whole(postgres_url)
    for session in sessions:
        here = {"session_id": session.id}
        assert await store.advance(greet(lesson, f"g{session.id}", **here)) is not None
        assert await store.advance(reply_to(lesson, f"a{session.id}", **here)) is not None
    await store.dispose()
    after = await read_whole(postgres_url)
    assert after == before


async def test_the_same_is_seen_where_the_plans_may_scan(postgres_url: str) -> None:
    """The count above would notice: one look by scan is counted."""
    store = SqlStore(postgres_url)
    await make_lesson(store)
    await store.dispose()
    before = await read_whole(postgres_url)
    connection = await asyncpg.connect(postgres_url)
    await connection.fetch("SELECT * FROM chat_sessions")
    await connection.close()
    after = await read_whole(postgres_url)
    assert after["chat_sessions"] > before["chat_sessions"]
