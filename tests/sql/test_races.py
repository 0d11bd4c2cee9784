# long: one race after another over one lesson
"""Races with real locks, on both databases: each is paused just where it hurts."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from msgspec import structs

from tests.sql.lesson import (
    NOW,
    add_node,
    add_session,
    add_tree,
    exchange,
    greet,
    make_lesson,
    reply_to,
    turn,
)
from twosigma.adapters.sql.store import SqlStore
from twosigma.domain.actor import Role
from twosigma.domain.cache_tree import CacheState, NewNode, Node, diverge
from twosigma.domain.catalog import Course, CourseFields, Page
from twosigma.domain.chat import Session
from twosigma.domain.errors import DomainError
from twosigma.domain.prompts import NewPromptVersion, PromptVersion
from twosigma.domain.replies import reply_of
from twosigma.domain.users import NewUser
from twosigma.ports.chat import Hit, HitRequest
from twosigma.ports.store import Write

CALLERS = 16
NEW_USER = NewUser(
    email="new@example.org", full_name="New", password_hash="hash", role=Role.STUDENT,
    locale="en", time_zone="UTC", created_at=NOW,
)  # fmt: skip


async def session_of(store: SqlStore, session_id: int) -> Session:
    async with store.read() as tx:
        session = await tx.chat.get(session_id)
    assert session is not None
    return session


@asynccontextmanager
async def during(store: SqlStore, hit_soon: "asyncio.Future[Hit | None]") -> AsyncIterator[Write]:
    """A write transaction in which a hit comes in: on PostgreSQL it must not wait for the
    commit; SQLite's one writer makes it come after."""
    async with store.write() as tx:
        yield tx
        if store._gate is None:
            async with asyncio.timeout(1):
                await asyncio.shield(hit_soon)
        else:
            await asyncio.sleep(0.05)
            assert not hit_soon.done()


def later(store: SqlStore, started: asyncio.Event, hit: HitRequest) -> "asyncio.Task[Hit | None]":
    async def wait_and_hit() -> Hit | None:
        await started.wait()
        return await store.advance(hit)

    return asyncio.create_task(wait_and_hit())


async def test_f67_a_hit_while_a_turn_starts_gives_none_at_once(sql_store: SqlStore) -> None:
    lesson = await make_lesson(sql_store)
    started = asyncio.Event()
    hit = later(sql_store, started, greet(lesson))
    async with during(sql_store, hit) as tx:
        await tx.chat.lock(lesson.session.id)
        await tx.chat.start_turn(lesson.session.id, turn("t0"))
        started.set()
    assert await hit is None
    session = await session_of(sql_store, lesson.session.id)
    assert session.message_count == 0
    assert session.turn is not None
    assert session.turn.id == "t0"


async def test_a_hit_while_its_tree_is_pruned_gives_none(sql_store: SqlStore) -> None:
    lesson = await make_lesson(sql_store)
    assert await sql_store.advance(greet(lesson)) is not None
    started = asyncio.Event()
    hit = later(sql_store, started, reply_to(lesson))
    async with during(sql_store, hit) as tx:
        assert await tx.cache.prune(lesson.tree.id, NOW) == 2
        started.set()
    assert await hit is None
    session = await session_of(sql_store, lesson.session.id)
    assert session.position.state is CacheState.DIVERGED
    assert (session.position.node_id, session.position.tree_id) == (None, None)
    async with sql_store.read() as tx:
        shown = await tx.chat.last_messages(session.id, 9)
    assert [message.content for message in shown] == ["Start.", "Hello!"]


async def test_a_hit_while_its_session_diverges_gives_none(sql_store: SqlStore) -> None:
    lesson = await make_lesson(sql_store)
    assert await sql_store.advance(greet(lesson)) is not None
    started = asyncio.Event()
    hit = later(sql_store, started, reply_to(lesson))
    async with during(sql_store, hit) as tx:
        session = await tx.chat.lock(lesson.session.id)
        assert session is not None
        await tx.chat.move(session.id, diverge(session.position), session.stamp, NOW)
        started.set()
    assert await hit is None
    assert (await session_of(sql_store, lesson.session.id)).message_count == 2


async def test_a_hit_while_its_session_is_erased_gives_none(sql_store: SqlStore) -> None:
    lesson = await make_lesson(sql_store)
    started = asyncio.Event()
    hit = later(sql_store, started, greet(lesson))
    async with during(sql_store, hit) as tx:
        await tx.chat.remove(lesson.session.id)
        started.set()
    assert await hit is None
    async with sql_store.read() as tx:
        assert await tx.chat.messages(lesson.session.id, Page()) == []


