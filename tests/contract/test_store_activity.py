"""Activity events, the same in every store."""

from datetime import timedelta

from msgspec import structs

from tests.contract.builders import (
    LATER,
    NOBODY,
    NOW,
    add_session,
    add_user,
    event_of,
    make_lesson,
)
from twosigma.domain.activity import Outcome
from twosigma.ports.store import Store


async def test_an_event_reads_back_as_it_was_appended(store: Store) -> None:
    lesson = await make_lesson(store)
    session = await add_session(store, lesson)
    whole = event_of(
        lesson, session, "t1", as_staff=True, outcome=Outcome.MISS, reason="lost race", node_id=7,
        question_id="q", answer='["ü"]', correct=False,
    )  # fmt: skip
    bare = event_of(lesson, session, "t2")
    async with store.write() as tx:
        await tx.activity.append(whole)
        await tx.activity.append(bare)
    async with store.read() as tx:
        assert list(await tx.activity.of_session(session.id)) == [whole, bare]


async def test_the_turns_of_a_session_come_as_they_were_appended(store: Store) -> None:
    lesson = await make_lesson(store)
    session, other = await add_session(store, lesson), await add_session(store, lesson)
    async with store.write() as tx:
        for at, (where, turn_id) in enumerate([(session, "t1"), (other, "t2"), (session, "t3")]):
            event = event_of(lesson, where, turn_id, occurred_at=LATER - timedelta(days=at))
            await tx.activity.append(event)
    async with store.read() as tx:
        events = await tx.activity.of_session(session.id)
        assert [event.turn_id for event in events] == ["t1", "t3"]
        assert list(await tx.activity.of_session(NOBODY)) == []


async def test_active_hours_come_oldest_first_with_their_zones(store: Store) -> None:
    lesson, other = await make_lesson(store), await make_lesson(store)
    idle = await add_user(store)
    session = await add_session(store, lesson)
    event = event_of(lesson, session, "t")
    async with store.write() as tx:
        for days, zone in ((2, "UTC"), (0, "Asia/Tokyo"), (1, "UTC"), (0, "UTC")):
            at = NOW + timedelta(days=days)
            await tx.activity.append(structs.replace(event, occurred_at=at, time_zone=zone))
        foreign = structs.replace(event, user_id=other.user.id)
        await tx.activity.append(foreign)
    async with store.read() as tx:
        both = await tx.activity.hours_of([lesson.user.id, other.user.id, idle.id, NOBODY])
        assert {user_id: list(hours) for user_id, hours in both.items()} == {
            lesson.user.id: [
                (NOW, "Asia/Tokyo"), (NOW, "UTC"), (NOW + timedelta(days=1), "UTC"),
                (NOW + timedelta(days=2), "UTC"),
            ],
            other.user.id: [(NOW, "Europe/Berlin")],
        }  # fmt: skip
        assert list(await tx.activity.hours_of([other.user.id])) == [other.user.id]
        assert await tx.activity.hours_of([]) == {}


async def test_of_an_hour_in_a_zone_the_first_and_the_last_event_count(store: Store) -> None:
    lesson = await make_lesson(store)
    session = await add_session(store, lesson)
    hour = NOW.replace(minute=0, second=0, microsecond=0)
    end = hour + timedelta(hours=1, microseconds=-1)
    next_hour = hour + timedelta(hours=1)
    async with store.write() as tx:
        for at in (NOW, end, hour, NOW + timedelta(seconds=1), next_hour):
            event = event_of(lesson, session, "t", occurred_at=at, time_zone="Asia/Kolkata")
            await tx.activity.append(event)
        await tx.activity.append(event_of(lesson, session, "t", time_zone="UTC"))
    async with store.read() as tx:
        hours = await tx.activity.hours_of([lesson.user.id])
    assert list(hours[lesson.user.id]) == [
        (hour, "Asia/Kolkata"), (NOW, "UTC"), (end, "Asia/Kolkata"), (next_hour, "Asia/Kolkata"),
    ]  # fmt: skip


async def test_events_outlive_the_session_they_name(store: Store) -> None:
    lesson = await make_lesson(store)
    session = await add_session(store, lesson)
    event = event_of(lesson, session, "t1")
    async with store.write() as tx:
        await tx.activity.append(event)
        await tx.chat.remove(session.id)
    async with store.read() as tx:
        assert list(await tx.activity.of_session(session.id)) == [event]
        hours = await tx.activity.hours_of([lesson.user.id])
        assert list(hours[lesson.user.id]) == [(NOW, "Europe/Berlin")]
