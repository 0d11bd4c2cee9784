"""Accounts changed, reset and erased at once, on every store: one outcome, and nothing left."""

import asyncio
from collections.abc import Awaitable, Sequence

from tests.app.school import mailed_token, sign_up
from tests.contract.test_use_case_races import over
from twosigma.domain.actor import Role
from twosigma.domain.catalog import Page, StaffRole
from twosigma.domain.errors import Conflict, DomainError, Missing, Unauthenticated
from twosigma.domain.feature_requests import RequestFields
from twosigma.domain.places import SubjectFields
from twosigma.domain.profiles import Grade, Onboarding, Profile, ProfileChanges
from twosigma.domain.users import UserChanges, UserFilter
from twosigma.ports.store import Store
from twosigma.testing import PASSWORD, Learner, World

ROUNDS = 6
NEW = "another horse battery"


async def ends_of(*acts: Awaitable[object]) -> Sequence[object]:
    """What came of each; all begin at once, and only our own errors may end one."""
    ends = await asyncio.gather(*acts, return_exceptions=True)
    for end in ends:
        if isinstance(end, BaseException) and not isinstance(end, DomainError):
            raise end
    return ends


async def test_one_link_sets_one_password_however_many_use_it(store: Store) -> None:
    async with over(store) as world:
        who = await world.user()
        token = await mailed_token(world, who.user.email)
        confirm = world.core.password_resets.confirm
        words = [f"horse battery {n}" for n in range(8)]
        ends = await ends_of(*(confirm(token, word) for word in words))
        (winner,) = [word for word, end in zip(words, ends, strict=True) if end is None]
        assert all(end is None or isinstance(end, Conflict) for end in ends)
        await world.core.auth.login(who.user.email, winner)


async def test_three_links_are_mailed_however_many_ask_and_one_of_them_is_good(
    store: Store,
) -> None:
    async with over(store) as world:
        who = await world.user()
        await asyncio.gather(
            *(world.core.password_resets.request(who.user.email) for _ in range(8))
        )
        await world.core.settled()
        letters = world.mail.letters
        assert len(letters) == 3
        tokens = [each.text.partition("#token=")[2].split()[0] for each in letters]
        confirm = world.core.password_resets.confirm
        ends = await ends_of(*(confirm(one, NEW) for one in tokens))
        assert sum(end is None for end in ends) == 1


async def test_a_subject_is_preferred_or_removed_and_never_both(store: Store) -> None:
    async with over(store) as world:
        admin, who = (await world.user(Role.PLATFORM_ADMIN)).actor, await world.user()
        for n in range(ROUNDS):
            fields = SubjectFields(name=f"S{n}")
            subject = (await world.core.places.create_subject(admin, fields)).id
            about = Onboarding(subject_preferences=(subject,))
            form = sign_up(email=f"new{n}@example.com")
            use: Awaitable[object] = world.core.profiles.prefer(who.actor, [subject])
            if n % 2:
                await use
                await world.core.profiles.prefer(who.actor, [])
                use = world.core.auth.onboard(form, about)
            used, removed = await ends_of(use, world.core.places.remove_subject(admin, subject))
            is_removed = isinstance(used, Missing) and removed is None
            is_used = isinstance(removed, Conflict) and not isinstance(used, Exception)
            assert is_removed != is_used, (used, removed)
            if n % 2:
                free = await world.core.auth.check_email(f"new{n}@example.com")
                assert free == is_removed


async def test_preferences_of_two_tabs_are_those_of_one(store: Store) -> None:
    async with over(store) as world:
        admin, who = (await world.user(Role.PLATFORM_ADMIN)).actor, await world.user()
        create, prefer = world.core.places.create_subject, world.core.profiles.prefer
        ids = [(await create(admin, SubjectFields(name=f"S{n}"))).id for n in range(4)]
        wishes = [ids, ids[::-1], ids[:2], ids[1:], []]
        await ends_of(*(prefer(who.actor, wish) for wish in wishes))
        view = await world.core.profiles.mine(who.actor)
        assert list(view.subject_preferences) in wishes


async def test_f60_one_address_is_onboarded_once(store: Store) -> None:
    async with over(store) as world:
        about = Onboarding(profile=Profile(grade=Grade.OTHER))
        ends = await ends_of(*(world.core.auth.onboard(sign_up(), about) for _ in range(8)))
        assert sum(isinstance(end, Conflict) for end in ends) == 7


async def test_an_account_is_erased_once_however_often_it_is_asked(store: Store) -> None:
    async with over(store) as world:
        who = await world.user()
        erase = world.core.erasure.erase
        ends = await ends_of(*(erase(who.actor, PASSWORD) for _ in range(8)))
        assert sum(end is None for end in ends) == 1
        assert all(end is None or isinstance(end, Conflict | Unauthenticated) for end in ends)


async def test_of_two_admins_and_of_two_owners_one_stays(store: Store) -> None:
    async with over(store) as world:
        erase = world.core.erasure.erase
        course, second = await world.course(), await world.user(Role.PLATFORM_ADMIN)
        admins, _ = await world.core.users.list(
            second.actor, UserFilter(role=Role.PLATFORM_ADMIN), Page()
        )
        (maker,) = [Learner(world, row.user) for row in admins if row.user.id != second.id]
        owners = [await world.user(Role.INSTRUCTOR) for _ in range(2)]
        async with store.write() as tx:
            await tx.catalog.remove_staff(maker.id)
            for owner in owners:
                await tx.catalog.set_staff(course.id, owner.id, StaffRole.OWNER)
        for pair, code in ((owners, "last_owner"), ([maker, second], "last_admin")):
            ends = await ends_of(*(erase(one.actor, PASSWORD) for one in pair))
            assert sum(end is None for end in ends) == 1
            (refused,) = [end for end in ends if isinstance(end, Conflict)]
            assert refused.code == code


def _late(world: World, who: Learner, item_id: int) -> list[Awaitable[object]]:
    core, wish = world.core, RequestFields(title="words", description="words")
    return [
        core.feature_requests.submit(who.actor, wish),
        core.chat_sessions.create(who.actor, item_id),
        core.users.update_me(who.actor, UserChanges(full_name="words")),
        core.profiles.update_mine(who.actor, ProfileChanges(grade=Grade.OTHER)),
        core.auth.login(who.user.email, PASSWORD),
        core.auth.change_password(who.actor, PASSWORD, NEW),
        core.password_resets.request(who.user.email),
    ]


async def test_what_comes_while_an_account_is_erased_leaves_nothing(store: Store) -> None:
    async with over(store) as world:
        course = await world.course()
        for n in range(ROUNDS):
            who = await world.learner(course)
            acts = _late(world, who, course.items[0])
            erase = world.core.erasure.erase(who.actor, PASSWORD)
            at = n % (len(acts) + 1)
            ends = await ends_of(*acts[:at], erase, *acts[at:])
            await world.core.settled()
            if isinstance(ends[at], Conflict):  # its password was changed in between
                await world.core.erasure.erase(who.actor, NEW)
            async with store.read() as tx:
                left = await tx.accounts.get(who.id)
                assert left is not None
                assert (left.full_name, left.is_active) == ("Deleted user", False)
                assert await tx.chat.of_user(who.id, None, Page()) == ([], 0)
                assert await tx.profiles.get(who.id) == Profile()
                assert list(await tx.password_resets.of_user(who.id)) == []
                requests, _ = await tx.feature_requests.of_user(who.id, Page())
                assert {request.title for request in requests} <= {"Deleted"}
                _, living = await tx.refresh_tokens.sign_ins(who.id, left.updated_at, Page())
                assert living == 0
