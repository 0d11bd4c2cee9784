"""Prompts as lines: what a platform admin takes out of an installation and brings into another."""

from collections.abc import AsyncIterator

import pytest

from tests.app.prompt_drafts import make, production
from tests.app.school import School, build
from tests.app.test_prompts_port import fill, said, stored
from twosigma.domain.actor import Role
from twosigma.domain.audit import OF_PROMPTS, EntryFilter
from twosigma.domain.catalog import Page
from twosigma.domain.errors import Conflict, Invalid
from twosigma.domain.prompt_lines import written
from twosigma.testing import in_memory


@pytest.fixture
async def school() -> AsyncIterator[School]:
    async with in_memory() as world:
        yield await build(world)


async def exported(school: School, *, only_current: bool = False) -> bytes:
    versions = await school.core.prompts_port.export(
        school.actor("admin"), only_current=only_current
    )
    return b"".join(map(written, versions))


async def test_an_empty_installation_becomes_the_same(school: School) -> None:
    await fill(school)
    lines = (await exported(school)).splitlines(keepends=True)
    async with in_memory(running=False) as world:
        installed = await stored(world)
        admin = (await world.user(Role.PLATFORM_ADMIN)).actor
        data = b"\r\n".join(reversed(lines))
        report = await world.core.prompts_port.import_(admin, data)
        assert said(await stored(world)) == said(await stored(school.world))
        made = {one.created_by for one in await stored(world) if one.name in {"Style", "Talk"}}
        assert made == {str(admin.user_id)}
    known = {one.name for one in report if not one.is_new}
    assert known == {one.name for one in installed}
    assert [one.loc for one in report] == [("body", 2 * n - 1) for n in range(len(lines), 0, -1)]


async def test_lines_and_files_are_the_same_versions(school: School) -> None:
    await fill(school)
    files, lines = await school.core.prompts_port.dump(), await exported(school)
    async with in_memory(running=False) as world:
        admin = (await world.user(Role.PLATFORM_ADMIN)).actor
        await world.core.prompts_port.load(files)
        report = await world.core.prompts_port.import_(admin, lines)
        assert not any(one.is_new for one in report)
        assert await world.core.prompts_port.dump() == files


async def test_a_second_import_changes_nothing(school: School) -> None:
    await fill(school)
    before = school.dump()
    lines = await exported(school)
    report = await school.core.prompts_port.import_(school.actor("admin"), lines)
    assert not any(one.is_new for one in report)
    assert school.dump() == before


async def test_only_the_current_leaves_out_what_no_label_leads_to(school: School) -> None:
    await fill(school)
    current = (await exported(school, only_current=True)).splitlines()
    every = (await exported(school)).splitlines()
    left_out = [line for line in every if line not in current]
    assert [line[:27] for line in left_out] == [b'{"name":"Talk","version":1,']


async def test_a_dry_run_reports_the_same_and_changes_nothing(school: School) -> None:
    data = (
        b'{"name": "Y", "version": 7, "prompt": "Hi"}\n'
        b'{"name": "Style", "version": 1, "prompt": "Other."}'
    )
    admin = school.actor("admin")
    before = school.dump()
    rehearsed = await school.core.prompts_port.import_(admin, data, is_rehearsal=True)
    assert school.dump() == before
    assert await school.core.prompts_port.import_(admin, data) == rehearsed
    assert [(one.loc[1], one.name, one.version, one.is_new) for one in rehearsed] == [
        (2, "Style", 2, True),
        (1, "Y", 7, True),
    ]


async def test_each_new_version_is_in_the_trail_as_the_admins(school: School) -> None:
    admin = school.actor("admin")
    assert admin is not None
    line = b'{"name": "Style", "version": 4, "prompt": "Hi", "labels": ["production"]}'
    await school.core.prompts_port.import_(admin, line)
    wanted = EntryFilter(actions=OF_PROMPTS, target_id="Style")
    async with school.world.ports.store.read() as tx:
        (entry, *_), _ = await tx.audit.entries(wanted, Page())
        added = await tx.prompts.labeled("Style", "production")
    assert (entry.actor_id, entry.details) == (
        admin.user_id, {"version": 4, "labels": ["production"], "tags": None},
    )  # fmt: skip
    assert added is not None
    assert (added.version, added.created_by) == (4, str(admin.user_id))


@pytest.mark.parametrize(
    ("bad", "loc", "msg"),
    [
        (b'{"name": "B", "version": 1}', (2, "prompt"), "Field required"),
        (b'{"name": "B", "version": 1, "prompt": "@@@langfusePrompt:name=No|label=x@@@"}', (2,),
         "does not exist"),
        (b'{"name": "Style", "version": 1, "type": "chat", '
         b'"prompt": [{"role": "u", "content": "x"}]}', (2,), "are of type"),
    ],
)  # fmt: skip
async def test_one_fault_and_nothing_is_imported(
    school: School, bad: bytes, loc: tuple[object, ...], msg: str
) -> None:
    before = school.dump()
    good = b'{"name": "A", "version": 1, "prompt": "x"}\n'
    with pytest.raises(Invalid, match=msg) as refused:
        await school.core.prompts_port.import_(school.actor("admin"), good + bad)
    assert [fault.loc for fault in refused.value.faults] == [("body", *loc)]
    assert school.dump() == before


async def test_what_is_here_must_stay_whole(school: School) -> None:
    """`Above` refers to `Voice`, and this to what bears `production` of `Style`."""
    await make(school, "Above", production("Voice"), labels=("production",))
    before = school.dump()
    below = "".join(
        f'{{"name": "{name}", "version": 1, "labels": ["production"], "prompt": "{text}"}}\n'
        for name, text in (
            ("Style", production("N1")), ("N1", production("N2")), ("N2", production("N3")),
            ("N3", "x"),
        )
    )  # fmt: skip
    with pytest.raises(Conflict, match="would break 'Above' version 1"):
        await school.core.prompts_port.import_(school.actor("admin"), below.encode())
    assert school.dump() == before
