"""Prompts deleted, where nothing stored depends on them."""

import pytest

from tests.app.prompt_drafts import label, make, production, versions
from tests.app.school import build
from twosigma.domain.errors import Conflict, Missing
from twosigma.domain.prompt_refs import Ref, tag_of
from twosigma.testing import in_memory


async def test_latest_moves_to_the_highest_left_and_numbers_do_not_come_back() -> None:
    async with in_memory() as world:
        school = await build(world)
        remove, admin = school.core.prompts_remove, school.actor("admin")
        for _ in range(3):
            await make(school, "P", tags=("t",))
        await remove.remove_version(admin, "P", 3)
        await remove.remove_version(admin, "P", 1)
        assert [(row.version, row.labels) for row in await versions(school, "P")] == [
            (2, ("latest",))
        ]
        assert (await make(school, "P")).prompt.version == 4
        for version in (1, 3, 9):
            with pytest.raises(Missing):
                await remove.remove_version(admin, "P", version)


async def test_langfuse_a_deleted_number_is_never_given_again() -> None:
    async with in_memory() as world:
        school = await build(world)
        remove, admin = school.core.prompts_remove, school.actor("admin")
        await make(school, "P", labels=("a",), tags=("t",))
        await make(school, "P")
        await remove.remove(admin, "P")
        with pytest.raises(Missing):
            await school.core.prompts_read.get(admin, "P", None, "latest")
        with pytest.raises(Missing):
            await remove.remove(admin, "P")
        again = (await make(school, "P")).prompt
        assert (again.version, again.labels, again.tags) == (3, ("latest",), ())
        await remove.remove_version(admin, "P", 3)
        assert (
            await make(school, "P", ({"role": "r", "content": "c"},), type="chat")
        ).prompt.version == 4


async def test_langfuse_what_others_depend_on_stays_and_nothing_is_half_deleted() -> None:
    async with in_memory() as world:
        school = await build(world)
        remove, admin = school.core.prompts_remove, school.actor("admin")
        await make(school, "C", "pinned")
        await make(school, "C", "labeled", labels=("production",))
        await make(school, "C", "newest")
        await make(school, "Pins", tag_of(Ref(name="C", version=1)))
        await make(school, "Follows", production("C"))
        await make(school, "Follows", "no longer")
        before = school.dump()
        for version, named in ((1, "'Pins' version 1"), (2, "'Follows' version 1")):
            with pytest.raises(Conflict, match=named):
                await remove.remove_version(admin, "C", version)
        with pytest.raises(Conflict):
            await remove.remove(admin, "C")
        assert school.dump() == before
        await label(school, "C", 3, "production")
        await remove.remove_version(admin, "C", 2)
        await remove.remove_version(admin, "Follows", 1)
        await remove.remove(admin, "Pins")
        await remove.remove(admin, "C")
        assert await versions(school, "C") == []


async def test_two_names_that_name_each_other_go_version_by_version() -> None:
    async with in_memory() as world:
        school = await build(world)
        remove, admin = school.core.prompts_remove, school.actor("admin")
        await make(school, "A", "leaf")
        await make(school, "B", tag_of(Ref(name="A", version=1)))
        await make(school, "B", "leaf")
        await make(school, "A", tag_of(Ref(name="B", version=2)))
        for name in ("A", "B"):
            with pytest.raises(Conflict):
                await remove.remove(admin, name)
        await remove.remove_version(admin, "A", 2)
        await remove.remove(admin, "B")
        await remove.remove(admin, "A")
