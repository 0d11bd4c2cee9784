"""The tree of cached replies, and epochs; the same in every store."""

import asyncio
from datetime import timedelta

from msgspec import structs

from tests.contract.builders import (
    ANSWER,
    GREETING,
    LATER,
    NOBODY,
    NOW,
    add_exchange,
    add_item,
    add_module,
    add_node,
    add_session,
    add_tree,
    event_of,
    get_session,
    make_lesson,
    new_tree,
)
from twosigma.domain.activity import Outcome
from twosigma.domain.cache_tree import ROOT, CacheState, NewNode, Node, Position, Tree
from twosigma.domain.catalog import Page
from twosigma.domain.context import Stamp
from twosigma.domain.llm import Graded
from twosigma.domain.replies import reply_of
from twosigma.ports.store import Store

STAMP = Stamp(platform=1, course=2, settings="s")


async def test_a_tree_reads_back_as_it_was_added(store: Store) -> None:
    item = (await make_lesson(store)).item
    new = new_tree(item, bytes(range(32)))
    async with store.write() as tx:
        tree = await tx.cache.lock_or_add_tree(new)
    assert tree is not None
    assert tree == structs.replace(new, id=tree.id)
    assert tree.id > 0
    async with store.read() as tx:
        assert await tx.cache.tree(new.fingerprint) == tree
        assert await tx.cache.get_tree(tree.id) == tree
        assert await tx.cache.tree(b"x" * 32) is None
        assert await tx.cache.get_tree(NOBODY) is None


async def test_a_fingerprint_has_one_tree(store: Store) -> None:
    item = (await make_lesson(store)).item
    tree = await add_tree(store, item)
    async with store.write() as tx:
        again = structs.replace(new_tree(item), model="other", created_at=LATER)
        assert await tx.cache.lock_or_add_tree(again) == tree
    assert (await add_tree(store, item, b"o" * 32)).id != tree.id


async def test_many_at_once_make_one_tree(store: Store) -> None:
    item = (await make_lesson(store)).item
    trees = await asyncio.gather(*(add_tree(store, item) for _ in range(6)))
    assert len({tree.id for tree in trees}) == 1


async def test_trees_are_listed_by_item_and_by_course(store: Store) -> None:
    lesson, other = await make_lesson(store), await make_lesson(store)
    second = await add_item(store, await add_module(store, lesson.course))
    one = await add_tree(store, lesson.item, b"1" * 32)
    two = await add_tree(store, other.item, b"2" * 32)
    three = await add_tree(store, second, b"3" * 32)
    four = await add_tree(store, lesson.item, b"4" * 32)
    async with store.read() as tx:
        assert list(await tx.cache.trees(None, None)) == [one, two, three, four]
        assert list(await tx.cache.trees(lesson.item.id, None)) == [one, four]
        assert list(await tx.cache.trees(None, lesson.course.id)) == [one, three, four]
        assert list(await tx.cache.trees(second.id, lesson.course.id)) == [three]
        assert list(await tx.cache.trees(second.id, other.course.id)) == []
        assert list(await tx.cache.trees(NOBODY, None)) == []


async def test_a_node_reads_back_as_it_was_added(store: Store) -> None:
    tree = await add_tree(store, (await make_lesson(store)).item)
    root = await add_node(store, tree, GREETING, "Hello")
    reply = reply_of(["Zwölf", " 🐎"])
    async with store.write() as tx:
        stored = await tx.chat.add_reply(reply)
        new = NewNode(
            tree_id=tree.id, parent_id=root.id, digest=bytes(range(32)), depth=1, message="m",
            graded=Graded(question_id="q", correct=False), reply_id=stored.id, created_at=LATER,
        )  # fmt: skip
        node = await tx.cache.add_node(new)
    assert node == Node(id=node.id if node else 0, **structs.asdict(new), **structs.asdict(reply))
    async with store.read() as tx:
        assert await tx.cache.node(tree.id, root.id, new.digest) == node
        assert await tx.cache.get_node(node.id) == node
        assert list(await tx.cache.nodes(tree.id)) == [root, node]
    assert (root.graded, root.parent_id, root.depth) == (None, ROOT, 0)


async def test_a_node_is_found_at_its_own_edge_only(store: Store) -> None:
    item = (await make_lesson(store)).item
    tree, other = await add_tree(store, item), await add_tree(store, item, b"o" * 32)
    root = await add_node(store, tree, GREETING, "Hello")
    async with store.read() as tx:
        assert await tx.cache.node(tree.id, ROOT, GREETING) == root
        assert await tx.cache.node(other.id, ROOT, GREETING) is None
        assert await tx.cache.node(tree.id, root.id, GREETING) is None
        assert await tx.cache.node(tree.id, ROOT, ANSWER) is None
        assert await tx.cache.get_node(NOBODY) is None
        assert list(await tx.cache.nodes(other.id)) == []


