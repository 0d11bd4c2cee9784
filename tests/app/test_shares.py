"""Public links to sessions."""

import asyncio
from datetime import timedelta

import pytest

from tests.app.test_chat_sessions import GONE, begun, seen, share
from twosigma.domain.errors import Invalid, Missing
from twosigma.testing import Pause, in_memory


async def test_a_shared_link_shows_the_messages_up_to_the_share_and_no_ids() -> None:
    async with in_memory() as world:
        _, talk = await begun(world)
        token = await share(talk)
        greeting = [message.content for message in await talk.messages()]
        world.llm.say("Be", Pause(1), "cause.")
        asking = asyncio.ensure_future(talk.send("Why?"))
        await world.clock.advance(0.5)
        assert await share(talk) == token, "a running turn is not among what is shared"
        assert await seen(talk, token) == greeting
        await world.clock.advance(1)
        await asking
        assert await seen(talk, token) == greeting
        assert await share(talk) == token
        assert await seen(talk, token) == [*greeting, "Why?", "Because."]
        view = await world.core.chat_sessions.shared(token)
        assert view.title == "Item 1"
        assert view.content_context == {
            "course_title": view.session.content_context["course_title"],
            "module_title": "Unit",
            "content_title": "Item 1",
            "content_type": "quiz",
            "locale": "en",
        }
        assert view.session.share is not None
        assert view.session.share.shared_at == world.clock.now()


async def test_a_session_without_messages_can_be_shared() -> None:
    async with in_memory() as world:
        course = await world.course()
        talk = await (await world.learner(course)).open(course.items[0])
        token = await share(talk)
        await talk.greet()
        assert await seen(talk, token) == []


async def test_f69_sharing_at_once_is_one_token() -> None:
    async with in_memory() as world:
        _, talk = await begun(world)
        assert len(set(await asyncio.gather(*(share(talk) for _ in range(6))))) == 1


async def test_a_link_ends_when_its_days_are_over_and_the_next_one_is_new() -> None:
    async with in_memory() as world:
        _, talk = await begun(world)
        start = world.clock.now()
        token = await share(talk, 2)
        world.clock.set(start + timedelta(days=1))
        assert await share(talk) == token, "no days: the end it has stays"
        world.clock.set(start + timedelta(days=2) - timedelta(seconds=1))
        assert await seen(talk, token)
        assert await share(talk, 1) == token, "days again: counted from now"
        world.clock.set(start + timedelta(days=3) - timedelta(seconds=2))
        assert await seen(talk, token)
        world.clock.set(start + timedelta(days=3))
        with pytest.raises(Missing, match=GONE):
            await seen(talk, token)
        again = await share(talk)
        assert again != token
        with pytest.raises(Missing, match=GONE):
            await seen(talk, token)
        world.clock.set(start + timedelta(days=4000))
        assert await seen(talk, again), "a link without days has no end"


@pytest.mark.parametrize(
    ("days", "kind"),
    [
        (0, "value_error.number.not_ge"),
        (-1, "value_error.number.not_ge"),
        (366, "value_error.number.not_le"),
    ],
)
async def test_a_link_lasts_1_to_365_days(days: int, kind: str) -> None:
    async with in_memory() as world:
        _, talk = await begun(world)
        with pytest.raises(Invalid) as refused:
            await share(talk, days)
        (fault,) = refused.value.faults
        assert (fault.loc, fault.type) == (("body", "expires_in_days"), kind)
        for fine in (1, 365):
            await share(talk, fine)


async def test_f56_revoked_deleted_and_never_was_are_one_error() -> None:
    async with in_memory() as world:
        course, talk = await begun(world)
        sessions, actor = world.core.chat_sessions, talk.learner.actor
        revoked = await share(talk)
        await sessions.revoke_share(actor, talk.session_id)
        await sessions.revoke_share(actor, talk.session_id)
        renewed = await share(talk)
        assert renewed != revoked
        deleted = await talk.learner.open(course.items[0])
        dead = await share(deleted)
        await sessions.remove(actor, deleted.session_id)
        errors = set()
        for token in (revoked, dead, "never-was", "", "\x00"):
            with pytest.raises(Missing) as refused:
                await sessions.shared(token)
            errors.add((str(refused.value), refused.value.code))
        assert errors == {("Shared session not found", "not_found")}
        assert await seen(talk, renewed)
