"""Prompts as files: round trips between installations, and imports that leave nothing behind."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from msgspec import structs

from tests.app.prompt_drafts import make, production
from tests.app.school import INSTALLED, School, build
from twosigma.domain.audit import OF_PROMPTS, EntryFilter
from twosigma.domain.catalog import Page
from twosigma.domain.errors import Conflict, Invalid
from twosigma.domain.prompt_files import PromptFile
from twosigma.domain.prompt_refs import Ref, tag_of
from twosigma.domain.prompts import PromptVersion
from twosigma.testing import World, in_memory


@pytest.fixture
async def school() -> AsyncIterator[School]:
    async with in_memory() as world:
        yield await build(world)


def file(path: str, fields: str, text: str = "Hi") -> PromptFile:
    return PromptFile(path=path, data=f"---\n{fields}\n---\n{text}\n".encode())


async def stored(world: World) -> list[PromptVersion]:
    async with world.ports.store.read() as tx:
        return list(await tx.prompts.all_versions())


def said(versions: Sequence[PromptVersion]) -> list[dict[str, Any]]:
    """All of them but what is of this installation."""
    own = ("id", "created_by", "created_at", "updated_at")
    return [
        {key: value for key, value in structs.asdict(one).items() if key not in own}
        for one in versions
    ]


async def fill(school: School) -> None:
    chat = [{"role": "system", "content": "Hi."}, {"type": "placeholder", "name": "past"}]
    await make(school, "z/Base", "Base.\n", labels=("production",), tags=("t",))
    await make(school, "z/Base", "Other.\r\n", config={"a": [1, True, None, 0.1]})
    await make(school, "a/Top", production("z/Base") + tag_of(Ref(name="z/Base", version=2)))
    await make(school, "Talk", chat, type="chat", commit_message="Näw")
    await make(school, "Talk", chat, type="chat", commit_message="again")
    await make(school, "Talk", chat, type="chat", labels=("x",))
    admin = school.actor("admin")
    await school.core.prompts_remove.remove_version(admin, "Talk", 2)


async def test_an_empty_installation_becomes_the_same(school: School) -> None:
    await fill(school)
    files = await school.core.prompts_port.dump()
    async with in_memory(running=False) as world:
        report = await world.core.prompts_port.load(list(reversed(files)))
        assert said(await stored(world)) == said(await stored(school.world))
        assert await world.core.prompts_port.dump() == files
    assert [one.source for one in report] == [one.path for one in files]
    assert [one.name for one in report if not one.is_new] == list(INSTALLED)


async def test_a_second_import_changes_nothing(school: School) -> None:
    await fill(school)
    before = school.dump()
    report = await school.core.prompts_port.load(await school.core.prompts_port.dump())
    assert not any(one.is_new for one in report)
    assert school.dump() == before


async def test_a_dry_run_reports_the_same_and_changes_nothing(school: School) -> None:
    files = [file("x/1.md", '{"name": "Style"}', "Other."), file("y/7.md", '{"name": "Y"}')]
    before = school.dump()
    rehearsed = await school.core.prompts_port.load(files, is_rehearsal=True)
    assert school.dump() == before
    assert await school.core.prompts_port.load(files) == rehearsed
    assert [(one.name, one.version, one.is_new) for one in rehearsed] == [
        ("Style", 2, True),
        ("Y", 7, True),
    ]


async def test_only_the_current_leaves_out_what_no_label_leads_to(school: School) -> None:
    await fill(school)
    files = await school.core.prompts_port.dump(only_current=True)
    paths = {one.path for one in files}
    assert {"z/Base/1.md", "z/Base/2.md", "a/Top/1.md", "Talk/3.md"} <= paths
    assert "Talk/1.md" not in paths
    async with in_memory(running=False) as world:
        await world.core.prompts_port.load(files)
        assert {(one.name, one.version) for one in await stored(world)} >= {("Talk", 3)}


async def test_labels_leave_older_versions_and_tags_become_all_versions(school: School) -> None:
    fields = '{"name": "Style", "labels": ["production"], "tags": ["new"]}'
    await school.core.prompts_port.load([file("Style/1.md", fields, "Be quick.")])
    mine = [one for one in await stored(school.world) if one.name == "Style"]
    assert [(one.version, one.labels, one.tags, one.created_by) for one in mine] == [
        (1, (), ("new",), mine[0].created_by),
        (2, ("production", "latest"), ("new",), "operator"),
    ]


@pytest.mark.parametrize(
    ("bad", "msg"),
    [
        (file("b/1.md", "{}"), "missing required field"),
        (file("b/1.md", '{"name": "B"}', tag_of(Ref(name="No", label="x"))), "does not exist"),
        (file("b/1.md", '{"name": "Style", "type": "chat"}', '[{"role":"u","content":"x"}]'),
         "are of type"),
    ],
)  # fmt: skip
async def test_one_fault_and_nothing_is_imported(school: School, bad: PromptFile, msg: str) -> None:
    before = school.dump()
    with pytest.raises(Invalid, match=msg) as refused:
        await school.core.prompts_port.load([file("a/1.md", '{"name": "A"}'), bad])
    assert refused.value.faults[0].loc[0] == "b/1.md"
    assert school.dump() == before


async def test_what_is_here_must_stay_whole(school: School) -> None:
    """`Voice` refers to what bears `production` of `Style`."""
    circle = file("s/1.md", '{"name": "Style", "labels": ["production"]}', production("End"))
    end = file("e/1.md", '{"name": "End", "labels": ["production"]}', "x")
    await make(school, "Above", production("Voice"), labels=("production",))
    await school.core.prompts_port.load([circle, end])
    before = school.dump()
    deep = [
        file(f"{at}/1.md", f'{{"name": "N{at}", "labels": ["production"]}}', production(below))
        for at, below in ((1, "N2"), (2, "End"))
    ]
    more = file("s/2.md", '{"name": "Style", "labels": ["production"]}', production("N1"))
    with pytest.raises(Conflict, match="would break 'Above' version 1"):
        await school.core.prompts_port.load([*deep, more])
    assert school.dump() == before


async def test_each_new_version_is_in_the_trail_as_the_operators(school: School) -> None:
    await school.core.prompts_port.load([file("a/4.md", '{"name": "A", "labels": ["x"]}')])
    wanted = EntryFilter(actions=OF_PROMPTS, target_id="A")
    async with school.world.ports.store.read() as tx:
        (entry,), _ = await tx.audit.entries(wanted, Page())
    assert (entry.actor_id, entry.details) == (None, {"version": 4, "labels": ["x"], "tags": None})
