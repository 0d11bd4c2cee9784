"""Forgotten passwords: a link by mail, good once and not for long."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from msgspec import structs

from tests.app.failing_store import FailingStore
from tests.app.school import mailed_token
from twosigma.adapters.memory.clock import rest
from twosigma.app.core import TwoSigma
from twosigma.app.policy import Policy
from twosigma.app.turn_tasks import MAX_ERRANDS
from twosigma.domain.actor import Role
from twosigma.domain.errors import Conflict, Invalid, Unauthenticated, Unavailable
from twosigma.domain.mail import Letter
from twosigma.testing import PASSWORD, Learner, World, in_memory

NEW = "another horse battery"
DEAD = r"^This reset link is no longer valid$"


async def ask(world: World, email: str) -> int:
    """Ask for a link; how many letters there are then."""
    await world.core.password_resets.request(email)
    await world.core.settled()
    return len(world.mail.letters)


async def refuse(world: World, *tokens: str) -> None:
    for token in tokens:
        with pytest.raises(Conflict, match=DEAD) as refused:
            await world.core.password_resets.confirm(token, NEW)
        assert refused.value.code == "reset_invalid"


async def test_a_mailed_link_sets_another_password_and_signs_out_everywhere() -> None:
    async with in_memory(policy=Policy(public_url="https://x.example")) as world:
        who, other = await world.user(), await world.user()
        pairs = [await world.core.auth.login(each.user.email, PASSWORD) for each in (who, other)]
        token = await mailed_token(world, who.user.email)
        (letter,) = world.mail.letters
        assert f"\nhttps://x.example/reset-password#token={token}\n" in letter.text
        await world.core.password_resets.confirm(token, NEW)
        with pytest.raises(Unauthenticated):
            await world.core.auth.login(who.user.email, PASSWORD)
        with pytest.raises(Unauthenticated):
            await world.core.auth.refresh(pairs[0].refresh_token)
        await world.core.auth.login(who.user.email, NEW)
        await world.core.auth.refresh(pairs[1].refresh_token)
        await world.core.auth.login(other.user.email, PASSWORD)


async def test_used_replaced_expired_and_unknown_tokens_are_refused_alike() -> None:
    async with in_memory() as world:
        who = await world.user()
        replaced = await mailed_token(world, who.user.email)
        used = await mailed_token(world, who.user.email)
        await refuse(world, replaced, "nothing of ours", "", "é" * 200, "\ud800")
        await world.core.password_resets.confirm(used, NEW)
        await refuse(world, used, replaced)
        late = await mailed_token(world, who.user.email)
        await world.clock.advance(30 * 60)
        await refuse(world, late)
        await world.core.auth.login(who.user.email, NEW)


async def test_a_password_that_is_changed_otherwise_ends_the_links() -> None:
    async with in_memory() as world:
        who = await world.user()
        token = await mailed_token(world, who.user.email)
        await world.core.auth.change_password(who.actor, PASSWORD, NEW)
        await refuse(world, token)


@pytest.mark.parametrize("bad", ["short", "x" * 129, "a\x00bcdefgh", "USER1@example.com"])
async def test_what_cannot_be_a_password_is_told_and_the_link_is_still_good(bad: str) -> None:
    async with in_memory() as world:
        who = await world.user()
        token = await mailed_token(world, who.user.email)
        with pytest.raises(Invalid) as refused:
            await world.core.password_resets.confirm(token, bad)
        assert [fault.loc for fault in refused.value.faults] == [("body", "new_password")]
        await world.core.password_resets.confirm(token, NEW)


async def test_f37_asking_tells_nothing_of_who_has_an_account() -> None:
    """The store is not even looked at before the answer, so that no time tells either."""
    async with in_memory() as world:
        known, off = await world.user(), await world.user()
        admin = await world.user(Role.PLATFORM_ADMIN)
        await world.core.users.set_status(admin.actor, off.id, is_active=False)
        store = FailingStore(world.ports.store)
        core = TwoSigma(structs.replace(world.ports, store=store))
        async with core.running():
            for email in (known.user.email, "nobody@example.com", off.user.email):
                store.calls = 0
                await core.password_resets.request(email)
                assert store.calls == 0
                await core.settled()
        assert [letter.to for letter in world.mail.letters] == [known.user.email]
        with pytest.raises(Invalid):
            await world.core.password_resets.request("nobody")


async def test_addresses_are_told_apart_as_at_the_login() -> None:
    async with in_memory() as world:
        who = await world.user()
        assert await ask(world, f" {who.user.email.upper()} ") == 1
        assert world.mail.letters[0].to == who.user.email


async def test_three_links_an_hour_and_account_are_mailed() -> None:
    async with in_memory() as world:
        who, other = await world.user(), await world.user()
        first = world.clock.now()
        assert [await ask(world, who.user.email) for _ in range(5)] == [1, 2, 3, 3, 3]
        assert await ask(world, other.user.email) == 4
        world.clock.set(first + timedelta(hours=1) - timedelta(seconds=1))
        assert await ask(world, who.user.email) == 4
        world.clock.set(first + timedelta(hours=1))
        assert await ask(world, who.user.email) == 5
        async with world.ports.store.read() as tx:
            assert len(await tx.password_resets.of_user(who.id)) == 4


async def test_a_link_that_is_not_mailed_does_not_end_the_one_before() -> None:
    async with in_memory() as world:
        who = await world.user()
        third = [await mailed_token(world, who.user.email) for _ in range(3)][-1]
        assert await ask(world, who.user.email) == 3
        await world.core.password_resets.confirm(third, NEW)


async def test_an_account_that_is_switched_off_since_is_not_opened_by_its_link() -> None:
    async with in_memory() as world:
        who, admin = await world.user(), await world.user(Role.PLATFORM_ADMIN)
        token = await mailed_token(world, who.user.email)
        await world.core.users.set_status(admin.actor, who.id, is_active=False)
        await refuse(world, token)


async def test_only_a_digest_of_a_token_is_kept() -> None:
    async with in_memory() as world:
        who = await world.user()
        token = await mailed_token(world, who.user.email)
        async with world.ports.store.read() as tx:
            (kept,) = await tx.password_resets.of_user(who.id)
        assert token.encode() not in kept.digest
        assert len(token) >= 22  # 128 bits in Base64


class Broken(Exception):
    """What some mail library raises, with all in it that it should not tell."""


@asynccontextmanager
async def failing_mail(world: World) -> AsyncIterator[Learner]:
    who = await world.user()
    world.mail.error = Broken(f"550 no such user: {who.user.email} canary-token")
    yield who
    world.mail.error = None


async def test_f120_a_mail_that_fails_is_logged_without_whom_and_what(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    async with in_memory() as world, failing_mail(world) as who:
        assert await ask(world, who.user.email) == 0
        assert "a mail could not be sent: Broken" in caplog.text
        assert who.user.email not in caplog.text
        assert "canary" not in caplog.text
        assert "token-" not in caplog.text


@pytest.mark.parametrize("is_late", [False, True], ids=["not committed", "committed unheard"])
async def test_f107_a_fault_while_a_link_is_made_mails_none_and_tells_nobody(
    is_late: bool, caplog: pytest.LogCaptureFixture
) -> None:
    async with in_memory() as world:
        who = await world.user()
        store = FailingStore(world.ports.store, is_late=is_late)
        core = TwoSigma(structs.replace(world.ports, store=store))
        async with core.running():
            await core.password_resets.request(who.user.email)
            await core.settled()
            calls, store.calls = store.calls, 0
            for failing in range(1, calls + 1):
                store.calls, store.failing = 0, failing
                await core.password_resets.request(who.user.email)
                await core.settled()
                assert len(world.mail.letters) == 1
                assert caplog.messages[-1] == "a mail could not be sent: Unavailable"
                world.clock.set(world.clock.now() + timedelta(hours=1))


class SlowMail:
    """Takes letters as long as it is held."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.at_once = self.most = self.sent = 0

    async def send(self, letter: Letter) -> None:
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        await self.open.wait()
        self.at_once -= 1
        self.sent += 1


