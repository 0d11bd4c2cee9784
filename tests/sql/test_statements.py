"""What a course page costs: a fixed number of statements, however large the course is."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from msgspec import Struct
from sqlalchemy import text

from tests.sql.statements import counted
from twosigma.adapters.sql.store import SqlStore
from twosigma.adapters.system.clock import SystemClock
from twosigma.domain.actor import Actor, Role
from twosigma.domain.content import ItemFields
from twosigma.domain.modules import ModuleFields
from twosigma.testing import Course, World, in_memory

SMALL = 3
LARGE = 10 * SMALL


class Page(Struct, frozen=True, kw_only=True):
    """A course with `size` modules below one, each with an item; its learner and an editor."""

    world: World
    course: Course
    learner: Actor
    editor: Actor
    modules: list[int]
    items: list[int]
    session_id: int


@pytest.fixture
async def store(sqlite_url: str) -> AsyncIterator[SqlStore]:
    sql = SqlStore(sqlite_url)
    yield sql
    await sql.dispose()


@asynccontextmanager
async def page(store: SqlStore, size: int) -> AsyncIterator[Page]:
    async with in_memory(store=store, time=SystemClock()) as world:
        course = await world.course(is_open=False, items=size)
        learner = await world.learner(course)
        now = world.clock.now()
        modules, items = [], []
        async with store.write() as tx:
            kind = (await tx.content.types())[0]
            for at in range(size):
                fields = ModuleFields(
                    course_id=course.id, parent_module_id=course.module_id, title=f"M{at}",
                    sequence_index=at,
                )  # fmt: skip
                module = await tx.modules.add(fields, None, now)
                item = ItemFields(
                    course_id=course.id, module_id=module.id, content_type_id=kind.id, title="I"
                )
                modules.append(module.id)
                items.append((await tx.content.add(item, None, now)).id)
        talk = await learner.open(items[-1])
        yield Page(
            world=world, course=course, learner=learner.actor, modules=modules, items=items,
            editor=(await world.user(Role.PLATFORM_ADMIN)).actor, session_id=talk.session_id,
        )  # fmt: skip


Work = Callable[[Page], Awaitable[object]]

# A learner's read of what lies in a closed course: the course, their place in its staff, their
# enrollment; then what is asked for.
COUNTS: dict[str, tuple[Work, int]] = {
    "course": (lambda p: p.world.core.catalog.course(p.learner, p.course.id), 2),
    "modules": (lambda p: p.world.core.modules.of_course(p.learner, p.course.id), 4),
    "roots": (lambda p: p.world.core.modules.roots(p.learner, p.course.id), 4),
    "tree": (lambda p: p.world.core.modules.tree(p.learner, p.course.id), 6),
    "module": (lambda p: p.world.core.modules.get(p.learner, p.modules[-1]), 4),
    "children": (lambda p: p.world.core.modules.children(p.learner, p.course.module_id), 5),
    "content": (lambda p: p.world.core.content.of_module(p.learner, p.course.module_id), 6),
    "item": (lambda p: p.world.core.content.get(p.learner, p.items[-1]), 6),
    "session": (lambda p: p.world.core.chat_sessions.create(p.learner, p.items[-1]), 11),
    # The editor is an admin, who is of every course's staff.
    "order of modules": (
        lambda p: p.world.core.modules.reorder(p.editor, p.modules[::-1]), 6,
    ),
    "order of items": (
        lambda p: p.world.core.content.reorder(
            p.editor, p.course.module_id, p.course.items[::-1]
        ), 7,
    ),
    "removal": (lambda p: p.world.core.modules.remove(p.editor, p.modules[-2]), 16),
}  # fmt: skip


@pytest.mark.parametrize("size", [SMALL, LARGE])
@pytest.mark.parametrize("name", COUNTS)
async def test_a_course_page_costs_the_same_however_large_it_is(
    store: SqlStore, name: str, size: int
) -> None:
    work, wanted = COUNTS[name]
    async with page(store, size) as where:
        with counted(store) as ran:
            await work(where)
        assert len(ran) == wanted, "\n".join(ran)


@pytest.mark.parametrize("name", ["module", "item"])
async def test_one_row_is_shown_without_a_look_at_the_whole_course(
    store: SqlStore, name: str
) -> None:
    async with page(store, SMALL) as where:
        with counted(store) as ran:
            await COUNTS[name][0](where)
    (way_up,) = (one for one in ran if "RECURSIVE" in one)
    async with store._engines.reader.connect() as connection:
        plan = await connection.execute(text(f"EXPLAIN QUERY PLAN {way_up.replace('?', '1')}"))
        steps = [row.detail for row in plan]
    assert not [step for step in steps if step.startswith("SCAN modules")], steps
