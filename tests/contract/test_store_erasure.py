"""What is read of one account as a whole, and taken away with it, the same in every store."""

import asyncio

from msgspec import structs

from tests.contract.builders import (
    LATER,
    NOBODY,
    add_course,
    add_exchange,
    add_item,
    add_module,
    add_node,
    add_session,
    add_tree,
    add_user,
    event_of,
    make_lesson,
    new_turn,
    new_user,
    start_turn,
)
from twosigma.domain.actor import Role
from twosigma.domain.catalog import Page, StaffRole
from twosigma.domain.chat import Share
from twosigma.domain.feature_requests import RequestFields
from twosigma.domain.users import UserFilter, erased
from twosigma.ports.store import Store

SHARE = Share(token="token", shared_at=LATER, message_count=2)


async def test_an_erased_account_is_a_row_that_nobody_finds(store: Store) -> None:
    user, other = await add_user(store, Role.INSTRUCTOR), await add_user(store)
    left = erased(user, {NOBODY}, LATER)
    async with store.write() as tx:
        await tx.accounts.lock(user.id)
        await tx.accounts.erase(left)
    async with store.write() as tx:
        assert await tx.accounts.get(user.id) == left
        assert await tx.accounts.get_all([user.id]) == {user.id: left}
        assert await tx.accounts.lock(user.id) == left
        for address in (user.email, left.email):
            assert await tx.accounts.find_by_email(address) is None
            assert await tx.accounts.find_credentials(address) is None
        assert await tx.accounts.lock_credentials(user.id) is None
        for wanted in (
            UserFilter(), UserFilter(q="Deleted"), UserFilter(q="deleted-"),
            UserFilter(is_active=False), UserFilter(role=left.role),
        ):  # fmt: skip
            rows, total = await tx.accounts.list(wanted, Page())
            assert user.id not in {row.id for row in rows}
            assert total == len(rows)
        rows, _ = await tx.accounts.list(UserFilter(), Page())
        assert rows == [other]
        assert await tx.accounts.add(new_user(user.email)) is not None


async def test_a_held_account_is_not_erased_and_many_may_hold_it(store: Store) -> None:
    user = await add_user(store)
    holds, order = asyncio.Event(), list[str]()

    async def keep() -> None:
        async with store.write() as tx:
            assert await tx.accounts.hold(user.id) == user
            assert await tx.accounts.hold(NOBODY) is None
            holds.set()
            await asyncio.sleep(0.05)
            order.append("kept")

    async def erase() -> None:
        await holds.wait()
        async with store.write() as tx:
            locked = await tx.accounts.lock(user.id)
            assert locked is not None
            order.append("erased")
            await tx.accounts.erase(erased(locked, (), LATER))

    await asyncio.gather(keep(), erase())
    assert order == ["kept", "erased"]
    async with store.write() as tx:
        held = await tx.accounts.hold(user.id)
    assert held is not None
    assert not held.is_active


async def test_all_sessions_of_an_account_go_with_messages_links_and_own_replies(
    store: Store,
) -> None:
    lesson, others = await make_lesson(store), await make_lesson(store)
    tree = await add_tree(store, lesson.item)
    node = await add_node(store, tree, b"d" * 32, "shared")
    first, second = await add_session(store, lesson), await add_session(store, lesson)
    kept = await add_session(store, others)
    await add_exchange(store, first, "t1", reply_id=node.reply_id)
    own = await add_exchange(store, second, "t2", "of my own", key="k")
    await add_exchange(store, kept, "t3", "another's")
    await start_turn(store, first, new_turn("t4"))
    await start_turn(store, kept, new_turn("t5"))
    async with store.write() as tx:
        await tx.chat.set_share(second.id, SHARE)
        assert [each.content for each in await tx.chat.messages_of_user(lesson.user.id)] == [
            "Why?", "shared", "Why?", "of my own",
        ]  # fmt: skip
        assert await tx.chat.messages_of_user(NOBODY) == []
    async with store.write() as tx:
        assert list(await tx.chat.remove_of_user(lesson.user.id)) == ["t4"]
        assert list(await tx.chat.remove_of_user(NOBODY)) == []
    async with store.write() as tx:
        assert await tx.chat.of_user(lesson.user.id, None, Page()) == ([], 0)
        assert await tx.chat.messages_of_user(lesson.user.id) == []
        assert await tx.chat.shared("token") is None
        for session in (first, second):
            assert await tx.chat.get(session.id) is None
            assert not await tx.chat.messages(session.id, Page())
        assert own is not None
        left = await tx.chat.messages_of_user(others.user.id)
        assert [each.content for each in left] == ["Why?", "another's"]
        assert await tx.cache.get_node(node.id) == node
    again = await add_session(store, others)
    await add_exchange(store, again, "t6", reply_id=node.reply_id)
    async with store.read() as tx:
        assert (await tx.chat.messages(again.id, Page()))[1].content == "shared"


