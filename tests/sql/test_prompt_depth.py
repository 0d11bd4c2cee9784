"""The prompts of the benchmarks, smaller: what a deep one takes to read, and that nothing looks at
prompts that were not asked for."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from bench.prompts import CHAIN, Shape, case_of, computed, make, root_of
from sqlalchemy import event

from tests.sql.statements import counted
from twosigma.adapters.sql.store import SqlStore
from twosigma.adapters.system.clock import SystemClock
from twosigma.domain.actor import Role
from twosigma.domain.prompt_refs import Ref
from twosigma.testing import World, in_memory

WIDE = Shape(name="three deep, 3 wide", levels=3, width=3, paragraphs=2)
NUMBERS = [Ref(name=name, version=1) for name in "AB"]
LABELS = [Ref(name=name, label="production") for name in "AB"]
LATEST = [Ref(name=name, label="latest") for name in "AB"]
FEW = (NUMBERS[:1], NUMBERS, LABELS[:1], LABELS, LATEST[:1], LATEST, [*NUMBERS, *LABELS, *LATEST])


@pytest.fixture
async def world(sql_store: SqlStore) -> AsyncIterator[World]:
    async with in_memory(store=sql_store, time=SystemClock()) as made:
        yield made


@pytest.mark.parametrize("shape", [CHAIN, WIDE], ids=lambda shape: shape.name)
async def test_a_prompt_takes_a_statement_for_each_level(
    world: World, sql_store: SqlStore, shape: Shape
) -> None:
    admin = (await world.user(Role.PLATFORM_ADMIN)).actor
    await make(world, admin, shape)
    with counted(sql_store) as ran:
        await world.core.prompts_read.get(admin, root_of(shape), None, None)
    assert len(ran) == shape.levels, "\n".join(ran)


async def test_a_prompt_says_here_what_the_sdk_makes_of_it(world: World) -> None:
    admin = (await world.user(Role.PLATFORM_ADMIN)).actor
    await make(world, admin, WIDE)
    figures = computed(await case_of(world, admin, WIDE), rounds=1, calls=1)
    assert figures.prompts == 1 + 3 + 9


@pytest.mark.parametrize("refs", FEW, ids=str)
async def test_what_a_prompt_refers_to_is_read_without_looking_at_all_prompts(
    sqlite_url: str, refs: list[Ref]
) -> None:
    store, ran = SqlStore(sqlite_url), list[tuple[str, tuple[Any, ...]]]()

    def note(_c: object, _cursor: object, statement: str, values: Any, *_more: object) -> None:
        ran.append((statement, tuple(values)))

    engine = store._engines.reader
    event.listen(engine.sync_engine, "before_cursor_execute", note)
    async with store.read() as tx:
        await tx.prompts.find(refs)
    event.remove(engine.sync_engine, "before_cursor_execute", note)
    (found,) = [one for one in ran if one[0].startswith("SELECT")]
    async with engine.connect() as connection:
        plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {found[0]}", found[1])
        steps = [str(row[-1]) for row in plan]
    assert len(steps) > 5
    of_tables = [step for step in steps if re.match(r"SCAN (?!.*CONSTANT|\()", step)]
    assert not of_tables, steps
    await store.dispose()
