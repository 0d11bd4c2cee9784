"""The plan trap: a statement planned over empty tables must not read them whole for ever."""

import asyncpg

from tests.sql.lesson import ROOT, add_node, add_session, add_tree, greet, make_lesson, reply_to
from twosigma.adapters.sql.store import SqlStore

SESSIONS = 300
TREES = 50
READ_WHOLE = """
SELECT relname, seq_tup_read FROM pg_stat_user_tables
WHERE relname IN ('chat_sessions', 'chat_messages', 'cache_nodes', 'replies', 'users',
    'enrollments', 'course_staff', 'epochs')
"""


LOOKED_AT = """
SELECT indexrelname, idx_tup_read FROM pg_stat_user_indexes
WHERE relname IN ('chat_sessions', 'cache_nodes', 'replies', 'users', 'enrollments')
"""


async def counted(url: str, query: str) -> dict[str, int]:
    """Counts by table or index. A backend reports its own when it ends: callers close theirs."""
    connection = await asyncpg.connect(url)
    try:
        return dict(await connection.fetch(query))
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
        for number in range(TREES):
            tree = await add_tree(tx, lesson.item_id, b"%032d" % number)
            await add_node(tx, tree.id, 0, ROOT, "Hello!", None)
        sessions = [
            await add_session(tx, lesson.user_id, lesson.course.id, lesson.item_id, lesson.tree.id)
            for _ in range(SESSIONS)
        ]
    await store._engines.writer.dispose()
    whole = await counted(postgres_url, READ_WHOLE)
    looked = await counted(postgres_url, LOOKED_AT)
    for session in sessions:
        here = {"session_id": session.id}
        assert await store.advance(greet(lesson, f"g{session.id}", **here)) is not None
        assert await store.advance(reply_to(lesson, f"a{session.id}", **here)) is not None
    await store.dispose()
    assert await counted(postgres_url, READ_WHOLE) == whole
    after = await counted(postgres_url, LOOKED_AT)
    read = {name: (after[name] - looked[name]) / (2 * SESSIONS) for name in after}
    # A row has a few versions until it is tidied, so a look at one reads a few entries.
    assert {name: count for name, count in read.items() if count > 10} == {}
    assert read["uq_cache_nodes_edge"] < 1.01


async def test_the_same_is_seen_where_the_plans_may_scan(postgres_url: str) -> None:
    """The count above would notice: one look by scan is counted."""
    store = SqlStore(postgres_url)
    await make_lesson(store)
    await store.dispose()
    before = await counted(postgres_url, READ_WHOLE)
    connection = await asyncpg.connect(postgres_url)
    await connection.fetch("SELECT * FROM chat_sessions")
    await connection.close()
    after = await counted(postgres_url, READ_WHOLE)
    assert after["chat_sessions"] > before["chat_sessions"]