async def put_node(store: Store, tree: Tree, text: str) -> Node | None:
    async with store.write() as tx:
        await tx.cache.lock_or_add_tree(tree)
        reply = await tx.chat.add_reply(reply_of([text]))
        return await tx.cache.add_node(
            NewNode(
                tree_id=tree.id, parent_id=ROOT, digest=GREETING, depth=0, message="Start.",
                graded=None, reply_id=reply.id, created_at=NOW,
            )
        )  # fmt: skip


async def test_a_node_is_written_once(store: Store) -> None:
    tree = await add_tree(store, (await make_lesson(store)).item)
    first = await put_node(store, tree, "first")
    assert first is not None
    assert await put_node(store, tree, "second") is None
    async with store.read() as tx:
        assert await tx.cache.node(tree.id, ROOT, GREETING) == first


async def test_of_many_at_once_one_writes_the_node(store: Store) -> None:
    tree = await add_tree(store, (await make_lesson(store)).item)
    nodes = await asyncio.gather(*(put_node(store, tree, f"{n}") for n in range(6)))
    won = [node for node in nodes if node is not None]
    assert len(won) == 1
    async with store.read() as tx:
        assert list(await tx.cache.nodes(tree.id)) == won


async def test_children_are_counted_by_place(store: Store) -> None:
    item = (await make_lesson(store)).item
    tree, other = await add_tree(store, item), await add_tree(store, item, b"o" * 32)
    root = await add_node(store, tree, GREETING, "Hello")
    for number in range(3):
        await add_node(store, tree, bytes([number]) * 32, "x", parent=root)
    async with store.read() as tx:
        assert await tx.cache.count_children(tree.id, ROOT) == 1
        assert await tx.cache.count_children(tree.id, root.id) == 3
        assert await tx.cache.count_children(other.id, ROOT) == 0
        assert await tx.cache.count_children(tree.id, NOBODY) == 0


async def test_a_tree_is_held_while_it_is_there(store: Store) -> None:
    tree = await add_tree(store, (await make_lesson(store)).item)
    async with store.write() as tx:
        assert await tx.cache.hold_tree(tree.id)
        assert not await tx.cache.hold_tree(NOBODY)
    async with store.write() as tx:
        await tx.cache.prune(tree.id, LATER)
    async with store.write() as tx:
        assert not await tx.cache.hold_tree(tree.id)


async def test_uses_are_counted_from_the_events(store: Store) -> None:
    lesson = await make_lesson(store)
    tree, other = await add_tree(store, lesson.item), await add_tree(store, lesson.item, b"o" * 32)
    root = await add_node(store, tree, GREETING, "Hello")
    child = await add_node(store, tree, ANSWER, "Right", parent=root)
    foreign = await add_node(store, other, GREETING, "Hello")
    session = await add_session(store, lesson)
    hit = event_of(lesson, session, "t", outcome=Outcome.HIT)
    async with store.write() as tx:
        for minutes, node in ((5, root), (9, root), (7, root), (1, foreign)):
            at = NOW + timedelta(minutes=minutes)
            await tx.activity.append(structs.replace(hit, node_id=node.id, occurred_at=at))
        missed = structs.replace(hit, outcome=Outcome.MISS, node_id=child.id, occurred_at=LATER)
        await tx.activity.append(missed)
        await tx.activity.append(structs.replace(hit, outcome=Outcome.FREE))
    async with store.read() as tx:
        assert await tx.cache.hits(tree.id) == {root.id: 3}
        assert await tx.cache.hits(other.id) == {foreign.id: 1}
        assert await tx.cache.hits(NOBODY) == {}
        assert await tx.cache.last_used(tree.id) == NOW + timedelta(minutes=9)


async def test_a_tree_that_was_never_hit_was_used_when_its_nodes_were_stored(store: Store) -> None:
    tree = await add_tree(store, (await make_lesson(store)).item)
    async with store.read() as tx:
        assert await tx.cache.last_used(tree.id) is None
        assert await tx.cache.last_used(NOBODY) is None
    await add_node(store, tree, GREETING, "Hello")
    async with store.read() as tx:
        assert await tx.cache.last_used(tree.id) == NOW


async def test_divergences_are_the_sessions_that_left_at_a_node(store: Store) -> None:
    lesson = await make_lesson(store)
    tree = await add_tree(store, lesson.item)
    root = await add_node(store, tree, GREETING, "Hello")
    child = await add_node(store, tree, ANSWER, "Right", parent=root)
    gone = CacheState.DIVERGED
    for node_id, state in ((root.id, gone), (root.id, gone), (child.id, gone), (None, gone),
                           (child.id, CacheState.TRACKING)):  # fmt: skip
        place = Position(tree_id=tree.id, node_id=node_id, state=state)
        await add_session(store, lesson, position=place)
    async with store.read() as tx:
        assert await tx.cache.divergences(tree.id) == {root.id: 2, child.id: 1}
        assert await tx.cache.divergences(NOBODY) == {}


