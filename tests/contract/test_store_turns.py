"""Turns: claimed, renewed, ended; exchanges appended and replayed; the same in every store."""

import asyncio

import pytest
from msgspec import structs

from tests.contract.builders import (
    LATER,
    NOW,
    add_exchange,
    add_reply,
    add_session,
    get_session,
    make_lesson,
    new_exchange,
    new_turn,
    rolled_back,
    start_turn,
)
from twosigma.domain.catalog import Page
from twosigma.domain.chat import Message, Session, SessionTurn, StoredTurn, TurnStatus
from twosigma.domain.replies import reply_of
from twosigma.ports.store import Store


@pytest.fixture
async def session(store: Store) -> Session:
    return await add_session(store, await make_lesson(store))


async def turn_of(store: Store, session: Session) -> SessionTurn:
    turn = (await get_session(store, session)).turn
    assert turn is not None
    return turn


async def test_a_started_turn_runs(store: Store, session: Session) -> None:
    await start_turn(store, session, new_turn("t1", key="k"))
    running = SessionTurn(
        id="t1", status=TurnStatus.RUNNING, content="Why?", started_at=NOW, key="k", owner="here"
    )
    now = await get_session(store, session)
    assert now == structs.replace(session, turn=running)
    async with store.write() as tx:
        assert await tx.chat.lock(session.id) == now


async def test_a_turn_whose_lease_is_over_is_lost(store: Store, session: Session) -> None:
    await start_turn(store, session, new_turn("t1", lease=0.05))
    await asyncio.sleep(0.1)
    turn = await turn_of(store, session)
    assert turn.is_lost
    assert not turn.is_running
    assert turn.status is TurnStatus.RUNNING
    async with store.write() as tx:
        locked = await tx.chat.lock(session.id)
        (listed,), _ = await tx.chat.of_user(session.user_id, None, Page())
    assert locked is not None
    assert locked.turn == listed.turn == turn


async def test_a_new_turn_takes_the_place_of_a_lost_one(store: Store, session: Session) -> None:
    await start_turn(store, session, new_turn("t1", lease=0.01, key="k"))
    await asyncio.sleep(0.05)
    await start_turn(store, session, new_turn("t2", content="And?"))
    turn = await turn_of(store, session)
    assert (turn.id, turn.content, turn.key, turn.is_running) == ("t2", "And?", None, True)


async def test_renewal_keeps_the_turns_of_its_owner_running(store: Store) -> None:
    lesson = await make_lesson(store)
    mine, also, foreign, done = [await add_session(store, lesson) for _ in range(4)]
    for each, turn_id, owner in (
        (mine, "m", "here"), (also, "a", "here"), (foreign, "f", "there"), (done, "d", "here"),
    ):  # fmt: skip
        await start_turn(store, each, new_turn(turn_id, lease=0.2, owner=owner))
    await add_exchange(store, done, "d", "Hello")
    assert await store.renew("here", 30) == {"m", "a"}
    await asyncio.sleep(0.3)
    assert [(await turn_of(store, each)).is_lost for each in (mine, also, foreign, done)] == [
        False, False, True, False,
    ]  # fmt: skip


async def test_renewal_names_nothing_that_ended(store: Store, session: Session) -> None:
    assert await store.renew("here", 30) == frozenset()
    await start_turn(store, session, new_turn("t1"))
    async with store.write() as tx:
        await tx.chat.end_turn(session.id, "t1", TurnStatus.STOPPED, None)
    assert await store.renew("here", 30) == frozenset()
    await start_turn(store, session, new_turn("t2"))
    async with store.write() as tx:
        await tx.chat.remove(session.id)
    assert await store.renew("here", 30) == frozenset()


