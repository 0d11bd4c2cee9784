"""Prompts of another service: brought in as files are, all or nothing."""

from collections.abc import AsyncIterator

import pytest

from tests.app.prompt_calls import Elsewhere
from tests.app.prompt_drafts import make, production
from tests.app.school import School, build
from twosigma.app.prompts_port import Ported
from twosigma.domain.errors import Invalid
from twosigma.domain.prompt_pull import Pulled
from twosigma.domain.prompts import PromptVersion
from twosigma.testing import World, in_memory


@pytest.fixture
async def school() -> AsyncIterator[School]:
    async with in_memory() as world:
        yield await build(world)


async def stored(world: World) -> list[PromptVersion]:
    async with world.ports.store.read() as tx:
        return list(await tx.prompts.all_versions())


def silent(done: int, total: int) -> None:
    """Nobody looks on."""


SOME = Elsewhere(
    [
        Pulled(name="Top", version=2, prompt=production("Base"), labels=("latest",), tags=("t",)),
        Pulled(name="Base", version=3, prompt="Base.", labels=("production",)),
        Pulled(name="Base", version=4, prompt="Newest.", labels=("latest",)),
        Pulled(name="Base", version=1, prompt="Old."),
        Pulled(name="Style", version=1, prompt="Be quick."),
    ]
)


async def test_numbers_labels_and_tags_come_along_and_what_is_here_stays(school: School) -> None:
    await make(school, "Base", "Old.", labels=("mine",))
    report = await school.core.prompts_port.pull(SOME, silent)
    assert [(one.source, one.version, one.is_new) for one in report] == [
        ("Base version 1", 1, False), ("Base version 3", 3, True), ("Base version 4", 4, True),
        ("Style version 1", 2, True), ("Top version 2", 2, True),
    ]  # fmt: skip
    here = {(one.name, one.version): one for one in await stored(school.world)}
    assert here["Base", 1].labels == ("mine",)
    assert here["Base", 3].labels == ("production",)
    assert (here["Top", 2].tags, here["Top", 2].created_by) == (("t",), "operator")
    again = await school.core.prompts_port.pull(SOME, silent)
    assert not any(one.is_new for one in again)


async def test_only_the_current_leaves_out_what_no_label_leads_to(school: School) -> None:
    report = await school.core.prompts_port.pull(SOME, silent, only_current=True)
    assert [one.source for one in report] == ["Base version 3", "Base version 4", "Top version 2"]


async def test_a_dry_run_reports_the_same_and_changes_nothing(school: School) -> None:
    before = school.dump()
    rehearsed = await school.core.prompts_port.pull(SOME, silent, is_rehearsal=True)
    assert school.dump() == before
    assert await school.core.prompts_port.pull(SOME, silent) == rehearsed
    source = "Style version 1"
    wanted = Ported(source=source, loc=(source,), name="Style", version=2, is_new=True)
    assert wanted in rehearsed


async def test_every_fault_is_told_and_nothing_is_brought_in(school: School) -> None:
    bad = [
        Pulled(name="Odd", version=1, prompt="x", config=[1]),
        Pulled(name="Chat", version=1, type="chat", prompt=[{}]),
        Pulled(name="Two", version=1, prompt="x", labels=("a",)),
        Pulled(name="Two", version=2, prompt="x", labels=("a",)),
    ]
    before = school.dump()
    with pytest.raises(Invalid) as refused:
        await school.core.prompts_port.pull(Elsewhere([*SOME.has, *bad]), silent)
    assert [fault.loc for fault in refused.value.faults] == [
        ("Odd version 1", "config"), ("Chat version 1", "prompt", 0, "role"),
        ("Chat version 1", "prompt", 0, "content"), ("Two version 2",),
    ]  # fmt: skip
    assert school.dump() == before


async def test_what_refers_to_nothing_is_refused(school: School) -> None:
    """A label that Langfuse let go of."""
    before = school.dump()
    with pytest.raises(Invalid) as refused:
        await school.core.prompts_port.pull(Elsewhere(SOME.has[:1]), silent)
    assert [fault.loc for fault in refused.value.faults] == [("Top version 2",)]
    assert school.dump() == before
