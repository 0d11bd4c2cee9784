"""The cache tree, shown and pruned."""

from dataclasses import replace
from datetime import timedelta

import pytest
from msgspec import structs

from tests.app.failing_store import FailingStore
from tests.app.lessons import ADD, SUB
from twosigma.app.cache_admin import TreeView
from twosigma.app.core import TwoSigma
from twosigma.domain.cache_tree import CacheState, Position
from twosigma.domain.errors import Missing, Unavailable
from twosigma.testing import Course, Talk, World, in_memory

DAYS = 30


async def begun(world: World, **fields: object) -> tuple[Course, Talk]:
    """A lesson, and a session that has its greeting and an answer."""
    course = await world.course(questions=[ADD, SUB], **fields)  # type: ignore[arg-type]  # course fields
    talk = await (await world.learner(course)).open(course.items[0])
    await talk.greet()
    await talk.answer(1, "B")
    return course, talk


async def show(world: World, course: Course) -> list[TreeView]:
    return await world.core.cache_admin.show(course.items[0])


def counted(view: TreeView, what: str) -> dict[int, int]:
    """The nodes of which there is some of this, by id."""
    counts = {one.node.id: int(getattr(one, what)) for one in view.nodes}
    return {node_id: count for node_id, count in counts.items() if count}


def wait(world: World, days: float) -> None:
    world.clock.set(world.clock.now() + timedelta(days=days))


async def test_a_tree_is_shown_with_its_nodes_uses_and_where_learners_left_it() -> None:
    async with in_memory() as world:
        course, one = await begun(world)
        for leaves in (True, True, False):
            await world.clock.advance(10)
            talk = await (await world.learner(course)).open(course.items[0])
            await talk.greet()
            if leaves:
                await talk.send("Why?")
        (tree,) = await show(world, course)
        root, child = (one.node for one in tree.nodes)
        assert tree.is_current
        assert tree.content_title == "Item 1"
        assert (tree.tree.content_item_id, tree.tree.locale) == (course.items[0], "en")
        assert tree.tree.model == "scripted/1"
        assert (root.depth, root.parent_id, root.message) == (0, 0, "Start.")
        assert (child.depth, child.parent_id) == (1, root.id)
        assert counted(tree, "hits") == {root.id: 3}
        assert counted(tree, "divergences") == {root.id: 2}
        assert tree.use.last_used_at == world.clock.now()
        assert (tree.use.node_count, tree.use.max_depth) == (2, 1)
        assert (tree.use.hits, tree.use.misses) == (3, 2)
        assert tree.prompt == ("Tutor/Quiz", 1)
        assert (await one.session()).position.node_id == child.id


async def test_an_item_without_trees_has_none_and_no_item_is_missing() -> None:
    async with in_memory() as world:
        course = await world.course()
        assert await show(world, course) == []
        with pytest.raises(Missing, match=r"^Content not found$"):
            await world.core.cache_admin.show(999)


async def test_every_language_of_the_course_has_a_current_tree() -> None:
    async with in_memory() as world:
        course = await world.course(locales=("en", "es"))
        for locale in ("en-GB", "es"):
            await (await (await world.learner(course, locale=locale)).open(course.items[0])).greet()
        trees = await show(world, course)
        assert [(each.tree.locale, each.is_current) for each in trees] == [
            ("en", True), ("es", True),
        ]  # fmt: skip
        await world.change_course(course, locales=["en"])
        assert [each.is_current for each in await show(world, course)] == [True, False]


async def test_current_trees_are_never_pruned_however_old() -> None:
    async with in_memory() as world:
        course, talk = await begun(world)
        wait(world, 4000)
        assert await world.core.cache_admin.prune(DAYS) == (0, 0)
        assert len(await show(world, course)) == 1
        assert (await talk.session()).position.state is CacheState.TRACKING


async def test_a_tree_that_nobody_reaches_goes_when_it_was_long_unused() -> None:
    async with in_memory() as world:
        course, talk = await begun(world)
        other = await begun(world)
        position = (await talk.session()).position
        unopened = await (await world.learner(course)).open(course.items[0])
        assert (await unopened.session()).position == Position(tree_id=position.tree_id)
        served = await (await world.learner(course)).open(course.items[0])
        assert (await served.greet()).node_id == 1
        await world.publish("Tutor/Quiz", "Another voice.")
        assert [each.is_current for each in await show(world, course)] == [False]
        wait(world, DAYS)
        assert await world.core.cache_admin.prune(DAYS) == (0, 0), "used just so many days ago"
        wait(world, 0.001)
        messages = await served.messages()
        assert await world.core.cache_admin.prune(DAYS) == (2, 4)
        assert await show(world, course) == await show(world, other[0]) == []
        assert (await talk.session()).position == Position(state=CacheState.DIVERGED)
        assert (await unopened.session()).position == Position(state=CacheState.TRACKING)
        assert await served.messages() == messages, "its transcript stays"
        assert messages[-1].meta["cache_node_id"] == 1, "and the node's old id"
        assert await world.core.cache_admin.prune(DAYS) == (0, 0)
        assert (await talk.answer(2, "A")).source == "llm"
        assert (await talk.session()).position.state is CacheState.DIVERGED
        assert (await unopened.greet()).source == "llm"
        assert (await unopened.session()).position.state is CacheState.TRACKING


async def test_an_old_tree_that_is_still_served_stays() -> None:
    async with in_memory() as world:
        course, _ = await begun(world)
        late = await (await world.learner(course)).open(course.items[0])
        wait(world, DAYS + 1)
        await late.greet()
        await world.publish("Tutor/Quiz", "Another voice.")
        wait(world, DAYS - 1)
        assert await world.core.cache_admin.prune(DAYS) == (0, 0)
        wait(world, 2)
        assert await world.core.cache_admin.prune(DAYS) == (1, 2)


@pytest.mark.parametrize(
    "change", [{"cache_enabled": False}, {"llm_model": "m/2"}, {"prompt_label": "nowhere"}]
)
async def test_a_changed_course_reaches_its_tree_no_more(change: dict[str, object]) -> None:
    async with in_memory() as world:
        course, _ = await begun(world)
        await world.change_course(course, **change)
        wait(world, DAYS + 1)
        assert await world.core.cache_admin.prune(DAYS) == (1, 2)


async def test_a_personal_prompt_reaches_no_tree() -> None:
    async with in_memory() as world:
        course, _ = await begun(world)
        await world.publish("Tutor/Quiz", "Dear {{user_name}}.")
        assert [each.is_current for each in await show(world, course)] == [False]


async def test_a_store_that_is_away_costs_no_tree() -> None:
    async with in_memory() as world:
        course, _ = await begun(world)
        wait(world, DAYS + 1)
        store = FailingStore(world.ports.store)
        core = TwoSigma(structs.replace(world.ports, store=store))
        await core.cache_admin.prune(DAYS)
        for failing in range(1, store.calls + 1):
            store.calls, store.failing = 0, failing
            with pytest.raises(Unavailable):
                await core.cache_admin.prune(DAYS)
        assert len(await show(replace(world), course)) == 1