async def test_a_publish_that_was_committed_makes_the_hit_none(sql_store: SqlStore) -> None:
    lesson = await make_lesson(sql_store)
    async with sql_store.write() as tx:
        await tx.epochs.raise_course(lesson.course.id)
    assert await sql_store.advance(greet(lesson)) is None


async def test_of_many_same_hits_one_advances(sql_store: SqlStore) -> None:
    lesson = await make_lesson(sql_store)
    hits = await asyncio.gather(
        *(sql_store.advance(greet(lesson, f"t{each}")) for each in range(CALLERS))
    )
    assert sum(hit is not None for hit in hits) == 1
    assert (await session_of(sql_store, lesson.session.id)).message_count == 2


async def test_f35_a_key_used_already_makes_the_hit_none(sql_store: SqlStore) -> None:
    lesson = await make_lesson(sql_store)
    assert await sql_store.advance(greet(lesson, key="k")) is not None
    assert await sql_store.advance(reply_to(lesson, key="k")) is None
    session = await session_of(sql_store, lesson.session.id)
    assert (session.message_count, session.position.node_id) == (2, lesson.root.id)
    assert await sql_store.advance(reply_to(lesson, key="other")) is not None


async def test_f35_of_exchanges_with_one_key_at_once_one_is_kept(sql_store: SqlStore) -> None:
    lesson = await make_lesson(sql_store)

    async def send(number: int) -> bool:
        async with sql_store.write() as tx:
            await tx.chat.lock(lesson.session.id)
            reply = await tx.chat.add_reply(reply_of([f"reply {number}"]))
            new = exchange(lesson, f"t{number}", reply.id, key="k")
            return await tx.chat.add_exchange(new, is_greeting=False) is not None

    kept = await asyncio.gather(*map(send, range(CALLERS)))
    assert Counter(kept) == {True: 1, False: CALLERS - 1}
    assert (await session_of(sql_store, lesson.session.id)).message_count == 2


async def test_hits_of_many_sessions_at_once_all_advance(sql_store: SqlStore) -> None:
    lesson = await make_lesson(sql_store)
    async with sql_store.write() as tx:
        sessions = [
            await add_session(tx, lesson.user_id, lesson.course.id, lesson.item_id, lesson.tree.id)
            for _ in range(64)
        ]
    hits = await asyncio.gather(
        *(sql_store.advance(greet(lesson, f"t{each.id}", session_id=each.id)) for each in sessions)
    )
    assert all(hits)
    assert len({hit.message_id for hit in hits if hit is not None}) == 64


async def test_bad_turns_of_a_batch_fail_alone(sql_store: SqlStore) -> None:
    lesson = await make_lesson(sql_store)
    assert await sql_store.advance(greet(lesson, key="used")) is not None
    async with sql_store.write() as tx:
        bad, *good = [
            await add_session(tx, lesson.user_id, lesson.course.id, lesson.item_id, lesson.tree.id)
            for _ in range(CALLERS)
        ]
    outcomes = await asyncio.gather(
        *(sql_store.advance(greet(lesson, f"t{each.id}", session_id=each.id)) for each in good),
        sql_store.advance(reply_to(lesson, key="used")),
        sql_store.advance(greet(lesson, session_id=bad.id, content="lone surrogate \ud800")),
        return_exceptions=True,
    )
    *fine, used, broken = outcomes
    assert all(isinstance(each, Hit) for each in fine)
    assert used is None
    assert isinstance(broken, Exception)
    assert not isinstance(broken, DomainError)
    assert await sql_store.advance(greet(lesson, session_id=bad.id)) is not None


async def test_a_hit_whose_caller_is_gone_before_its_turn_is_not_written(sqlite_url: str) -> None:
    store = SqlStore(sqlite_url)
    lesson = await make_lesson(store)
    async with store.write():
        gone = asyncio.create_task(store.advance(greet(lesson)))
        await asyncio.sleep(0)
        gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    assert (await session_of(store, lesson.session.id)).message_count == 0
    await store.dispose()


async def test_f68_of_many_nodes_at_one_edge_one_is_stored(sql_store: SqlStore) -> None:
    lesson = await make_lesson(sql_store)

    async def store_node(number: int) -> Node | None:
        async with sql_store.write() as tx:
            if not await tx.cache.hold_tree(lesson.tree.id):
                return None
            reply = await tx.chat.add_reply(reply_of([f"reply {number}"]))
            return await tx.cache.add_node(
                NewNode(
                    tree_id=lesson.tree.id, parent_id=lesson.root.id, digest=b"n" * 32, depth=1,
                    message="m", graded=None, reply_id=reply.id, created_at=NOW,
                )
            )  # fmt: skip

    nodes = await asyncio.gather(*map(store_node, range(CALLERS)))
    stored = [node for node in nodes if node is not None]
    async with sql_store.read() as tx:
        assert [await tx.cache.node(lesson.tree.id, lesson.root.id, b"n" * 32)] == stored
        assert await tx.cache.count_children(lesson.tree.id, lesson.root.id) == 2


