"""The cache as staff and admins see it: trees, one tree, and why each turn cost what it did."""

import pytest

from tests.app.school import build, retire_tree
from twosigma.domain.audit import Action, EntryFilter
from twosigma.domain.catalog import Page
from twosigma.domain.errors import Missing
from twosigma.testing import in_memory


async def test_trees_are_found_by_item_course_or_all() -> None:
    async with in_memory() as world:
        school = await build(world)
        other = await world.course()
        await (await (await world.learner(other)).open(other.items[0])).greet()
        admin, show = school.actor("admin"), school.core.cache_admin.trees
        item_id, course_id = school.course.items[0], school.course.id
        (ours,), one = await show(admin, item_id, None, Page())
        assert (ours.tree.id, one) == (school.tree_id, 1)
        assert ours.prompt == ("Voice", 1)
        assert (await show(admin, None, course_id, Page()))[0] == [ours]
        everything, total = await show(admin, None, None, Page())
        assert ([view.content_title for view in everything], total) == (["Item 1", "Item 1"], 2)
        assert await show(admin, None, None, Page(skip=1)) == (everything[1:], 2)
        assert await show(admin, item_id, other.id, Page()) == ([], 0)
        assert await show(admin, 10**6, None, Page()) == ([], 0)


async def test_nobody_but_admins_is_told_what_is_not_there() -> None:
    async with in_memory() as world:
        school = await build(world)
        owner = school.actor("owner")
        for item_id, course_id in ((10**6, None), (None, 10**6)):
            with pytest.raises(Missing):
                await school.core.cache_admin.trees(owner, item_id, course_id, Page())
        with pytest.raises(Missing):
            await school.core.cache_admin.tree(school.actor("admin"), 10**6)
        with pytest.raises(Missing):
            await school.core.cache_admin.explain(school.actor("admin"), 10**6)


async def test_a_tree_is_shown_with_its_nodes() -> None:
    async with in_memory() as world:
        school = await build(world)
        view = await school.core.cache_admin.tree(school.actor("assistant"), school.tree_id)
        (root,) = view.nodes
        assert (root.message, root.node.parent_id, root.node.depth) == ("Start.", 0, 0)
        assert (view.use.node_count, view.use.max_depth, view.is_current) == (1, 0, True)


async def test_each_turn_is_explained_without_its_texts() -> None:
    async with in_memory() as world:
        school = await build(world)
        learner = await world.learner(school.course)
        talk = await learner.open(school.course.items[0])
        await talk.greet()
        await talk.answer(1, "A")
        await talk.send("Why?")
        await talk.answer(1, "B")
        told = await school.core.cache_admin.explain(school.actor("owner"), talk.session_id)
        assert [(event.outcome, event.reason) for event in told] == [
            ("hit", None), ("miss", "first on this path"), ("free", "free text"),
            ("free", "already diverged"),
        ]  # fmt: skip


async def test_what_is_cleaned_up_is_in_the_audit_log() -> None:
    async with in_memory() as world:
        school = await build(world)
        admin = school.actor("admin")
        assert await school.core.cache_admin.clean(admin, 30) == (0, 0)
        await retire_tree(school)
        assert await school.core.cache_admin.clean(admin, 30) == (1, 1)
        wanted = EntryFilter(action=Action.TREE_DELETED)
        (entry,), _ = await school.core.audit_log.entries(admin, wanted, Page())
        assert (entry.target_id, entry.details) == (str(school.tree_id), {"nodes": 1})
