"""A large course and one a tenth of it: what the operations over a whole course cost a row."""

import math
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from time import perf_counter

from msgspec import Struct
from sqlalchemy import Table, insert, text
from sqlalchemy.ext.asyncio import AsyncEngine

from twosigma.adapters.sql.engine import normalized, open_engines
from twosigma.adapters.sql.schema import content_items, modules
from twosigma.adapters.sql.store import SqlStore
from twosigma.app.progress import Work
from twosigma.domain.actor import Actor, Role
from twosigma.domain.catalog import Page
from twosigma.domain.progress import Target
from twosigma.testing import World, in_memory

MODULES = 10_000
"""Of the large course; a tenth of them lie right below its root, nine below each of those."""
ITEMS = 10
"""In each module."""
BRANCH = 10
AT_ONCE = 1_000
TIMES = 5


class Large(Struct, frozen=True, kw_only=True):
    """A course by its ids. `order`: the modules below its root; `last`: an item at the bottom."""

    world: World
    course_id: int
    offering_id: int
    modules: int
    order: list[int]
    last: int
    learner: Actor
    editor: Actor


Call = Callable[[Large, int], Awaitable[object]]


async def report(large: Large, number: int) -> object:
    work = Work(
        target=Target.CONTENT, target_id=large.last, course_offering_id=large.offering_id,
        progress_percent=number % 100,
    )  # fmt: skip
    return await large.world.core.progress.report(large.learner, work)


def _reorder(large: Large, number: int) -> Awaitable[object]:
    ids = large.order if number % 2 else large.order[::-1]
    return large.world.core.modules.reorder(large.editor, ids)


WORK: dict[str, tuple[Call, Callable[[Large], int]]] = {
    "modules": (
        lambda c, _: c.world.core.modules.of_course(c.learner, c.course_id),
        lambda c: c.modules,
    ),
    "tree": (
        lambda c, _: c.world.core.modules.tree(c.learner, c.course_id),
        lambda c: c.modules * (1 + ITEMS),
    ),
    "report of progress": (report, lambda c: c.modules * (1 + ITEMS)),
    "new order of modules": (_reorder, lambda c: len(c.order)),
    "one item": (lambda c, _: c.world.core.content.get(c.learner, c.last), lambda _: 1),
    "summary of a learner": (
        lambda c, _: c.world.core.standings.summary(c.learner, c.offering_id, None),
        lambda c: c.modules * (1 + ITEMS),
    ),
    "its learners": (
        lambda c, _: c.world.core.standings.learners(c.editor, c.offering_id, Page()),
        lambda c: c.modules * (1 + ITEMS),
    ),
    "course in figures": (
        lambda c, _: c.world.core.standings.course_stats(c.editor, c.course_id),
        lambda c: c.modules * (1 + ITEMS),
    ),
}


async def make(engine: AsyncEngine, world: World, size: int) -> Large:
    """A course of so many modules, written in bulk."""
    course = await world.course()
    learner = await world.learner(course)
    editor = (await world.user(Role.PLATFORM_ADMIN)).actor
    now = world.clock.now()
    root = course.module_id
    async with world.ports.store.read() as tx:
        kind = (await tx.content.types())[0].id
    tops = await _add(
        engine, modules, [_module(course.id, root, at, now) for at in range(size // BRANCH)]
    )
    below = [_module(course.id, top, at, now) for top in tops for at in range(BRANCH - 1)]
    leaves = await _add(engine, modules, below[: size - len(tops)])
    items = [
        _item(course.id, module, kind, at, now)
        for module in (*tops, *leaves)
        for at in range(ITEMS)
    ]
    ids = await _add(engine, content_items, items)
    return Large(
        world=world, course_id=course.id, offering_id=course.offering_id, modules=size,
        order=tops, last=ids[-1], learner=learner.actor, editor=editor,
    )  # fmt: skip


async def _add(engine: AsyncEngine, table: Table, rows: Sequence[dict[str, object]]) -> list[int]:
    ids: list[int] = []
    statement = insert(table).returning(table.c.id, sort_by_parameter_order=True)
    async with engine.begin() as connection:
        for first in range(0, len(rows), AT_ONCE):
            found = await connection.execute(statement, rows[first : first + AT_ONCE])
            ids += found.scalars()
    return ids


def _module(course_id: int, parent: int, at: int, now: datetime) -> dict[str, object]:
    return {
        "course_id": course_id, "parent_module_id": parent, "title": f"Module {at}",
        "description": "", "module_type": "UNIT", "sequence_index": at, "is_archived": False,
        "created_at": now, "updated_at": now,
    }  # fmt: skip


def _item(course_id: int, module: int, kind: int, at: int, now: datetime) -> dict[str, object]:
    return {
        "course_id": course_id, "module_id": module, "content_type_id": kind,
        "title": f"Item {at}", "description": "", "data_json": {"body": "Words. " * 200},
        "sequence_index": at, "is_archived": False, "revision": 1, "created_at": now,
        "updated_at": now,
    }  # fmt: skip


class Cost(Struct, frozen=True, kw_only=True):
    """Seconds of the small and of the large course, and the rows that were touched in each."""

    small: float
    large: float
    rows: tuple[int, int]


async def measure(database: str, store: SqlStore, size: int) -> dict[str, Cost]:
    """Each operation on a course of so many modules and on one a tenth of it, in turn; the best
    of a few."""
    engine = open_engines(normalized(database), synchronous="NORMAL", pool_size=1).writer
    async with in_memory(store=store) as world:
        courses = [await make(engine, world, size // 10), await make(engine, world, size)]
        if engine.dialect.name == "postgresql":
            # As it does by itself, some time after so much was written.
            async with engine.begin() as connection:
                await connection.execute(text("ANALYZE"))
        found = {}
        for name, (call, rows) in WORK.items():
            best = [math.inf, math.inf]
            for number in range(TIMES):
                for at, one in enumerate(courses):
                    started = perf_counter()
                    await call(one, number)
                    best[at] = min(best[at], perf_counter() - started)
            found[name] = Cost(
                small=best[0], large=best[1], rows=(rows(courses[0]), rows(courses[1]))
            )
        await engine.dispose()
        return found


def lines(database: str, found: dict[str, Cost], size: int) -> list[str]:
    """The table of one database."""
    shown = [
        f"{database}: a course of {size:,} modules and {size * ITEMS:,} items, and one a"
        " tenth of it",
        "  operation             ms, small   ms, large     ratio   rows, ratio   us a row",
    ]
    for name, cost in found.items():
        rows = cost.rows[1] / cost.rows[0]
        each = [
            seconds / count * 1e6
            for seconds, count in zip((cost.small, cost.large), cost.rows, strict=True)
        ]
        shown.append(
            f"  {name:<20}  {cost.small * 1e3:>9.1f}   {cost.large * 1e3:>9.1f}"
            f"   {cost.large / cost.small:>7.1f}   {rows:>11.0f}   {each[0]:.1f} / {each[1]:.1f}"
        )
    return shown
