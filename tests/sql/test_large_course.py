"""A twentieth of the large course of the benchmarks: what is touched beyond what is asked for."""

import asyncio

import asyncpg
import pytest
from bench.large import ITEMS, WORK, Large, make
from msgspec import structs

from tests.sql.statements import counted
from twosigma.adapters.sql.engine import normalized, open_engines
from twosigma.adapters.sql.store import SqlStore
from twosigma.adapters.system.clock import SystemClock
from twosigma.testing import World, in_memory

SIZE = 500
BESIDE = SIZE // 10
"""The modules of a course that lies beside it."""
OTHERS = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
    AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
WITHOUT_DATA = sorted(set(WORK) - {"one item", "report of progress", "its learners"})
"""What shows or counts many items, and nothing of what is in them. How many topics a learner
mastered is counted by the questions that are in an item."""


async def courses(url: str, world: World, *sizes: int) -> list[Large]:
    engine = open_engines(normalized(url), synchronous="OFF", pool_size=1).writer
    try:
        return [await make(engine, world, size) for size in sizes]
    finally:
        await engine.dispose()


async def test_a_large_course_is_shown_whole_and_in_order(sqlite_url: str) -> None:
    store = SqlStore(sqlite_url)
    async with in_memory(store=store, time=SystemClock()) as world:
        (large,) = await courses(sqlite_url, world, SIZE)
        shown = await world.core.modules.tree(large.learner, large.course_id)
        (root,) = shown.roots
        assert [child.module.id for child in root.children] == large.order
        stack, seen, items = [root], 0, 0
        while stack:
            here = stack.pop()
            stack += here.children
            seen, items = seen + 1, items + len(here.items)
            assert [item.sequence_index for item in here.items] == list(range(len(here.items)))
        # The root and its one item are the course's own.
        assert (seen, items) == (SIZE + 1, SIZE * ITEMS + 1)
        again = await world.core.modules.reorder(large.editor, large.order[::-1])
        assert [module.id for module in again] == large.order[::-1]
    await store.dispose()


@pytest.mark.parametrize("name", WITHOUT_DATA)
async def test_what_shows_many_items_does_not_read_their_data(sqlite_url: str, name: str) -> None:
    store = SqlStore(sqlite_url)
    async with in_memory(store=store, time=SystemClock()) as world:
        (large,) = await courses(sqlite_url, world, BESIDE)
        with counted(store) as ran:
            await WORK[name][0](large, 1)
    await store.dispose()
    assert ran
    assert not [one for one in ran if "data_json" in one]


async def test_nothing_of_a_course_beside_it_is_read_on_postgresql(postgres_url: str) -> None:
    """By index: `seq_tup_read` counts the rows that are read where a table is read whole."""
    store = SqlStore(postgres_url)
    async with in_memory(store=store, time=SystemClock()) as world:
        small, _ = await courses(postgres_url, world, BESIDE, SIZE)
    await store.dispose()
    before = await read_whole(postgres_url)
    store = SqlStore(postgres_url)
    async with in_memory(store=store, time=SystemClock()) as world:
        here = structs.replace(small, world=world)
        for number in range(7):  # a plan is settled after five
            for call, _ in WORK.values():
                await call(here, number)
    await store.dispose()
    assert await read_whole(postgres_url) == before


async def read_whole(url: str) -> int:
    """How many items were read because the whole table was, once all who count have ended."""
    connection = await asyncpg.connect(url)
    try:
        async with asyncio.timeout(10):
            while await connection.fetchval(OTHERS):  # noqa: ASYNC110 -- another process's end
                await asyncio.sleep(0.05)
        await connection.execute("ANALYZE")
        count: int = await connection.fetchval(
            "SELECT seq_tup_read FROM pg_stat_user_tables WHERE relname = 'content_items'"
        )
        return count
    finally:
        await connection.close()