async def test_one_tree_is_made_while_others_prune_it(sql_store: SqlStore) -> None:
    lesson = await make_lesson(sql_store)

    async def find_or_make(number: int) -> int:
        async with sql_store.write() as tx:
            tree = await add_tree(tx, lesson.item_id, b"x" * 32)
            await add_node(tx, tree.id, 0, b"%32d" % number, "Hi there", None)
            return tree.id

    async def prune() -> None:
        async with sql_store.read() as tx:
            tree = await tx.cache.tree(b"x" * 32)
        if tree is not None:
            async with sql_store.write() as writing:
                await writing.cache.prune(tree.id, NOW)

    made = await asyncio.gather(
        *(find_or_make(n) if n % 3 else prune() for n in range(3 * CALLERS))
    )
    async with sql_store.read() as tx:
        trees = [tree.id for tree in await tx.cache.trees(lesson.item_id, None)]
    assert len(trees) <= 2
    assert max(filter(None, made)) >= max(trees)


async def test_a_prune_waits_for_a_turn_that_holds_the_tree(sql_store: SqlStore) -> None:
    lesson = await make_lesson(sql_store)

    async def prune() -> int:
        async with sql_store.write() as tx:
            return await tx.cache.prune(lesson.tree.id, NOW)

    async with sql_store.write() as tx:
        assert await tx.cache.hold_tree(lesson.tree.id)
        pruning = asyncio.create_task(prune())
        await asyncio.sleep(0.05)
        await tx.chat.lock(lesson.session.id)
        new = exchange(lesson, "t1", lesson.root.reply_id)
        assert await tx.chat.add_exchange(new, is_greeting=True) is not None
        await tx.chat.move(
            lesson.session.id,
            structs.replace(lesson.session.position, node_id=lesson.root.id),
            lesson.session.stamp,
            NOW,
        )
        assert not pruning.done()
    assert await pruning == 2
    session = await session_of(sql_store, lesson.session.id)
    assert session.position.state is CacheState.DIVERGED
    async with sql_store.read() as after:
        assert (await after.chat.last_messages(session.id, 1))[0].content == lesson.root.text


async def test_f62_many_versions_of_a_prompt_at_once(sql_store: SqlStore) -> None:
    callers = 2 * CALLERS

    async def add(number: int) -> PromptVersion:
        async with sql_store.write() as tx:
            await tx.prompts.lock()
            return await tx.prompts.add(
                NewPromptVersion(
                    name="Tutor", prompt=f"{number}", labels=("production", f"l{number}"),
                    tags=(f"tag{number}",), created_by="me", created_at=NOW,
                )
            )  # fmt: skip

    versions = await asyncio.gather(*map(add, range(callers)))
    assert sorted(each.version for each in versions) == list(range(1, callers + 1))
    async with sql_store.read() as tx:
        stored = await tx.prompts.versions("Tutor")
        latest = await tx.prompts.labeled("Tutor", "latest")
        production = await tx.prompts.labeled("Tutor", "production")
    assert latest == production == stored[0]
    assert [each.version for each in stored] == list(range(callers, 0, -1))
    assert len({each.tags for each in stored}) == 1
    assert Counter(label for each in stored for label in each.labels)["production"] == 1


async def test_f60_of_many_registrations_of_one_address_one_succeeds(sql_store: SqlStore) -> None:
    async def register() -> bool:
        async with sql_store.write() as tx:
            user = await tx.accounts.add(NEW_USER)
            return user is not None

    assert Counter(await asyncio.gather(*(register() for _ in range(CALLERS))))[True] == 1


async def test_of_courses_that_take_one_code_at_once_one_succeeds(sql_store: SqlStore) -> None:
    lesson = await make_lesson(sql_store)

    async def add(number: int) -> Course:
        async with sql_store.write() as tx:
            fields = CourseFields(
                title="X", code=f"X{number}", university_id=lesson.course.university_id
            )
            course = await tx.catalog.add_course(fields, None, NOW)
            assert course is not None
            return course

    async def rename(course: Course) -> bool:
        async with sql_store.write() as tx:
            saved = await tx.catalog.save_course(structs.replace(course, code="ÉCOLE"))
            await tx.epochs.raise_course(course.id)
            return saved

    courses = [await add(number) for number in range(8)]
    assert Counter(await asyncio.gather(*map(rename, courses))) == {True: 1, False: 7}
    async with sql_store.read() as tx:
        # What the refused ones wrote besides was kept.
        assert {await tx.epochs.read(course.id) for course in courses} == {(0, 1)}
