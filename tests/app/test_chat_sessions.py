"""Sessions: open, list, read, share, erase."""

import asyncio
from typing import Any

import pytest
from msgspec import structs

from tests.app.lessons import ADD, SUB
from twosigma.domain.actor import Role
from twosigma.domain.cache_tree import CacheState, Position
from twosigma.domain.catalog import Page
from twosigma.domain.chat import TurnStatus
from twosigma.domain.errors import Forbidden, Missing
from twosigma.domain.modules import ModuleFields
from twosigma.testing import Course, Pause, Talk, World, in_memory

GONE = r"^Shared session not found$"


async def begun(world: World, **about: Any) -> tuple[Course, Talk]:
    """A lesson, and a session that has its greeting."""
    course = await world.course(questions=[ADD, SUB], items=2, **about)
    talk = await (await world.learner(course)).open(course.items[0])
    await talk.greet()
    return course, talk


async def archive_item(world: World, item_id: int) -> None:
    async with world.ports.store.write() as tx:
        item = await tx.content.get(item_id)
        assert item is not None
        await tx.content.save(structs.replace(item, is_archived=True))
        await tx.epochs.raise_course(item.course_id)


async def share(talk: Talk, days: int | None = None) -> str:
    sessions = talk.world.core.chat_sessions
    return await sessions.share(talk.learner.actor, talk.session_id, days)


async def seen(talk: Talk, token: str) -> list[str]:
    view = await talk.world.core.chat_sessions.shared(token)
    return [message.content for message in view.messages]


async def test_a_new_session_has_not_begun() -> None:
    async with in_memory() as world:
        course = await world.course(questions=[ADD])
        who = await world.learner(course)
        session = await world.core.chat_sessions.create(who.actor, course.items[0])
        assert (session.user_id, session.course_id) == (who.id, course.id)
        assert (session.title, session.locale) == ("Item 1", "en")
        assert (session.message_count, session.turn, session.share) == (0, None, None)
        assert session.position == Position(state=CacheState.TRACKING)
        assert session.created_at == session.updated_at == world.clock.now()
        view = await world.core.chat_sessions.get(who.actor, session.id)
        assert (view.session, list(view.messages)) == (session, [])


async def test_the_frozen_context_has_just_these_keys_and_never_an_answer() -> None:
    async with in_memory() as world:
        course = await world.course(questions=[ADD, SUB], title="Algebra", locales=("en", "es"))
        who = await world.learner(course, locale="es-MX")
        fields = ModuleFields(course_id=course.id, title="Top")
        admin = await world.user(Role.PLATFORM_ADMIN)
        top = await world.core.modules.create(admin.actor, fields, None)
        async with world.ports.store.write() as tx:
            module = await tx.modules.get(course.module_id)
            assert module is not None
            await tx.modules.save(structs.replace(module, parent_module_id=top.id))
        session = await world.core.chat_sessions.create(who.actor, course.items[0])
        assert session.content_context == {
            "course_id": course.id,
            "course_title": "Algebra",
            "module_id": course.module_id,
            "module_title": "Unit",
            "module_path": ["Top", "Unit"],
            "content_item_id": course.items[0],
            "content_title": "Item 1",
            "description": "",
            "content_type": "quiz",
            "locale": "es",
        }
        await world.change_course(course, title="Renamed")
        view = await world.core.chat_sessions.get(who.actor, session.id)
        assert view.session.content_context == session.content_context


@pytest.mark.parametrize(
    ("wanted", "found"),
    [("en-GB", "en"), ("zh-Hant-TW", "zh-Hant"), ("zh-Hans", "zh"), ("ZH", "zh"), ("fi", "en")],
)
async def test_the_locale_is_looked_up_among_the_courses(wanted: str, found: str) -> None:
    async with in_memory() as world:
        course = await world.course(locales=("en", "zh", "zh-Hant"))
        talk = await (await world.learner(course, locale=wanted)).open(course.items[0])
        assert (await talk.session()).locale == found


async def test_a_greeting_that_is_there_is_a_hit_right_after_creation() -> None:
    async with in_memory() as world:
        course, one = await begun(world)
        two = await (await world.learner(course)).open(course.items[0])
        tree_id = (await one.session()).position.tree_id
        session = await two.session()
        assert session.position == Position(tree_id=tree_id)
        assert session.stamp is not None
        assert (await two.greet()).source == "cache"
        assert len(world.llm.requests) == 1


async def test_a_prompt_out_of_order_does_not_keep_a_session_from_being_opened() -> None:
    async with in_memory() as world:
        course = await world.course(prompt_label="nowhere")
        talk = await (await world.learner(course)).open(course.items[0])
        session = await talk.session()
        assert (session.position, session.stamp) == (Position(), None)


