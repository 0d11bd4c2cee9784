"""Prompts: versions, labels, and what depends on them."""

import asyncio
from itertools import pairwise

import pytest

from tests.app.prompt_drafts import label, make, production, versions
from tests.app.school import build
from twosigma.domain.errors import Conflict, Forbidden, Invalid, Missing, Unauthenticated
from twosigma.domain.prompt_refs import Ref, tag_of
from twosigma.domain.prompts import RESERVED_NAMES
from twosigma.testing import in_memory


async def test_a_version_is_numbered_and_newest() -> None:
    async with in_memory() as world:
        school = await build(world)
        first = (await make(school, " A/B ", "  Kept exactly \n", tags=("x", "y", "x"))).prompt
        second = (await make(school, "A/B", labels=("tested", "tested"))).prompt
        assert (first.name, first.version, first.prompt) == ("A/B", 1, "  Kept exactly \n")
        assert (first.labels, first.tags) == (("latest",), ("x", "y"))
        assert (second.version, set(second.labels)) == (2, {"latest", "tested"})
        assert second.tags == ("x", "y"), "tags that are not given are those of the name"
        assert (second.created_by, second.created_at) == (
            str(school.user_id("admin")),
            world.clock.now(),
        )
        third = (await make(school, "A/B", tags=(), labels=("latest", "tested"))).prompt
        assert set(third.labels) == {"latest", "tested"}
        assert [(row.labels, row.tags) for row in await versions(school, "A/B")][1:] == [
            ((), ())
        ] * 2


async def test_all_faults_of_a_prompt_are_told_at_once() -> None:
    async with in_memory() as world:
        school = await build(world)
        with pytest.raises(Invalid) as refused:
            await make(
                school, "a//b", " ", config={"x": "\x00"}, labels=("Up",) + ("a",) * 20,
                tags=("", "x" * 51, "\ud800"), commit_message="x" * 501,
            )  # fmt: skip
        places = {".".join(map(str, fault.loc[1:])) for fault in refused.value.faults}
        assert places == {
            "name", "prompt", "config", "labels.0", "labels", "tags.0", "tags.1", "tags.2",
            "commit_message",
        }  # fmt: skip


@pytest.mark.parametrize("name", ["", " ", "x" * 256, "a|b", "<a>", "a@@@b", "/a", "a/", "\x07"])
async def test_a_name_has_a_form(name: str) -> None:
    async with in_memory() as world:
        school = await build(world)
        with pytest.raises(Invalid) as refused:
            await make(school, name)
        assert [fault.loc for fault in refused.value.faults] == [("body", "name")]


@pytest.mark.parametrize("name", sorted(RESERVED_NAMES))
async def test_names_that_routes_have_taken_are_a_conflict(name: str) -> None:
    async with in_memory() as world:
        school = await build(world)
        with pytest.raises(Conflict):
            await make(school, name)


async def test_dependencies_are_inlined_and_named_in_their_order() -> None:
    async with in_memory() as world:
        school = await build(world)
        await make(school, "In", "[in]", labels=("production",))
        pinned = tag_of(Ref(name="In", version=1))
        view = await make(school, "Out", f"a {production('In')} b {pinned} c {production('In')}")
        assert view.resolved.text == "a [in] b [in] c [in]"
        assert view.prompt.prompt.count("@@@langfusePrompt") == 3
        assert view.dependencies == (
            Ref(name="In", label="production"), Ref(name="In", version=1),
        )  # fmt: skip


async def test_what_cannot_be_resolved_is_not_stored() -> None:
    async with in_memory() as world:
        school = await build(world)
        await make(school, "P1", "end", labels=("production",))
        for at in range(2, 6):
            await make(school, f"P{at}", production(f"P{at - 1}"), labels=("production",))
        before = school.dump()
        for name, text, named in (
            ("New", production("Nowhere"), "Nowhere"),
            ("New", tag_of(Ref(name="P1", version=7)), "P1"),
            ("New", production("New"), "New"),
            ("P1", production("P2"), "circle"),
            ("P6", production("P5"), "deeper"),
        ):
            with pytest.raises(Conflict, match=named) as refused:
                await make(school, name, text, labels=("production",))
            assert refused.value.code == "prompt_unresolvable"
            assert school.dump() == before