async def test_a_pruned_tree_is_gone_with_its_nodes(store: Store) -> None:
    item = (await make_lesson(store)).item
    tree, other = await add_tree(store, item), await add_tree(store, item, b"o" * 32)
    root = await add_node(store, tree, GREETING, "Hello")
    child = await add_node(store, tree, ANSWER, "Right", parent=root)
    kept = await add_node(store, other, GREETING, "Hello")
    async with store.write() as tx:
        assert await tx.cache.prune(tree.id, LATER) == 2
        assert await tx.cache.prune(tree.id, LATER) == 0
        assert await tx.cache.prune(NOBODY, LATER) == 0
    async with store.read() as tx:
        assert await tx.cache.tree(tree.fingerprint) is None
        assert await tx.cache.get_tree(tree.id) is None
        assert await tx.cache.get_node(root.id) is None
        assert await tx.cache.node(tree.id, root.id, ANSWER) is None
        assert list(await tx.cache.nodes(tree.id)) == []
        assert await tx.cache.count_children(tree.id, ROOT) == 0
        assert list(await tx.cache.trees(None, None)) == [other]
        assert await tx.cache.get_node(kept.id) == kept
    again = await add_tree(store, item)
    assert again.id > tree.id
    assert (await add_node(store, again, GREETING, "Hello")).id > child.id


async def test_a_prune_takes_its_sessions_off_the_tree(store: Store) -> None:
    lesson = await make_lesson(store)
    tree, other = await add_tree(store, lesson.item), await add_tree(store, lesson.item, b"o" * 32)
    root = await add_node(store, tree, GREETING, "Hello")
    at_root = Position(tree_id=tree.id, node_id=root.id)
    away = structs.replace(at_root, state=CacheState.DIVERGED)
    elsewhere = Position(tree_id=other.id)
    talked, left = [await add_session(store, lesson, position=place, stamp=STAMP)
                    for place in (at_root, away)]  # fmt: skip
    for session in (talked, left):
        await add_exchange(store, session, "t1", reply_id=root.reply_id, is_greeting=True)
    silent = await add_session(store, lesson, position=Position(tree_id=tree.id), stamp=STAMP)
    foreign = await add_session(store, lesson, position=elsewhere, stamp=STAMP)
    async with store.write() as tx:
        await tx.cache.prune(tree.id, LATER)
    evicted = await get_session(store, talked)
    assert (evicted.stamp, evicted.updated_at) == (None, LATER)
    off = Position(state=CacheState.DIVERGED)
    assert (await get_session(store, talked)).position == off
    assert (await get_session(store, left)).position == off
    assert (await get_session(store, silent)).position == Position()
    assert await get_session(store, foreign) == foreign
    async with store.read() as tx:
        replies = [(await tx.chat.messages(each.id, Page()))[1] for each in (talked, left)]
        greeting = await tx.chat.greeting(talked.id)
    assert [reply.content for reply in replies] == ["Hello", "Hello"]
    assert greeting is not None
    assert greeting.reply == reply_of(["Hello"])


async def test_epochs_begin_at_nought_and_rise_by_one(store: Store) -> None:
    lesson, other = await make_lesson(store), await make_lesson(store)
    async with store.read() as tx:
        platform, course = await tx.epochs.read(lesson.course.id)
        before = await tx.epochs.read(other.course.id)
    async with store.write() as tx:
        await tx.epochs.raise_course(lesson.course.id)
        await tx.epochs.raise_course(lesson.course.id)
        assert await tx.epochs.read(lesson.course.id) == (platform, course + 2)
        await tx.epochs.raise_platform()
    async with store.read() as tx:
        assert await tx.epochs.read(lesson.course.id) == (platform + 1, course + 2)
        assert await tx.epochs.read(other.course.id) == (before[0] + 1, before[1])


async def test_epochs_raised_at_once_all_count(store: Store) -> None:
    lesson = await make_lesson(store)
    async with store.read() as tx:
        platform, course = await tx.epochs.read(lesson.course.id)

    async def publish() -> None:
        async with store.write() as tx:
            await tx.epochs.raise_platform()
            await tx.epochs.raise_course(lesson.course.id)

    await asyncio.gather(*(publish() for _ in range(6)))
    async with store.read() as tx:
        assert await tx.epochs.read(lesson.course.id) == (platform + 6, course + 6)