@pytest.mark.parametrize(
    ("status", "detail"), [(TurnStatus.FAILED, "It broke."), (TurnStatus.STOPPED, None)]
)
async def test_a_running_turn_is_ended(
    store: Store, session: Session, status: TurnStatus, detail: str | None
) -> None:
    await start_turn(store, session, new_turn("t1", lease=0.05))
    before = await get_session(store, session)
    async with store.write() as tx:
        assert await tx.chat.end_turn(session.id, "t1", status, detail)
    await asyncio.sleep(0.1)
    ended = await get_session(store, session)
    assert ended.turn is not None
    assert (ended.turn.status, ended.turn.detail) == (status, detail)
    assert (ended.turn.content, ended.turn.is_lost) == ("Why?", False)
    assert structs.replace(ended, turn=None) == structs.replace(before, turn=None)
    async with store.read() as tx:
        assert await tx.chat.turn(session.id, "t1") is None


async def test_only_the_running_turn_of_the_session_can_be_ended(
    store: Store, session: Session
) -> None:
    async def end(turn_id: str) -> bool:
        async with store.write() as tx:
            return await tx.chat.end_turn(session.id, turn_id, TurnStatus.FAILED, "late")

    assert not await end("t1")
    await start_turn(store, session, new_turn("t1", lease=0.01))
    await asyncio.sleep(0.05)
    await start_turn(store, session, new_turn("t2"))
    assert not await end("t1")
    assert (await turn_of(store, session)).is_running
    assert await end("t2")
    assert not await end("t2")
    await add_exchange(store, session, "t3", "Hello")
    assert not await end("t3")
    assert (await turn_of(store, session)).status is TurnStatus.COMPLETED


async def test_a_lost_turn_can_be_ended_until_another_comes(store: Store, session: Session) -> None:
    await start_turn(store, session, new_turn("t1", lease=0.01))
    await asyncio.sleep(0.05)
    async with store.write() as tx:
        assert await tx.chat.end_turn(session.id, "t1", TurnStatus.FAILED, None)
        assert not await tx.chat.end_turn(session.id + 1, "t1", TurnStatus.FAILED, None)


async def test_an_exchange_is_stored_whole(store: Store, session: Session) -> None:
    reply_id = await add_reply(store, "Be", "cause «é»")
    exchange = new_exchange(
        session, "t1", reply_id, key="k", content='{"a": 1}', canonical='{"a":1}',
        user_meta={"graded": {"question_id": 1, "correct": True}},
        reply_meta={"source": "llm", "stop_reason": "max_tokens"},
    )  # fmt: skip
    async with store.write() as tx:
        await tx.chat.lock(session.id)
        given = await tx.chat.add_exchange(exchange, is_greeting=False)
    async with store.read() as tx:
        asked, replied = await tx.chat.messages(session.id, Page())
    assert given == replied
    assert asked == Message(
        id=asked.id, session_id=session.id, ordinal=0, role="user", content='{"a": 1}',
        canonical='{"a":1}', meta=exchange.user_meta, turn_id="t1", created_at=LATER,
    )  # fmt: skip
    assert replied == Message(
        id=replied.id, session_id=session.id, ordinal=1, role="assistant",
        content="Because «é»", meta=exchange.reply_meta, turn_id="t1", created_at=LATER,
    )  # fmt: skip
    assert replied.id > asked.id


async def test_an_exchange_completes_the_turn_that_ran(store: Store, session: Session) -> None:
    await start_turn(store, session, new_turn("t1", key="k"))
    await add_exchange(store, session, "t1", "Hello", key="k", content="Why?")
    now = await get_session(store, session)
    assert now.turn == SessionTurn(
        id="t1", status=TurnStatus.COMPLETED, content="Why?", started_at=NOW, key="k",
        owner="here",
    )  # fmt: skip
    assert (now.message_count, now.greeting_id, now.updated_at) == (2, None, LATER)


async def test_an_exchange_completes_a_turn_that_never_ran(store: Store, session: Session) -> None:
    await start_turn(store, session, new_turn("t1", key="k"))
    await add_exchange(store, session, "t2", "Hello", content="And?")
    turn = await turn_of(store, session)
    assert turn == SessionTurn(
        id="t2", status=TurnStatus.COMPLETED, content="And?", started_at=LATER
    )
    assert await store.renew("here", 30) == frozenset()


async def test_ordinals_go_on_by_one(store: Store, session: Session) -> None:
    for number in range(3):
        await add_exchange(store, session, f"t{number}", "Hello")
    async with store.read() as tx:
        messages = await tx.chat.messages(session.id, Page())
    assert [message.ordinal for message in messages] == [0, 1, 2, 3, 4, 5]
    assert [message.role for message in messages] == ["user", "assistant"] * 3
    assert (await get_session(store, session)).message_count == 6