async def test_f62_versions_made_at_once_have_numbers_without_holes() -> None:
    async with in_memory() as world:
        school = await build(world)
        made = await asyncio.gather(*(make(school, "Many", tags=(f"t{at}",)) for at in range(8)))
        assert sorted(each.prompt.version for each in made) == list(range(1, 9))
        rows = await versions(school, "Many")
        assert [row.version for row in rows if "latest" in row.labels] == [8]
        assert len({row.tags for row in rows}) == 1


async def test_f63_a_label_moved_at_once_from_many_versions_has_one_holder() -> None:
    async with in_memory() as world:
        school = await build(world)
        for at in range(1, 5):
            await make(school, "Many", labels=(f"own{at}",))
        await asyncio.gather(
            *(label(school, "Many", at, f"own{at}", "moving") for at in range(1, 5))
        )
        rows = await versions(school, "Many")
        assert sum("moving" in row.labels for row in rows) == 1
        assert all(f"own{row.version}" in row.labels for row in rows)


async def test_labels_are_replaced_and_latest_stays() -> None:
    async with in_memory() as world:
        school = await build(world)
        await make(school, "P", labels=("a", "b"))
        await make(school, "P", labels=("c",))
        await world.clock.advance(5)
        view = await label(school, "P", 1, "c", "d", "d")
        assert set(view.prompt.labels) == {"c", "d"}
        assert view.prompt.updated_at == world.clock.now()
        assert [set(row.labels) for row in await versions(school, "P")] == [{"latest"}, {"c", "d"}]
        assert set((await label(school, "P", 2)).prompt.labels) == {"latest"}


async def test_a_label_that_others_depend_on_may_move_and_not_vanish() -> None:
    async with in_memory() as world:
        school = await build(world)
        await make(school, "Style", "Be long.")
        with pytest.raises(Conflict, match="Voice"):
            await label(school, "Style", 1)
        view = await label(school, "Style", 2, "production")
        assert set(view.prompt.labels) == {"production", "latest"}
        await make(school, "Loop", production("Voice"), labels=("production",))
        await make(school, "Style", "Be both.")
        with pytest.raises(Conflict, match="circle"):
            await make(school, "Style", production("Loop"), labels=("production",))


async def test_f54_latest_is_never_set_by_hand() -> None:
    async with in_memory() as world:
        school = await build(world)
        await make(school, "P", labels=("latest",))
        with pytest.raises(Conflict, match="latest"):
            await label(school, "P", 1, "latest")
        with pytest.raises(Missing, match=r"^Prompt not found$"):
            await label(school, "Nowhere", 1, "latest")
        with pytest.raises(Forbidden):
            await label(school, "Voice", 1, "latest", who="owner")


async def test_f54_a_protected_label_is_for_admins_but_on_version_1_of_a_new_name() -> None:
    async with in_memory() as world:
        school = await build(world)
        await make(school, "Own", who="owner", labels=("production",))
        await make(school, "Own", who="owner", labels=("mine",))
        for attempt in (
            make(school, "Own", who="owner", labels=("production",)),
            label(school, "Own", 2, "production", who="owner"),  # moved
            label(school, "Own", 1, who="owner"),  # taken away by leaving it out
            label(school, "Own", 1, "mine", who="owner"),
        ):
            with pytest.raises(Forbidden, match="production"):
                await attempt
        view = await label(school, "Own", 1, "production", "also", who="owner")
        assert set(view.prompt.labels) == {"production", "also"}
        await label(school, "Own", 2, "production")


async def test_the_checks_come_in_their_order() -> None:
    async with in_memory() as world:
        school = await build(world)
        for who, error in (("anonymous", Unauthenticated), ("assistant", Forbidden)):
            with pytest.raises(error):
                await make(school, "", who=who)
            with pytest.raises(error):
                await label(school, "Nowhere", 1, "BAD", who=who)
        with pytest.raises(Invalid):
            await label(school, "Nowhere", 1, "BAD")
        with pytest.raises(Missing):
            await label(school, "Style", 2, "fine")


