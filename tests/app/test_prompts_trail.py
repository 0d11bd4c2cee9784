"""What a prompt is tied to, and what was done to it."""

import pytest

from tests.app.prompt_drafts import label, make, production, versions
from tests.app.school import School, build
from twosigma.app.prompts_trail import Dependents
from twosigma.domain.catalog import Page
from twosigma.domain.errors import Conflict, Missing
from twosigma.testing import in_memory


async def dependents(school: School, name: str, who: str = "admin") -> Dependents:
    return await school.core.prompts_trail.dependents(school.actor(who), name)


async def test_a_change_reaches_prompts_courses_and_caches() -> None:
    async with in_memory() as world:
        school = await build(world)
        await make(school, "Voice", "Alone.")
        course = ("course", school.course.id)
        tree = ("cache_tree", school.tree_id)
        for who in ("admin", "owner"):
            found = await dependents(school, "Style", who)
            assert [(one.name, one.version) for one in found.prompts] == [("Voice", 1)]
            assert {(use.kind, use.id) for use in found.uses} == {course, tree}
            assert (found.hidden, found.is_fallback) == (0, False)
        hidden = await dependents(school, "Style", "other")
        assert (hidden.uses, hidden.hidden) == ([], 2), "which prompt a course has is its staff's"
        alone = await dependents(school, "Tutor")
        assert (alone.prompts, alone.uses, alone.is_fallback) == ([], [], True)
        with pytest.raises(Missing):
            await dependents(school, "Nowhere")


async def test_a_history_tells_who_did_what_when_and_outlives_the_prompt() -> None:
    async with in_memory() as world:
        school = await build(world)
        admin, owner = school.actor("admin"), school.actor("owner")
        edit, remove = school.core.prompts_edit, school.core.prompts_remove
        await make(school, "P", who="owner", labels=("a",), tags=("t",))
        await world.clock.advance(60)
        await make(school, "P")
        await label(school, "P", 2, "a")
        await edit.take_label(owner, "P", 2, "a")
        await edit.set_tags(owner, "P", ["u"])
        await remove.remove_version(admin, "P", 2)
        await remove.remove(admin, "P")
        with pytest.raises(Conflict):
            await remove.remove(admin, "Style")
        acts, total = await school.core.prompts_trail.history(owner, "P", Page())
        told = [(act.entry.action.value, act.entry.details) for act in reversed(acts)]
        assert told == [
            ("prompt.created", {"version": 1, "labels": ["a"], "tags": ["t"]}),
            ("prompt.created", {"version": 2, "labels": [], "tags": None}),
            ("prompt.labeled", {"version": 2, "added": ["a"], "removed": []}),
            ("prompt.labeled", {"version": 2, "added": [], "removed": ["a"]}),
            ("prompt.tagged", {"before": ["t"], "after": ["u"]}),
            ("prompt.version_deleted", {"version": 2, "labels": ["latest"]}),
            ("prompt.deleted", {"versions": [1]}),
        ]
        names = {act.entry.actor_id: act.actor for act in acts}
        people = [school.people[who] for who in ("admin", "owner")]
        assert names == {one.id: one.user.full_name for one in people if one}
        assert acts[-1].entry.occurred_at < acts[-2].entry.occurred_at == world.clock.now()
        assert total == 7
        page, total = await school.core.prompts_trail.history(owner, "P", Page(skip=6, limit=5))
        assert ([act.entry.details["version"] for act in page], total) == ([1], 7)


async def test_a_history_is_of_the_name_alone() -> None:
    async with in_memory() as world:
        school = await build(world)
        admin = school.actor("admin")
        user_id = school.user_id("stranger")
        await school.core.users.set_status(admin, user_id, is_active=False)
        await make(school, str(user_id))
        acts, _ = await school.core.prompts_trail.history(admin, str(user_id), Page())
        assert [act.entry.action.value for act in acts] == ["prompt.created"]
        with pytest.raises(Missing):
            await school.core.prompts_trail.history(admin, "Nowhere", Page())


async def test_langfuse_a_read_after_a_write_sees_it_in_parents_too() -> None:
    async with in_memory() as world:
        school = await build(world)
        read, admin = school.core.prompts_read, school.actor("admin")
        for text in ("One.", "Two.", "Three."):
            await make(school, "Style", text, labels=("production",))
            view = await read.get(admin, "Voice", None, None)
            assert view.resolved.text == f"Teach {{{{title}}}}. {text}"


async def test_langfuse_a_stored_dependency_that_is_broken_is_a_conflict() -> None:
    """It cannot come to be over the use cases; old data may hold one."""
    async with in_memory() as world:
        school = await build(world)
        await make(school, "Top", production("Voice"), labels=("production",))
        async with world.ports.store.write() as tx:
            await tx.prompts.remove(
                "Style", [row.version for row in await versions(school, "Style")]
            )
        with pytest.raises(Conflict) as refused:
            await school.core.prompts_read.get(school.actor("admin"), "Top", None, None)
        assert refused.value.code == "prompt_unresolvable"
        raw = await school.core.prompts_read.raw(school.actor("admin"), "Top", None, None)
        assert raw.prompt == production("Voice"), "what there is to mend can be read"
        found = await dependents(school, "Voice")
        assert [one.name for one in found.prompts] == ["Top"]
        await make(school, "Unrelated", "goes on being written")
