"""The hit path: each condition that fails by itself means no hit and nothing written."""

import asyncio
from typing import Any

import pytest
from msgspec import structs

from tests.contract.builders import (
    ANSWER,
    GREETING,
    LATER,
    NOBODY,
    SETTINGS,
    add_exchange,
    add_node,
    add_session,
    add_tree,
    add_user,
    answer,
    enroll,
    get_session,
    greet,
    make_lesson,
    make_path,
    new_turn,
    start_turn,
)
from tests.contract.by_hand import switch_off
from tests.contract.hit_states import assert_no_hit, dropped_path, move
from twosigma.domain.actor import Role
from twosigma.domain.cache_tree import CacheState, Position
from twosigma.domain.catalog import StaffRole
from twosigma.domain.chat import TurnStatus
from twosigma.ports.store import Store


async def test_no_hit_for_a_dropped_learner(store: Store) -> None:
    path = await dropped_path(store)
    await assert_no_hit(store, path, greet(path))


async def test_no_hit_for_who_is_enrolled_or_staff_elsewhere(store: Store) -> None:
    path = await dropped_path(store)
    other = await make_lesson(store)
    await enroll(store, path.user, other.offering)
    async with store.write() as tx:
        await tx.catalog.set_staff(other.course.id, path.user.id, StaffRole.OWNER)
    await assert_no_hit(store, path, greet(path))


async def test_no_hit_for_an_instructor_of_nothing(store: Store) -> None:
    instructor = await add_user(store, Role.INSTRUCTOR)
    path = structs.replace(await make_path(store, user_id=instructor.id), user=instructor)
    await assert_no_hit(store, path, greet(path))


async def test_no_hit_for_an_account_that_is_switched_off(store: Store) -> None:
    path = await make_path(store)
    await switch_off(store, path.user.id)
    await assert_no_hit(store, path, greet(path))


async def test_no_hit_in_anothers_session(store: Store) -> None:
    path, other = await make_path(store), await add_user(store, Role.PLATFORM_ADMIN)
    await assert_no_hit(store, path, greet(path, user_id=other.id))
    await assert_no_hit(store, path, greet(path, user_id=NOBODY))


async def test_no_hit_in_an_unknown_session(store: Store) -> None:
    path = await make_path(store)
    await assert_no_hit(store, path, greet(path, session_id=NOBODY))


async def test_no_hit_in_a_diverged_session(store: Store) -> None:
    path = await make_path(store)
    await store.advance(greet(path))
    gone = Position(tree_id=path.tree.id, node_id=path.root.id, state=CacheState.DIVERGED)
    await move(store, path, gone, path.session.stamp)
    await assert_no_hit(store, path, answer(path))


async def test_no_hit_while_a_turn_runs(store: Store) -> None:
    path = await make_path(store)
    await start_turn(store, path.session, new_turn("running"))
    await assert_no_hit(store, path, greet(path))
    async with store.write() as tx:
        await tx.chat.end_turn(path.session.id, "running", TurnStatus.FAILED, None)
    assert await store.advance(greet(path)) is not None


async def test_no_hit_until_the_lease_of_a_lost_turn_is_over(store: Store) -> None:
    path = await make_path(store)
    await start_turn(store, path.session, new_turn("lost", lease=0.25, key="k"))
    await assert_no_hit(store, path, greet(path))
    await asyncio.sleep(0.3)
    assert await store.advance(greet(path, key="k")) is not None
    turn = (await get_session(store, path.session)).turn
    assert turn is not None
    assert (turn.id, turn.status, turn.owner) == ("t1", TurnStatus.COMPLETED, None)
    assert await store.renew("here", 30) == frozenset()


async def test_no_hit_without_a_stamp(store: Store) -> None:
    path = await make_path(store, stamp=None)
    await assert_no_hit(store, path, greet(path))


