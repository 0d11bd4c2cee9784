"""An account erased by its owner: what is gone, what stays, and who may not."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from msgspec import structs

from tests.app.gates import GatedStore
from tests.app.school import ADD, PASSWORD, School, build, mailed_token, work
from twosigma.app.core import TwoSigma
from twosigma.domain.actor import Actor, Role
from twosigma.domain.catalog import Page, StaffRole
from twosigma.domain.errors import Conflict, DomainError, Missing, Unauthenticated
from twosigma.domain.feature_requests import RequestFields
from twosigma.domain.profiles import Grade, ProfileChanges
from twosigma.domain.progress import Target
from twosigma.domain.repeats import Answer, Request
from twosigma.domain.users import UserChanges, UserFilter
from twosigma.testing import Learner, Pause, in_memory

Act = Callable[[TwoSigma, Actor], Awaitable[object]]
WORDS = "my own words, and where I live"


def person(school: School, who: str) -> Learner:
    found = school.people[who]
    assert found is not None
    return found


async def fill(school: School) -> Learner:
    """The learner says and does all there is to say and do."""
    learner, core = person(school, "learner"), school.core
    await core.users.update_me(learner.actor, UserChanges(full_name=f"Ada {WORDS}"))
    await core.profiles.update_mine(learner.actor, ProfileChanges(grade=Grade.GRADE_9))
    await core.profiles.prefer(learner.actor, [school.spare.subject_id])
    await core.feature_requests.submit(learner.actor, RequestFields(title=WORDS, description=WORDS))
    async with school.world.ports.store.write() as tx:  # a POST with an Idempotency-Key
        request = Request(user_id=learner.id, key="k", digest=b"d" * 32)
        assert await tx.repeats.use(request, school.world.clock.now())
        await tx.repeats.keep(request, Answer(status=201, headers=(), body=WORDS.encode()))
    sent = work(school, Target.CONTENT, school.course.items[0], progress_percent=40)
    await core.progress.report(learner.actor, sent)
    talk = await learner.open(school.course.items[0])
    await talk.greet()
    await talk.answer(1, WORDS)
    await talk.send(WORDS)
    return learner


def shown(school: School) -> str:
    """All that the store holds, as one text, but for what learners share: replies and the tree
    they hang in."""
    shared = {"replies", "nodes", "node_at", "children", "trees"}
    return "\n".join(
        f"{name}: {rows}" for name, rows in school.dump().items() if name not in shared
    )


async def test_nothing_that_tells_of_a_person_is_left() -> None:
    async with in_memory() as world:
        school = await build(world)
        learner = await fill(school)
        before = shown(school)
        assert learner.id in dict(school.dump()["profiles"])  # type: ignore[call-overload]  # a table
        for told in (WORDS, learner.user.email):
            assert told in before
        await school.core.erasure.erase(learner.actor, PASSWORD)
        after: Any = school.dump()
        text = shown(school)
        for told in (WORDS, learner.user.email):
            assert told not in text
        assert learner.id not in after["password_hashes"]
        assert after["sessions"] == after["lines"] == after["session_by_share"] == {}
        assert after["subject_preferences"] == after["profiles"] == {}
        async with world.ports.store.read() as tx:
            assert await tx.repeats.get(learner.id, "k") is None
        with pytest.raises(Missing):
            await school.core.chat_sessions.shared(school.token)


async def test_what_others_count_on_stays() -> None:
    async with in_memory() as world:
        school = await build(world)
        learner = await fill(school)
        before: Any = school.dump()
        requests, _ = await school.core.feature_requests.all(school.actor("admin"), None, Page())
        await school.core.erasure.erase(learner.actor, PASSWORD)
        after: Any = school.dump()
        assert before["progress"]
        for kept in ("enrollments", "progress", "nodes", "trees", "courses", "node_uses"):
            assert after[kept] == before[kept]
        events = before["events_of_user"][learner.id]
        assert after["events_of_user"][learner.id] == tuple(
            structs.replace(event, answer=None) for event in events
        )
        wishes, _ = await school.core.feature_requests.all(school.actor("admin"), None, Page())
        assert [wish.request.id for wish in wishes] == [wish.request.id for wish in requests]
        for wish in wishes:
            assert (wish.request.title, wish.request.description) == ("Deleted", "Deleted")
            assert wish.author is not None
            assert wish.author.full_name == "Deleted user"


async def test_others_see_a_deleted_user_and_lists_none() -> None:
    async with in_memory() as world:
        school = await build(world)
        learner, admin, core = person(school, "learner"), school.actor("admin"), school.core
        _, total = await core.users.list(admin, UserFilter(), Page())
        await core.erasure.erase(learner.actor, PASSWORD)
        seen = (await core.users.get(admin, learner.id)).user
        assert (seen.full_name, seen.is_active) == ("Deleted user", False)
        rows, left = await core.users.list(admin, UserFilter(), Page())
        assert (left, learner.id in {row.user.id for row in rows}) == (total - 1, False)
        for change in (
            core.users.set_role(admin, learner.id, Role.INSTRUCTOR),
            core.users.set_status(admin, learner.id, is_active=True),
        ):
            with pytest.raises(Missing, match=r"^User not found$"):
                await change


async def test_f34_every_token_dies_and_the_address_is_as_one_that_never_was() -> None:
    async with in_memory() as world:
        school = await build(world)
        learner, core = person(school, "learner"), school.core
        await core.erasure.erase(learner.actor, PASSWORD)
        left = (await core.users.get(school.actor("admin"), learner.id)).user
        for dead in (
            core.auth.actor(school.access_token),
            core.auth.refresh(school.refresh_token),
            core.auth.login(learner.user.email, PASSWORD),
            core.auth.login(left.email, ""),
            core.auth.login(left.email, PASSWORD),
            core.chat_turns.greet(learner.id, school.session_id),
            core.erasure.erase(learner.actor, PASSWORD),
        ):
            with pytest.raises(Unauthenticated):
                await dead
        with pytest.raises(Conflict):
            await core.password_resets.confirm(school.reset_token, "another horse battery")
        letters = len(world.mail.letters)
        await core.password_resets.request(learner.user.email)
        await core.settled()
        assert len(world.mail.letters) == letters
        assert await core.auth.check_email(learner.user.email)


async def test_a_wrong_password_erases_nothing() -> None:
    async with in_memory() as world:
        school = await build(world)
        before = school.dump()
        for wrong in ("", "wrong horse battery", "\ud800"):
            with pytest.raises(Conflict, match=r"^The password is incorrect$") as refused:
                await school.core.erasure.erase(school.actor("learner"), wrong)
            assert refused.value.code == "wrong_password"
        assert school.dump() == before


async def test_the_last_active_admin_names_another_first() -> None:
    async with in_memory() as world:
        admin, core = await world.user(Role.PLATFORM_ADMIN), world.core
        with pytest.raises(Conflict) as refused:
            await core.erasure.erase(admin.actor, PASSWORD)
        assert refused.value.code == "last_admin"
        await world.user(Role.PLATFORM_ADMIN)
        await core.erasure.erase(admin.actor, PASSWORD)


async def test_a_courses_only_owner_names_another_first() -> None:
    async with in_memory() as world:
        course, owner = await world.course(), await world.user(Role.INSTRUCTOR)
        helper = await world.user()
        async with world.ports.store.write() as tx:
            (maker,) = (await tx.catalog.lock_owners(1))[course.id]
            await tx.catalog.remove_staff(maker)
            await tx.catalog.set_staff(course.id, owner.id, StaffRole.OWNER)
            await tx.catalog.set_staff(course.id, helper.id, StaffRole.ASSISTANT)
        with pytest.raises(Conflict) as refused:
            await world.core.erasure.erase(owner.actor, PASSWORD)
        assert refused.value.code == "last_owner"
        assert (await world.core.users.me(owner.actor)).user == owner.user
        await world.core.erasure.erase(helper.actor, PASSWORD)
        async with world.ports.store.write() as tx:
            assert await tx.catalog.staff_roles(helper.id) == {}
            await tx.catalog.set_staff(course.id, maker, StaffRole.OWNER)
        await world.core.erasure.erase(owner.actor, PASSWORD)
        async with world.ports.store.read() as tx:
            assert await tx.catalog.staff_role(course.id, owner.id) is None


async def test_a_running_turn_stops_and_leaves_nothing() -> None:
    async with in_memory() as world:
        course = await world.course(questions=[ADD])
        who, other = await world.learner(course), await world.learner(course)
        talk = await who.open(course.items[0])
        world.llm.say("Welcome", Pause(60), "!")
        greeting = asyncio.ensure_future(talk.greet())
        await world.clock.advance(1)
        await world.core.erasure.erase(who.actor, PASSWORD)
        await world.clock.advance(120)
        with pytest.raises((Missing, Unauthenticated)):
            await greeting  # the end of the stream is read, then its session, which is gone
        async with world.ports.store.read() as tx:
            assert await tx.chat.get(talk.session_id) is None
            assert await tx.chat.messages_of_user(who.id) == []
        world.llm.say("Welcome!")
        assert (await (await other.open(course.items[0])).greet()).message_id is not None


async def _open(core: TwoSigma, who: Actor) -> object:
    return await core.chat_sessions.create(who, 1)


LATE: dict[str, Act] = {
    "a session": _open,
    "a wish": lambda core, who: core.feature_requests.submit(
        who, RequestFields(title=WORDS, description=WORDS)
    ),
    "a name": lambda core, who: core.users.update_me(who, UserChanges(full_name=WORDS)),
    "a profile": lambda core, who: core.profiles.update_mine(
        who, ProfileChanges(grade=Grade.GRADE_9)
    ),
    "preferences": lambda core, who: core.profiles.prefer(who, []),
    "a password": lambda core, who: core.auth.change_password(who, PASSWORD, WORDS),
    "a sign-in": lambda core, who: core.auth.login("user4@example.com", PASSWORD),
}


@pytest.mark.parametrize("name", LATE)
async def test_what_is_on_its_way_while_the_account_is_erased_leaves_nothing(name: str) -> None:
    async with in_memory() as world:
        school = await build(world)
        learner = person(school, "learner")
        assert learner.user.email == "user4@example.com"
        store = GatedStore(world.ports.store)
        late = TwoSigma(structs.replace(world.ports, store=store))
        async with late.running():
            store.writes.close()
            writing = asyncio.ensure_future(LATE[name](late, learner.actor))
            await asyncio.sleep(0.01)
            await school.core.erasure.erase(learner.actor, PASSWORD)
            before = school.dump()
            store.writes.open()
            with pytest.raises(DomainError):
                await writing
            assert school.dump() == before


async def test_erased_twice_at_once_it_is_erased_once() -> None:
    async with in_memory() as world:
        who = await world.user()
        ends = await asyncio.gather(
            *(world.core.erasure.erase(who.actor, PASSWORD) for _ in range(4)),
            return_exceptions=True,
        )
        assert sum(end is None for end in ends) == 1
        assert all(end is None or isinstance(end, Conflict | Unauthenticated) for end in ends)


async def test_f120_no_token_is_kept_as_it_is() -> None:
    async with in_memory() as world:
        school = await build(world)
        token = await mailed_token(world, person(school, "learner").user.email)
        assert token not in str(school.dump())