async def test_who_may_open_a_session() -> None:
    async with in_memory() as world:
        course, talk = await begun(world)
        create = world.core.chat_sessions.create
        stranger, admin = await world.user(), await world.user(Role.PLATFORM_ADMIN)
        with pytest.raises(Missing, match=r"^Content not found$"):
            await create(admin.actor, 999)
        with pytest.raises(Forbidden):
            await create(stranger.actor, course.items[0])
        await create(talk.learner.actor, course.items[0])
        await create(talk.learner.actor, course.items[0])
        await world.drop(talk.learner, course)
        with pytest.raises(Forbidden):
            await create(talk.learner.actor, course.items[0])
        await archive_item(world, course.items[0])
        for who in (talk.learner, stranger):
            with pytest.raises(Missing, match=r"^Content not found$"):
                await create(who.actor, course.items[0])
        assert (await create(admin.actor, course.items[0])).stamp is None


async def test_a_list_is_ones_own_newest_first() -> None:
    async with in_memory() as world:
        course, first = await begun(world)
        who, sessions = first.learner, world.core.chat_sessions
        second = await who.open(course.items[1])
        third = await who.open(course.items[0])
        await (await world.learner(course)).open(course.items[0])

        async def listed(item_id: int | None = None, **page: int) -> tuple[list[int], int]:
            rows, total = await sessions.list(who.actor, item_id, Page(**page))
            return [row.id for row in rows], total

        assert await listed() == ([third.session_id, second.session_id, first.session_id], 3)
        assert await listed(course.items[0]) == ([third.session_id, first.session_id], 2)
        assert await listed(skip=1, limit=1) == ([second.session_id], 3)
        assert await listed(999) == ([], 0)
        assert await listed(skip=7) == ([], 3)


async def test_a_session_comes_with_its_last_100_messages_and_pages_give_all() -> None:
    async with in_memory() as world:
        _, talk = await begun(world)
        for at in range(55):
            await talk.send(f"Why {at}?")
        sessions, actor = world.core.chat_sessions, talk.learner.actor
        view = await sessions.get(actor, talk.session_id)
        assert view.session.message_count == 112
        first, total = await sessions.messages(actor, talk.session_id, Page(limit=12))
        assert total == 112
        assert first[0].content == "Start."
        rest, _ = await sessions.messages(actor, talk.session_id, Page(skip=12))
        assert [*first, *rest][12:] == list(view.messages)
        assert (await sessions.messages(actor, talk.session_id, Page(skip=500)))[0] == []


async def test_a_running_turn_is_told_and_its_messages_are_not_there_yet() -> None:
    async with in_memory() as world:
        _, talk = await begun(world)
        world.llm.say("Be", Pause(1), "cause.")
        asking = asyncio.ensure_future(talk.send("Why?"))
        await world.clock.advance(0.5)
        session = await talk.session()
        assert session.turn is not None
        assert (session.turn.status, session.turn.content) == (TurnStatus.RUNNING, "Why?")
        assert len(await talk.messages()) == 2
        await world.clock.advance(1)
        await asking
        session = await talk.session()
        assert session.turn is not None
        assert session.turn.status is TurnStatus.COMPLETED
        assert session.message_count == 4


async def test_deleting_erases_messages_and_link_and_keeps_the_nodes() -> None:
    async with in_memory() as world:
        course, talk = await begun(world)
        token = await share(talk)
        sessions, actor = world.core.chat_sessions, talk.learner.actor
        await sessions.remove(actor, talk.session_id)
        for attempt in (
            sessions.get(actor, talk.session_id),
            sessions.messages(actor, talk.session_id, Page()),
            sessions.share(actor, talk.session_id),
            sessions.revoke_share(actor, talk.session_id),
            sessions.remove(actor, talk.session_id),
        ):
            with pytest.raises(Missing, match=r"^Session not found$"):
                await attempt
        with pytest.raises(Missing, match=GONE):
            await sessions.shared(token)
        assert await sessions.list(actor, None, Page()) == ([], 0)
        two = await (await world.learner(course)).open(course.items[0])
        assert (await two.greet()).source == "cache"


async def test_deleting_stops_the_running_turn() -> None:
    async with in_memory() as world:
        _, talk = await begun(world)
        world.llm.say("Be", Pause(10), "cause.")
        sending = world.core.chat_turns.send(talk.learner.id, talk.session_id, "Why?")
        stream = asyncio.ensure_future(sending)
        await world.clock.advance(1)
        await stream
        await world.core.chat_sessions.remove(talk.learner.actor, talk.session_id)
        await world.clock.advance(1)
        assert world.llm.closed == 1


@pytest.mark.parametrize("what", ["dropped", "unpublished", "archived"])
async def test_what_was_said_can_be_read_and_deleted_after_one_may_not_talk(what: str) -> None:
    async with in_memory() as world:
        course, talk = await begun(world)
        token = await share(talk)
        if what == "dropped":
            await world.drop(talk.learner, course)
        elif what == "unpublished":
            await world.change_course(course, is_published=False)
        else:
            await archive_item(world, course.items[0])
        with pytest.raises(Forbidden if what == "dropped" else Missing):
            await talk.answer(1, "B")
        sessions, actor = world.core.chat_sessions, talk.learner.actor
        assert len(await talk.messages()) == 2
        assert (await sessions.list(actor, None, Page()))[1] == 1
        assert await seen(talk, token)
        await sessions.revoke_share(actor, talk.session_id)
        await sessions.remove(actor, talk.session_id)
