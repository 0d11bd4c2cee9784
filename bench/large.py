"""A large course and one a tenth of it: what the operations over a whole course cost a row."""

import math
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from time import perf_counter

from msgspec import Struct
from sqlalchemy import Table, insert

from twosigma.adapters.sql.schema import content_items, modules
from twosigma.adapters.sql.store import SqlStore
from twosigma.domain.actor import Actor, Role
from twosigma.domain.catalog import Page
from twosigma.domain.progress import Target
from twosigma.app.progress import Work
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
        lambda l, _: l.world.core.modules.of_course(l.learner, l.course_id),
        lambda l: l.modules,
    ),
    "tree": (
        lambda l, _: l.world.core.modules.tree(l.learner, l.course_id),
        lambda l: l.modules * (1 + ITEMS),
    ),
    "report": (report, lambda l: l.modules * (1 + ITEMS)),
    "order": (_reorder, lambda l: len(l.order)),
    "one item": (lambda l, _: l.world.core.content.get(l.learner, l.last), lambda _: 1),
    "summary": (
        lambda l, _: l.world.core.standings.summary(l.learner, l.offering_id, None),
        lambda l: l.modules * (1 + ITEMS),
    ),
    "learners": (
        lambda l, _: l.world.core.standings.learners(l.editor, l.offering_id, Page()),
        lambda l: l.modules * (1 + ITEMS),
    ),
    "stats": (
        lambda l, _: l.world.core.standings.course_stats(l.editor, l.course_id),
        lambda l: l.modules * (1 + ITEMS),
    ),
}


async def make(store: SqlStore, world: World, size: int) -> Large:
    """A course of so many modules, written in bulk."""
    course = await world.course()
    learner = await world.learner(course)
    editor = (await world.user(Role.PLATFORM_ADMIN)).actor
    now = world.clock.now()
    root = course.module_id
    async with store.read() as tx:
        kind = (await tx.content.types())[0].id
    tops = await _add(
        store, modules, [_module(course.id, root, at, now) for at in range(size // BRANCH)]
    )
    below = [
        _module(course.id, top, at, now) for top in tops for at in range(BRANCH - 1)
    ]
    leaves = await _add(store, modules, below[: size - len(tops)])
    items = [
        _item(course.id, module, kind, at, now)
        for module in (*tops, *leaves)
        for at in range(ITEMS)
    ]
    ids = await _add(store, content_items, items)
    return Large(
        world=world, course_id=course.id, offering_id=course.offering_id, modules=size,
        order=tops, last=ids[-1], learner=learner.actor, editor=editor,
    )  # fmt: skip


async def _add(store: SqlStore, table: Table, rows: Sequence[dict[str, object]]) -> list[int]:
    ids: list[int] = []
    statement = insert(table).returning(table.c.id, sort_by_parameter_order=True)
    async with store._engines.writer.begin() as connection:
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


async def measure(store: SqlStore, factor: int = 1) -> dict[str, Cost]:
    """Each operation on both courses in turn; the best of a few."""
    async with in_memory(store=store) as world:
        courses = [await make(store, world, MODULES // (10 * factor)), await make(store, world, MODULES // factor)]
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
        return found
