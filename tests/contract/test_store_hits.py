"""The hit path: all that a hit writes, and for whom; the same in every store."""

import asyncio
from datetime import timedelta

import pytest
from msgspec import structs

from tests.contract.builders import (
    LATER,
    add_exchange,
    add_offering,
    add_session,
    add_user,
    answer,
    enroll,
    greet,
    make_path,
)
from tests.contract.hit_states import dropped_path, state_of
from twosigma.domain.activity import ActivityEvent, Outcome
from twosigma.domain.actor import Role
from twosigma.domain.cache_tree import Position
from twosigma.domain.catalog import Page, StaffRole
from twosigma.domain.chat import Message, SessionTurn, StoredTurn, TurnStatus
from twosigma.domain.enrollments import EnrollmentStatus
from twosigma.domain.replies import Reply
from twosigma.ports.chat import Hit
from twosigma.ports.store import Store


async def test_a_hit_on_the_greeting_writes_everything(store: Store) -> None:
    path = await make_path(store)
    hit = await store.advance(greet(path, key="k"))
    assert hit is not None
    assert hit == Hit(
        turn_id="t1", message_id=hit.message_id, node_id=path.root.id, body=path.root.body
    )
    session, messages, events, _ = await state_of(store, path)
    assert session == structs.replace(
        path.session, position=Position(tree_id=path.tree.id, node_id=path.root.id),
        message_count=2, greeting_id=hit.message_id, updated_at=LATER,
        turn=SessionTurn(
            id="t1", status=TurnStatus.COMPLETED, content=" Start.", started_at=LATER, key="k"
        ),
    )  # fmt: skip
    assert messages == [
        Message(
            id=messages[0].id, session_id=session.id, ordinal=0, role="user", content=" Start.",
            canonical="Start.", meta={}, turn_id="t1", created_at=LATER,
        ),
        Message(
            id=hit.message_id, session_id=session.id, ordinal=1, role="assistant",
            content=path.root.text, meta={"source": "cache", "cache_node_id": path.root.id},
            turn_id="t1", created_at=LATER,
        ),
    ]  # fmt: skip
    assert events == [
        ActivityEvent(
            user_id=path.user.id, occurred_at=LATER, time_zone="Europe/Berlin", kind="chat_turn",
            course_id=path.course.id, content_item_id=path.item.id, as_staff=False,
            session_id=session.id, turn_id="t1", outcome=Outcome.HIT, node_id=path.root.id,
        )
    ]  # fmt: skip


async def test_a_hit_on_an_answer_writes_the_verdict(store: Store) -> None:
    path = await make_path(store)
    first = await store.advance(greet(path))
    hit = await store.advance(answer(path))
    assert first is not None
    assert hit is not None
    assert (hit.turn_id, hit.node_id, hit.body) == ("t2", path.child.id, path.child.body)
    session, messages, events, _ = await state_of(store, path)
    assert session.position == Position(tree_id=path.tree.id, node_id=path.child.id)
    assert (session.message_count, session.greeting_id) == (4, first.message_id)
    assert session.stamp == path.session.stamp
    assert [(m.ordinal, m.role, m.turn_id) for m in messages[2:]] == [
        (2, "user", "t2"), (3, "assistant", "t2"),
    ]  # fmt: skip
    assert messages[2].content == '{"questionId": 1, "answer": 4}'
    assert messages[2].canonical == '{"answer":4,"questionId":1}'
    assert messages[2].meta == {"graded": {"question_id": 1, "correct": True}}
    assert messages[3].meta == {"source": "cache", "cache_node_id": path.child.id}
    assert (events[1].question_id, events[1].answer, events[1].correct) == ("1", "4", True)


async def test_a_turn_that_was_hit_can_be_replayed(store: Store) -> None:
    path = await make_path(store)
    hit = await store.advance(greet(path, key="k"))
    assert hit is not None
    reply = Reply(text=path.root.text, chunks=path.root.chunks, body=path.root.body)
    stored = StoredTurn(turn_id="t1", content=" Start.", message_id=hit.message_id, reply=reply)
    async with store.read() as tx:
        assert await tx.chat.turn(path.session.id, "t1") == stored
        assert await tx.chat.turn_by_key(path.session.id, "k") == stored
        assert await tx.chat.greeting(path.session.id) == stored


