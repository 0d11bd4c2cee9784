"""What Langfuse's API does with prompts that ours does in other words."""

import asyncio

import pytest

from tests.app.prompt_drafts import make, production, versions
from tests.app.school import build
from twosigma.domain.errors import Conflict, Invalid, Missing
from twosigma.domain.prompt_lists import Numbered, PromptFilter
from twosigma.testing import in_memory


async def test_langfuse_labels_are_added_and_leave_other_versions() -> None:
    async with in_memory() as world:
        school = await build(world)
        add, owner = school.core.prompts_edit.add_labels, school.actor("owner")
        for label in ("a", "b"):
            await make(school, "P", labels=(label,))
        view = await add(owner, "P", 1, ["b", "c", "b"])
        assert set(view.prompt.labels) == {"a", "b", "c"}
        borne = {row.version: set(row.labels) for row in await versions(school, "P")}
        assert borne == {1: {"a", "b", "c"}, 2: {"latest"}}


async def test_langfuse_labels_that_are_there_change_nothing() -> None:
    async with in_memory() as world:
        school = await build(world)
        await make(school, "P", labels=("a",))
        before = school.dump()
        for labels in ((), ("a",), ("a", "a")):
            await school.core.prompts_edit.add_labels(school.actor("owner"), "P", 1, labels)
        assert school.dump() == before


@pytest.mark.parametrize(
    ("version", "labels", "refusal"),
    [
        (1, ["latest"], Conflict), (1, ["A"], Invalid), (1, ["a\n"], Invalid), (9, ["a"], Missing),
        (9, [], Missing), (1, [f"l{n}" for n in range(20)], Invalid),
    ],
)  # fmt: skip
async def test_langfuse_labels_that_cannot_be_added_change_nothing(
    version: int, labels: list[str], refusal: type[Exception]
) -> None:
    async with in_memory() as world:
        school = await build(world)
        await make(school, "P", labels=("kept",))
        before = school.dump()
        with pytest.raises(refusal):
            await school.core.prompts_edit.add_labels(school.actor("owner"), "P", version, labels)
        assert school.dump() == before


async def test_langfuse_labels_added_at_once_are_all_there() -> None:
    async with in_memory() as world:
        school = await build(world)
        await make(school, "P")
        owner, labels = school.actor("owner"), [f"l{n}" for n in range(8)]
        add = school.core.prompts_edit.add_labels
        await asyncio.gather(*(add(owner, "P", 1, [label]) for label in labels))
        (only,) = await versions(school, "P")
        assert set(only.labels) == {"latest", *labels}


async def test_langfuse_a_label_names_what_is_deleted() -> None:
    async with in_memory() as world:
        school = await build(world)
        remove, admin = school.core.prompts_remove.remove_chosen, school.actor("admin")
        for borne in ("a", "production"):
            await make(school, "P", labels=(borne,))
        await make(school, "Parent", production("P"))
        before = school.dump()
        refusals: list[tuple[int | None, str | None, type[Exception]]] = [
            (1, "a", Conflict), (None, "production", Conflict), (None, None, Conflict),
            (2, None, Conflict), (None, "b", Missing), (0, None, Missing), (None, "", Missing),
        ]  # fmt: skip
        for version, label, refusal in refusals:
            with pytest.raises(refusal):
                await remove(admin, "P", version, label)
        assert school.dump() == before
        await remove(admin, "P", None, "a")
        assert [row.version for row in await versions(school, "P")] == [2]
        await remove(admin, "Parent", None, None)
        await remove(admin, "P", 2, None)
        assert await versions(school, "P") == []


async def test_langfuse_a_list_gives_the_config_of_the_highest_version_that_fits() -> None:
    async with in_memory() as world:
        school = await build(world)
        show, owner = school.core.prompts_read.list_with_configs, school.actor("owner")
        await make(school, "P", config={"n": 1}, labels=("a",))
        await make(school, "P", config={"n": 2})
        for wanted, config in (
            (PromptFilter(exact="P"), {"n": 2}), (PromptFilter(exact="P", label="a"), {"n": 1}),
        ):  # fmt: skip
            ((view,), total) = await show(owner, wanted, Numbered())
            assert (view.config, total) == (config, 1)
        assert await show(owner, PromptFilter(exact="p"), Numbered()) == ([], 0)
        assert (await show(owner, PromptFilter(exact="P"), Numbered(page=2)))[0] == []