@pytest.mark.parametrize(
    "change", [{"platform": 1}, {"platform": -1}, {"course": 1}, {"course": -1}]
)
async def test_no_hit_under_a_stamp_of_another_day(store: Store, change: dict[str, int]) -> None:
    path = await make_path(store)
    stamp = path.session.stamp
    assert stamp is not None
    other: dict[str, Any] = {name: getattr(stamp, name) + by for name, by in change.items()}
    await move(store, path, path.session.position, structs.replace(stamp, **other))
    await assert_no_hit(store, path, greet(path))


async def test_no_hit_after_the_platform_changed(store: Store) -> None:
    path = await make_path(store)
    async with store.write() as tx:
        await tx.epochs.raise_platform()
    await assert_no_hit(store, path, greet(path))


async def test_no_hit_after_the_course_changed(store: Store) -> None:
    path = await make_path(store)
    async with store.write() as tx:
        await tx.epochs.raise_course(path.course.id)
    await assert_no_hit(store, path, greet(path))


async def test_no_hit_under_other_settings(store: Store) -> None:
    path = await make_path(store)
    await assert_no_hit(store, path, greet(path, settings=SETTINGS + "x"))


async def test_no_second_greeting(store: Store) -> None:
    path = await make_path(store)
    await store.advance(greet(path))
    await assert_no_hit(store, path, greet(path, "t2"))


async def test_no_greeting_after_any_message(store: Store) -> None:
    path = await make_path(store)
    await add_exchange(store, path.session, "t0", "Hello")
    await assert_no_hit(store, path, greet(path))


async def test_no_answer_before_the_greeting(store: Store) -> None:
    path = await make_path(store)
    await assert_no_hit(store, path, answer(path))
    await assert_no_hit(store, path, answer(path, digest=GREETING))


async def test_no_hit_on_an_edge_that_is_not_there(store: Store) -> None:
    path = await make_path(store)
    await assert_no_hit(store, path, greet(path, digest=ANSWER))
    await store.advance(greet(path))
    await assert_no_hit(store, path, answer(path, digest=b"x" * 32))
    await assert_no_hit(store, path, answer(path, digest=GREETING))
    await store.advance(answer(path))
    await assert_no_hit(store, path, answer(path, "t3"))


async def test_no_hit_in_another_tree(store: Store) -> None:
    path = await make_path(store)
    other = await add_tree(store, path.item, b"o" * 32)
    await move(store, path, Position(tree_id=other.id), path.session.stamp)
    await assert_no_hit(store, path, greet(path))
    foreign = await add_node(store, other, GREETING, "Other")
    hit = await store.advance(greet(path))
    assert hit is not None
    assert hit.node_id == foreign.id
    await assert_no_hit(store, path, answer(path))


async def test_no_hit_without_a_tree(store: Store) -> None:
    path = await make_path(store)
    await move(store, path, Position(), path.session.stamp)
    await assert_no_hit(store, path, greet(path))


async def test_no_hit_after_the_tree_was_pruned(store: Store) -> None:
    path = await make_path(store)
    async with store.write() as tx:
        await tx.cache.prune(path.tree.id, LATER)
    await assert_no_hit(store, path, greet(path))


async def test_no_hit_with_a_used_key(store: Store) -> None:
    path = await make_path(store)
    await store.advance(greet(path, key="k"))
    await assert_no_hit(store, path, answer(path, key="k"))
    assert await store.advance(answer(path, key="K")) is not None


async def test_a_change_of_another_course_is_no_matter(store: Store) -> None:
    path, other = await make_path(store), await make_lesson(store)
    async with store.write() as tx:
        await tx.epochs.raise_course(other.course.id)
    assert await store.advance(greet(path)) is not None


async def test_a_key_used_in_another_session_is_new_here(store: Store) -> None:
    path = await make_path(store)
    other = await add_session(store, path)
    await add_exchange(store, other, "t0", "Hello", key="k")
    assert await store.advance(greet(path, key="k")) is not None