async def test_what_an_account_did_stays_without_what_it_answered(store: Store) -> None:
    lesson, other = await make_lesson(store), await make_lesson(store)
    session, others = await add_session(store, lesson), await add_session(store, other)
    events = [
        event_of(lesson, session, f"t{n}", answer=answer, question_id="1", correct=True)
        for n, answer in enumerate(['"my own words"', None])
    ]
    kept = event_of(other, others, "t9", answer='"A"', question_id="1")
    async with store.write() as tx:
        for event in (*events, kept):
            await tx.activity.append(event)
        assert list(await tx.activity.of_user(lesson.user.id)) == events
        assert list(await tx.activity.of_user(NOBODY)) == []
    async with store.write() as tx:
        hours = await tx.activity.hours_of([lesson.user.id])
        await tx.activity.forget_answers(lesson.user.id)
        await tx.activity.forget_answers(NOBODY)
        left = [structs.replace(event, answer=None) for event in events]
        assert list(await tx.activity.of_user(lesson.user.id)) == left
        assert list(await tx.activity.of_session(session.id)) == left
        assert await tx.activity.hours_of([lesson.user.id]) == hours
        assert list(await tx.activity.of_user(other.user.id)) == [kept]
        assert list(await tx.activity.of_session(others.id)) == [kept]


async def test_the_words_of_all_requests_are_overwritten_and_nothing_else(store: Store) -> None:
    user, other = await add_user(store), await add_user(store)
    wish = RequestFields(title="Mine", description="I live at 7, Main Street.")
    async with store.write() as tx:
        mine = [await tx.feature_requests.add(user.id, wish, LATER) for _ in range(2)]
        others = await tx.feature_requests.add(other.id, wish, LATER)
        await tx.feature_requests.overwrite(user.id, "Deleted", LATER)
        await tx.feature_requests.overwrite(NOBODY, "Deleted", LATER)
    async with store.read() as tx:
        for request in mine:
            assert await tx.feature_requests.get(request.id) == structs.replace(
                request, title="Deleted", description="Deleted", updated_at=LATER
            )
        assert await tx.feature_requests.get(others.id) == others


async def test_an_accounts_places_in_staff_are_told_and_taken_away(store: Store) -> None:
    user, other = await add_user(store), await add_user(store)
    alone, shared, helped = [await add_course(store) for _ in range(3)]
    async with store.write() as tx:
        for course, who, role in (
            (alone, user, StaffRole.OWNER), (shared, user, StaffRole.OWNER),
            (shared, other, StaffRole.OWNER), (helped, user, StaffRole.ASSISTANT),
            (helped, other, StaffRole.OWNER), (alone, other, StaffRole.INSTRUCTOR),
        ):  # fmt: skip
            await tx.catalog.set_staff(course.id, who.id, role)
    async with store.write() as tx:
        assert await tx.catalog.staff_roles(user.id) == {
            alone.id: StaffRole.OWNER, shared.id: StaffRole.OWNER, helped.id: StaffRole.ASSISTANT,
        }  # fmt: skip
        owners = await tx.catalog.lock_owners(user.id)
        assert {course: set(of) for course, of in owners.items()} == {
            alone.id: {user.id}, shared.id: {user.id, other.id},
        }  # fmt: skip
        assert await tx.catalog.lock_owners(NOBODY) == {}
        await tx.catalog.remove_staff(user.id)
        await tx.catalog.remove_staff(NOBODY)
    async with store.read() as tx:
        assert await tx.catalog.staff_roles(user.id) == {}
        assert len(await tx.catalog.staff_roles(other.id)) == 3


async def test_an_item_and_its_course_outlive_who_talked_about_them(store: Store) -> None:
    lesson = await make_lesson(store)
    item = await add_item(store, await add_module(store, lesson.course))
    await add_session(store, lesson, content_item_id=item.id)
    async with store.write() as tx:
        await tx.chat.remove_of_user(lesson.user.id)
    async with store.read() as tx:
        assert await tx.content.get(item.id) == item
        assert await tx.enrollments.find(lesson.user.id, lesson.offering.id) == lesson.enrollment