async def test_few_letters_are_sent_at_once_and_too_many_are_dropped(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with in_memory() as world:
        mail, people = SlowMail(), [await world.user() for _ in range(9)]
        core = TwoSigma(structs.replace(world.ports, mail=mail))
        async with core.running():
            for each in people:
                await core.password_resets.request(each.user.email)
            for _ in range(MAX_ERRANDS):
                await core.password_resets.request("nobody@example.com")
            await rest()
            assert "an errand was dropped: too many wait" in caplog.messages
            mail.open.set()
            await core.settled()
        assert (mail.sent, mail.most) == (9, 4)


async def test_a_letter_on_its_way_gets_its_time_when_the_process_stops() -> None:
    async with in_memory() as world:
        mail, who = SlowMail(), await world.user()
        core = TwoSigma(structs.replace(world.ports, mail=mail))
        async with core.running():
            await core.password_resets.request(who.user.email)
            await rest()
            asyncio.get_running_loop().call_later(0.01, mail.open.set)
        assert mail.sent == 1
        with pytest.raises(Unavailable):
            await core.password_resets.request(who.user.email)


async def test_a_letter_that_outlasts_the_stop_is_given_up() -> None:
    async with in_memory() as world:
        mail, who = SlowMail(), await world.user()
        core = TwoSigma(structs.replace(world.ports, mail=mail), Policy(drain=5))

        async def run() -> None:
            async with core.running():
                await core.password_resets.request(who.user.email)

        stopping = asyncio.ensure_future(run())
        await world.clock.advance(6)
        await stopping
        assert mail.sent == 0
