"""The same thing at once, by 2, 8 and 32 callers, on every store: one outcome, nothing lost."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager

import pytest
from msgspec import structs

from tests.app.lessons import ADD
from twosigma.adapters.system.clock import SystemClock
from twosigma.app.auth import SignUp, TokenPair
from twosigma.app.prompts_edit import PromptDraft
from twosigma.domain.actor import Role
from twosigma.domain.catalog import OfferingFields
from twosigma.domain.errors import Conflict, DomainError, Unauthenticated
from twosigma.domain.feature_requests import RequestFields, RequestStatus, RequestUpdate
from twosigma.ports.store import Store
from twosigma.testing import PASSWORD, World, in_memory

pytestmark = pytest.mark.parametrize("callers", [2, 8, 32])


def over(store: Store) -> AbstractAsyncContextManager[World]:
    return in_memory(store=store, time=SystemClock())


async def at_once(callers: int, act: Callable[[int], Awaitable[object]]) -> list[object]:
    results = await asyncio.gather(*(act(n) for n in range(callers)), return_exceptions=True)
    for result in results:
        if isinstance(result, Exception) and not isinstance(result, DomainError):
            raise result
    return list(results)


def refused(results: list[object]) -> int:
    return sum(isinstance(result, Conflict) for result in results)


async def test_f60_one_address_is_registered_once(store: Store, callers: int) -> None:
    async with over(store) as world:
        form = SignUp(email="One@example.com", password=PASSWORD, full_name="One")
        results = await at_once(callers, lambda _: world.core.auth.register(form))
        assert refused(results) == callers - 1
        assert not await world.core.auth.check_email("one@EXAMPLE.com")


async def test_f61_one_learner_enrolls_once(store: Store, callers: int) -> None:
    async with over(store) as world:
        course, one = await world.course(), await world.user()
        enrollments = world.core.enrollments
        results = await at_once(
            callers, lambda _: enrollments.enroll(one.actor, course.offering_id)
        )
        assert refused(results) == callers - 1
        assert {getattr(r, "code", "already_enrolled") for r in results} == {"already_enrolled"}


async def test_f61_the_last_seat_is_taken_once(store: Store, callers: int) -> None:
    async with over(store) as world:
        course = await world.course()
        admin = await world.user(Role.PLATFORM_ADMIN)
        small = await world.core.catalog.create_offering(
            admin.actor, course.id, OfferingFields(term_name="Small", capacity=1)
        )
        people = [await world.user() for _ in range(callers)]
        results = await at_once(
            callers, lambda n: world.core.enrollments.enroll(people[n].actor, small.id)
        )
        assert refused(results) == callers - 1


async def test_f62_n_writers_of_one_prompt_get_n_versions(store: Store, callers: int) -> None:
    async with over(store) as world:
        admin = (await world.user(Role.PLATFORM_ADMIN)).actor
        edit = world.core.prompts_edit
        results = await at_once(
            callers,
            lambda n: edit.create(
                admin, PromptDraft(name="Race", prompt=f"Text {n}", tags=(f"tag-{n}",))
            ),
        )
        assert refused(results) == 0
        async with store.read() as tx:
            versions = await tx.prompts.versions("Race")
        assert [one.version for one in versions] == list(range(callers, 0, -1))
        assert [one.version for one in versions if "latest" in one.labels] == [callers]
        assert len({one.tags for one in versions}) == 1


async def test_f63_a_label_is_on_one_version(store: Store, callers: int) -> None:
    async with over(store) as world:
        admin = (await world.user(Role.PLATFORM_ADMIN)).actor
        edit = world.core.prompts_edit
        for n in range(callers):
            await edit.create(admin, PromptDraft(name="Race", prompt="T", labels=(f"own-{n}",)))
        results = await at_once(
            callers,
            lambda n: edit.set_labels(admin, "Race", n + 1, (f"own-{n}", "stable")),
        )
        assert refused(results) == 0
        async with store.read() as tx:
            versions = await tx.prompts.versions("Race")
        assert sum("stable" in one.labels for one in versions) == 1
        assert all(f"own-{one.version - 1}" in one.labels for one in versions)


async def test_f69_one_session_is_shared_by_one_link(store: Store, callers: int) -> None:
    async with over(store) as world:
        course = await world.course(questions=[ADD])
        one = await world.learner(course)
        talk = await one.open(course.items[0])
        sessions = world.core.chat_sessions
        results = await at_once(callers, lambda _: sessions.share(one.actor, talk.session_id))
        assert len(set(map(str, results))) == 1
        shown = await sessions.shared(str(results[0]))
        assert list(shown.messages) == []


async def test_f70_one_refresh_token_has_one_successor(store: Store, callers: int) -> None:
    async with over(store) as world:
        form = SignUp(email="one@example.com", password=PASSWORD, full_name="One")
        first = await world.core.auth.register(form)
        results = await at_once(callers, lambda _: world.core.auth.refresh(first.refresh_token))
        pairs = {structs.astuple(pair) for pair in results}  # type: ignore[arg-type]  # all pairs
        assert len(pairs) == 1
        ((access, refresh),) = pairs
        assert (await world.core.auth.actor(str(access))).user_id > 0
        await world.core.auth.refresh(str(refresh))


async def test_a_request_is_taken_back_or_taken_up_and_never_both(
    store: Store, callers: int
) -> None:
    async with over(store) as world:
        author, staff = await world.user(), await world.user(Role.INSTRUCTOR)
        features = world.core.feature_requests
        fields = RequestFields(title="Glossary", description="Words.")
        request_id = (await features.submit(author.actor, fields)).request.id
        planned = RequestUpdate(status=RequestStatus.PLANNED)

        async def act(n: int) -> object:
            if n != callers // 2:
                return await features.update(staff.actor, request_id, planned)
            await features.remove(author.actor, request_id)
            return None

        results = await at_once(callers, act)
        async with store.read() as tx:
            is_there = await tx.feature_requests.get(request_id) is not None
            steps = await tx.feature_requests.changes(request_id)
        assert is_there == (refused(results) == 1) == (len(steps) == 1)
        failed = sum(isinstance(result, DomainError) for result in results)
        assert failed == (1 if is_there else callers - 1), "the others saw what came first"


async def test_the_last_admin_stays_one(store: Store, callers: int) -> None:
    async with over(store) as world:
        admins = [await world.user(Role.PLATFORM_ADMIN) for _ in range(callers)]
        users = world.core.users

        async def step_down(n: int) -> object:
            who = admins[n]
            if n % 2:
                return await users.set_status(who.actor, who.id, is_active=False)
            return await users.set_role(who.actor, who.id, Role.STUDENT)

        results = await at_once(callers, step_down)
        assert refused(results) == 1
        async with store.write() as tx:
            assert len(await tx.accounts.lock_admins()) == 1


async def test_f36_who_signs_in_while_switched_off_is_not_signed_in(
    store: Store, callers: int
) -> None:
    async with over(store) as world:
        admin, who = await world.user(Role.PLATFORM_ADMIN), await world.user()
        users, auth = world.core.users, world.core.auth

        async def act(n: int) -> object:
            if n == callers // 2:
                return await users.set_status(admin.actor, who.id, is_active=False)
            return await auth.login(who.user.email, PASSWORD)

        results = await at_once(callers, act)
        await users.set_status(admin.actor, who.id, is_active=True)
        for pair in results:
            if isinstance(pair, TokenPair):
                with pytest.raises(Unauthenticated):
                    await auth.refresh(pair.refresh_token)