async def test_hits_are_counted_for_their_nodes(store: Store) -> None:
    path = await make_path(store)
    await store.advance(greet(path))
    await store.advance(answer(path, now=LATER + timedelta(1)))
    async with store.read() as tx:
        assert await tx.cache.hits(path.tree.id) == {path.root.id: 1, path.child.id: 1}
        assert await tx.cache.last_used(path.tree.id) == LATER + timedelta(1)


async def test_a_completed_learner_may_go_on(store: Store) -> None:
    path = await make_path(store)
    done = structs.replace(path.enrollment, status=EnrollmentStatus.COMPLETED)
    async with store.write() as tx:
        await tx.enrollments.save(done)
    assert await store.advance(greet(path)) is not None


async def test_any_offering_of_the_course_will_do(store: Store) -> None:
    path = await make_path(store)
    await enroll(store, path.user, await add_offering(store, path.course))
    dropped = structs.replace(path.enrollment, status=EnrollmentStatus.DROPPED)
    async with store.write() as tx:
        await tx.enrollments.save(dropped)
    assert await store.advance(greet(path)) is not None


@pytest.mark.parametrize("role", list(StaffRole))
async def test_staff_need_no_enrollment(store: Store, role: StaffRole) -> None:
    path = await dropped_path(store)
    async with store.write() as tx:
        await tx.catalog.set_staff(path.course.id, path.user.id, role)
    assert await store.advance(greet(path)) is not None
    _, _, events, _ = await state_of(store, path)
    assert events[0].as_staff


async def test_enrolled_staff_are_counted_as_staff(store: Store) -> None:
    path = await make_path(store)
    async with store.write() as tx:
        await tx.catalog.set_staff(path.course.id, path.user.id, StaffRole.ASSISTANT)
    assert await store.advance(greet(path)) is not None
    assert (await state_of(store, path))[2][0].as_staff


async def test_an_admin_needs_no_enrollment(store: Store) -> None:
    admin = await add_user(store, Role.PLATFORM_ADMIN)
    path = structs.replace(await make_path(store, user_id=admin.id), user=admin)
    assert await store.advance(greet(path)) is not None
    assert (await state_of(store, path))[2][0].as_staff


async def test_of_many_at_once_one_is_hit(store: Store) -> None:
    path = await make_path(store)
    hits = await asyncio.gather(*(store.advance(greet(path, f"t{n}")) for n in range(6)))
    assert sum(hit is not None for hit in hits) == 1
    session, messages, events, _ = await state_of(store, path)
    assert (session.message_count, len(messages), len(events)) == (2, 2, 1)


async def test_many_sessions_are_hit_at_once(store: Store) -> None:
    path = await make_path(store)
    sessions = [
        await add_session(store, path, position=path.session.position, stamp=path.session.stamp)
        for _ in range(12)
    ]
    hits = await asyncio.gather(
        *(store.advance(greet(path, f"t{each.id}", session_id=each.id)) for each in sessions)
    )
    assert [hit and hit.turn_id for hit in hits] == [f"t{each.id}" for each in sessions]
    assert len({hit.message_id for hit in hits if hit is not None}) == 12
    async with store.read() as tx:
        assert await tx.cache.hits(path.tree.id) == {path.root.id: 12}


async def test_a_reply_goes_when_tree_and_sessions_are_gone(store: Store) -> None:
    path = await make_path(store)
    await store.advance(greet(path))
    async with store.write() as tx:
        await tx.cache.prune(path.tree.id, LATER)
    async with store.read() as tx:
        assert (await tx.chat.messages(path.session.id, Page()))[1].content == path.root.text
    async with store.write() as tx:
        await tx.chat.remove(path.session.id)
    other = await add_session(store, path)
    with pytest.raises(Exception):  # noqa: B017, PT011 -- each store says it in its own words
        await add_exchange(store, other, "t", reply_id=path.root.reply_id)