async def test_exchanges_of_many_at_once_do_not_lose_one_another(
    store: Store, session: Session
) -> None:
    await asyncio.gather(
        *(add_exchange(store, session, f"t{number}", f"{number}") for number in range(8))
    )
    async with store.read() as tx:
        messages = await tx.chat.messages(session.id, Page())
    assert [message.ordinal for message in messages] == list(range(16))
    assert sorted(message.content for message in messages[1::2]) == [str(n) for n in range(8)]


async def test_the_greeting_is_noted_and_found(store: Store, session: Session) -> None:
    greeting = await add_exchange(
        store, session, "t1", "Hel", "lo", is_greeting=True, content="Start."
    )
    await add_exchange(store, session, "t2", "Because")
    assert greeting is not None
    assert (await get_session(store, session)).greeting_id == greeting.id
    async with store.read() as tx:
        assert await tx.chat.greeting(session.id) == StoredTurn(
            turn_id="t1", content="Start.", message_id=greeting.id, reply=reply_of(["Hel", "lo"])
        )


async def test_a_session_that_began_otherwise_has_no_greeting(
    store: Store, session: Session
) -> None:
    await add_exchange(store, session, "t1", "Because")
    async with store.read() as tx:
        assert await tx.chat.greeting(session.id) is None


async def test_a_completed_turn_is_found_by_id_and_key(store: Store, session: Session) -> None:
    other = await add_session(store, await make_lesson(store))
    await add_exchange(store, session, "t1", "one", content="1")
    reply = await add_exchange(store, session, "t2", "t", "wo", content="2", key="k")
    assert reply is not None
    stored = StoredTurn(turn_id="t2", content="2", message_id=reply.id, reply=reply_of(["t", "wo"]))
    async with store.read() as tx:
        assert await tx.chat.turn(session.id, "t2") == stored
        assert await tx.chat.turn_by_key(session.id, "k") == stored
        assert await tx.chat.turn(session.id, "t3") is None
        assert await tx.chat.turn_by_key(session.id, "K") is None
        assert await tx.chat.turn(other.id, "t2") is None
        assert await tx.chat.turn_by_key(other.id, "k") is None


async def test_a_running_turn_is_no_completed_one(store: Store, session: Session) -> None:
    await start_turn(store, session, new_turn("t1", key="k"))
    async with store.read() as tx:
        assert await tx.chat.turn(session.id, "t1") is None
        assert await tx.chat.turn_by_key(session.id, "k") is None


async def test_a_used_key_writes_nothing(store: Store, session: Session) -> None:
    await add_exchange(store, session, "t1", "one", key="k")
    before = await get_session(store, session)
    assert await add_exchange(store, session, "t2", "two", key="k") is None
    assert await get_session(store, session) == before
    async with store.read() as tx:
        assert len(await tx.chat.messages(session.id, Page())) == 2


async def test_a_key_is_new_again_in_another_session_and_after_a_failed_turn(
    store: Store, session: Session
) -> None:
    other = await add_session(store, await make_lesson(store))
    await add_exchange(store, other, "t1", "one", key="k")
    await start_turn(store, session, new_turn("t1", key="k"))
    async with store.write() as tx:
        await tx.chat.end_turn(session.id, "t1", TurnStatus.FAILED, None)
    assert await add_exchange(store, session, "t2", "two", key="k") is not None


async def test_turns_without_a_key_never_meet(store: Store, session: Session) -> None:
    assert await add_exchange(store, session, "t1", "one") is not None
    assert await add_exchange(store, session, "t2", "two") is not None


async def test_a_claim_that_was_rolled_back_leaves_the_session_free(
    store: Store, session: Session
) -> None:
    async with rolled_back(store) as tx:
        await tx.chat.lock(session.id)
        await tx.chat.start_turn(session.id, new_turn("t1"))
    assert (await get_session(store, session)).turn is None
    assert await store.renew("here", 30) == frozenset()