async def test_tags_are_those_of_all_versions() -> None:
    async with in_memory() as world:
        school = await build(world)
        edit, owner = school.core.prompts_edit, school.actor("owner")
        await make(school, "P")
        await make(school, "P")
        await world.clock.advance(5)
        await edit.set_tags(owner, "P", ["b", "a", "b"])
        rows = await versions(school, "P")
        assert {(row.tags, row.updated_at) for row in rows} == {(("b", "a"), world.clock.now())}
        before = school.dump()
        await edit.set_tags(owner, "P", None)
        await edit.set_tags(owner, "P", ["b", "a"])
        assert school.dump() == before
        with pytest.raises(Missing):
            await edit.set_tags(owner, "Nowhere", [])
        with pytest.raises(Invalid):
            await edit.set_tags(owner, "Nowhere", [""])


async def test_langfuse_a_label_can_be_removed() -> None:
    async with in_memory() as world:
        school = await build(world)
        take, owner = school.core.prompts_edit.take_label, school.actor("owner")
        await make(school, "P", labels=("a", "b"))
        await take(owner, "P", 1, "a")
        assert [row.labels for row in await versions(school, "P")] == [("b", "latest")]
        before = school.dump()
        for name, version, word, error in (
            ("P", 1, "a", Missing), ("P", 2, "b", Missing), ("Nowhere", 1, "b", Missing),
            ("P", 1, "latest", Conflict), ("Voice", 1, "production", Forbidden),
        ):  # fmt: skip
            with pytest.raises(error):
                await take(owner, name, version, word)
        with pytest.raises(Conflict, match="'Voice' version 1"):
            await take(school.actor("admin"), "Style", 1, "production")
        assert school.dump() == before


async def test_f54_a_name_that_is_made_again_is_not_new() -> None:
    async with in_memory() as world:
        school = await build(world)
        await make(school, "P", who="owner", labels=("production",))
        await school.core.prompts_remove.remove(school.actor("admin"), "P")
        with pytest.raises(Forbidden, match="production"):
            await make(school, "P", who="owner", labels=("production",))
        assert (await make(school, "P", who="owner")).prompt.version == 2


async def test_langfuse_a_label_move_is_checked_as_a_new_version_is() -> None:
    """A label moved closes no circle, exceeds no depth, drops no child."""
    async with in_memory() as world:
        school = await build(world)
        await make(school, "C", "c", labels=("production",))
        await make(school, "P", production("C"), labels=("production",))
        await make(school, "C", "alone", labels=("other",))
        await make(school, "Q", tag_of(Ref(name="C", label="other")), labels=("production",))
        loop = production("P")
        with pytest.raises(Conflict, match="circle"):
            await make(school, "C", loop, labels=("production",))
        deep = [f"D{n}" for n in range(4)]
        await make(school, deep[0], "end", labels=("production",))
        for above, below in pairwise(deep):
            await make(school, below, production(above), labels=("production",))
        await make(school, "E", "shallow", labels=("production",))
        await make(school, "E", production(deep[-1]))
        await make(school, "F", production("E"))
        before = school.dump()
        with pytest.raises(Conflict, match=r"'F' version 1: .*deeper"):
            await label(school, "E", 2, "production")
        with pytest.raises(Conflict, match="'Q' version 1"):
            await label(school, "C", 2)
        assert school.dump() == before


@pytest.mark.parametrize("name", ["a=b", 'say "x"', "back\\slash", "$1 \\g<0"])
async def test_langfuse_any_name_can_be_referenced(name: str) -> None:
    async with in_memory() as world:
        school = await build(world)
        name = name.replace("<", "")
        await make(school, name, 'in "quotes" \\1 $1', labels=("production",))
        view = await make(school, "Out", f"[{production(name)}]")
        assert view.resolved.text == '[in "quotes" \\1 $1]'
