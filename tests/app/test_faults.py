"""The k-th call to the store fails, k = 1, 2, … until none is left."""

import asyncio
from dataclasses import replace

import pytest
from msgspec import structs

from tests.app.failing_store import FailingStore
from tests.app.invariants import Witness
from tests.app.school import PEOPLE, School, build
from tests.app.use_cases import BEFORE, CALLS, READS, WRITES
from twosigma.app.core import TwoSigma
from twosigma.app.prompts_edit import PromptDraft
from twosigma.domain.actor import Role
from twosigma.domain.errors import DomainError, Unavailable
from twosigma.testing import Talk, events_of, in_memory, read

TURNS = ("chat_turns.send", "chat_turns.greet")
"""Made of several transactions: a test of their own."""
ERRANDS = ("password_resets.request",)
"""Done beside the requests, so that nobody is told: a test of their own too."""


async def _doer(school: School, name: str) -> str:
    """Somebody whom the use case lets."""
    for who in reversed(PEOPLE):
        school.restore()
        try:
            await CALLS[name](school, who)
        except DomainError:
            continue
        return who
    raise AssertionError(f"nobody may {name}")


@pytest.mark.parametrize("is_late", [False, True], ids=["not committed", "committed unheard"])
@pytest.mark.parametrize("name", [name for name in WRITES if name not in (*TURNS, *ERRANDS)])
async def test_f107_a_fault_leaves_what_was_before_or_what_comes_after(
    name: str, is_late: bool
) -> None:
    async with in_memory() as world:
        school = await build(world)
        if name in BEFORE:
            await BEFORE[name](school)
            school.keep()
        who = await _doer(school, name)
        school.restore()
        before = school.dump()
        store = FailingStore(world.ports.store, is_late=is_late)
        async with school.over(store).running():
            school.restore()
            await CALLS[name](school, who)
            after, calls = school.dump(), store.calls
            assert after != before, "nothing is written here"
            assert len(store.commits) == 1, "before or after needs one transaction"
            for failing in range(1, calls + 1):
                school.restore()
                store.calls, store.failing = 0, failing
                with pytest.raises(Unavailable):
                    await CALLS[name](school, who)
                wanted = after if is_late and failing in store.commits else before
                assert school.dump() == wanted, f"call {failing} of {calls}"


@pytest.mark.parametrize("name", sorted(READS - {"auth.user_id_of"}))
async def test_f107_a_fault_in_a_read_is_told_and_never_swallowed(name: str) -> None:
    async with in_memory() as world:
        school = await build(world)
        who = await _doer(school, name)
        school.restore()
        store = FailingStore(world.ports.store)
        async with school.over(store).running():
            await CALLS[name](school, who)
            calls = store.calls
            assert calls
            for failing in range(1, calls + 1):
                store.calls, store.failing = 0, failing
                with pytest.raises(Unavailable):
                    await CALLS[name](school, who)


async def _greeting_with_fault(failing: int | None, *, is_late: bool) -> int:
    """A greeting during which one call fails, and what is true after it whatever it was; gives
    how many calls there were."""
    async with in_memory() as world:
        course = await world.course()
        store = FailingStore(world.ports.store, is_late=is_late)
        core = TwoSigma(structs.replace(world.ports, store=store))
        async with core.running():
            process = replace(world, core=core)
            talks = [await (await process.learner(course)).open(course.items[0]) for _ in range(2)]
            witness = Witness(world.ports.store)
            store.calls, store.failing = 0, failing
            asking = asyncio.ensure_future(_answered(talks[0]))
            await world.clock.advance(60)
            was_answered, calls = await asking, store.calls
            store.failing = None
            await witness.look([each.session_id for each in talks])
            count = (await talks[0].session()).message_count
            assert count == 2 if was_answered else count in (0, 2)
            for each in talks:
                assert (await each.greet()).message_id is not None, "usable again"
                assert (await each.session()).message_count == 2
            await witness.look([each.session_id for each in talks])
        return calls


async def _answered(talk: Talk) -> bool:
    """Whether the learner was given the whole greeting."""
    try:
        stream = await talk.world.core.chat_turns.greet(talk.learner.id, talk.session_id)
    except Unavailable:
        return False
    return events_of(await read(stream))[-1]["message_id"] is not None


@pytest.mark.parametrize("is_late", [False, True], ids=["not committed", "committed unheard"])
async def test_f107_a_fault_in_a_turn_leaves_all_of_it_or_nothing(is_late: bool) -> None:
    calls = await _greeting_with_fault(None, is_late=is_late)
    for failing in range(1, calls + 1):
        await _greeting_with_fault(failing, is_late=is_late)


@pytest.mark.parametrize("is_late", [False, True], ids=["not committed", "committed unheard"])
async def test_langfuse_a_publication_that_breaks_is_taught_whole_or_not_at_all(
    is_late: bool,
) -> None:
    async with in_memory() as world:
        course = await world.course(cache_enabled=False)
        admin = (await world.user(Role.PLATFORM_ADMIN)).actor
        learner = await world.learner(course)
        store = FailingStore(world.ports.store, is_late=is_late)
        edit = TwoSigma(structs.replace(world.ports, store=store)).prompts_edit
        taught = "Voice 0."
        await world.publish("Tutor/Text", taught)
        number = 1
        while True:
            text = f"Voice {number}."
            draft = PromptDraft(name="Tutor/Text", prompt=text, labels=("production",))
            store.calls, store.failing, store.commits = 0, number, []
            try:
                await edit.create(admin, draft)
                was_refused = False
            except Unavailable:
                was_refused = True
            if not was_refused or (is_late and number in store.commits):
                taught = text
            await (await learner.open(course.items[0])).greet()
            assert world.llm.requests[-1].context.system == taught
            if not was_refused:
                break
            number += 1
        assert number > 3
