"""Ids never come back: one that did would give an old transcript another lesson's reply."""

from tests.contract.builders import (
    NOW,
    add_exchange,
    add_node,
    add_session,
    add_tree,
    make_lesson,
)
from twosigma.ports.store import Store


async def test_a_pruned_trees_ids_do_not_come_back(store: Store) -> None:
    lesson = await make_lesson(store)
    tree = await add_tree(store, lesson.item)
    node = await add_node(store, tree, b"d" * 32, "Hello")
    async with store.write() as tx:
        assert await tx.cache.prune(tree.id, NOW) == 1
    again = await add_tree(store, lesson.item)
    assert again.id > tree.id
    assert (await add_node(store, again, b"d" * 32, "Hello")).id > node.id


async def test_an_erased_sessions_ids_do_not_come_back(store: Store) -> None:
    lesson = await make_lesson(store)
    session = await add_session(store, lesson)
    message = await add_exchange(store, session, "t1", "Hello", is_greeting=True)
    async with store.write() as tx:
        await tx.chat.lock(session.id)
        await tx.chat.remove(session.id)
    again = await add_session(store, lesson)
    assert again.id > session.id
    after = await add_exchange(store, again, "t2", "Hello", is_greeting=True)
    assert message is not None
    assert after is not None
    assert after.id > message.id
