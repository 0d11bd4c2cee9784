"""How cached replies are used, in numbers; the same in every store."""

from datetime import timedelta

from tests.contract.builders import (
    ANSWER,
    GREETING,
    LATER,
    NOBODY,
    NOW,
    add_node,
    add_session,
    add_tree,
    add_user,
    event_of,
    make_lesson,
)
from twosigma.domain.activity import Outcome
from twosigma.domain.cache_report import TreeUse
from twosigma.domain.prompts import NewPromptVersion
from twosigma.ports.store import Store


async def test_a_tree_in_numbers(store: Store) -> None:
    lesson = await make_lesson(store)
    tree, other = await add_tree(store, lesson.item), await add_tree(store, lesson.item, b"o" * 32)
    root = await add_node(store, tree, GREETING, "Hello")
    child = await add_node(store, tree, ANSWER, "Well done", parent=root)
    elsewhere = await add_node(store, other, GREETING, "Hi")
    session = await add_session(store, lesson)
    told = [
        (root.id, Outcome.MISS, NOW), (root.id, Outcome.HIT, LATER), (child.id, Outcome.MISS, NOW),
        (elsewhere.id, Outcome.HIT, NOW - timedelta(days=400)), (None, Outcome.FREE, NOW),
    ]  # fmt: skip
    async with store.write() as tx:
        for at, (node_id, outcome, when) in enumerate(told):
            await tx.activity.append(
                event_of(
                    lesson, session, f"t{at}", node_id=node_id, outcome=outcome, occurred_at=when
                )
            )
    async with store.read() as tx:
        uses = await tx.cache.uses({tree.id, other.id, NOBODY})
        assert uses[tree.id] == TreeUse(
            node_count=2, max_depth=1, hits=1, misses=2, last_used_at=LATER
        )
        assert uses[other.id] == TreeUse(
            node_count=1, max_depth=0, hits=1, misses=0, last_used_at=elsewhere.created_at
        )
        assert uses.get(NOBODY, TreeUse()) == TreeUse()
        assert await tx.cache.uses(set()) == {}


async def test_a_tree_without_nodes_was_never_used(store: Store) -> None:
    tree = await add_tree(store, (await make_lesson(store)).item)
    async with store.read() as tx:
        assert (await tx.cache.uses([tree.id])).get(tree.id, TreeUse()) == TreeUse()
        assert await tx.cache.learners(tree.id) == {}


async def test_learners_of_a_node_are_counted_once_and_staff_not(store: Store) -> None:
    lesson = await make_lesson(store)
    tree = await add_tree(store, lesson.item)
    root = await add_node(store, tree, GREETING, "Hello")
    session, others = await add_session(store, lesson), [await add_user(store) for _ in range(2)]
    async with store.write() as tx:
        for at, (user_id, outcome, staff) in enumerate([
            (lesson.user.id, Outcome.MISS, False), (lesson.user.id, Outcome.HIT, False),
            (others[0].id, Outcome.HIT, False), (others[1].id, Outcome.HIT, True),
        ]):  # fmt: skip
            event = event_of(
                lesson, session, f"t{at}", node_id=root.id, outcome=outcome, user_id=user_id,
                as_staff=staff,
            )  # fmt: skip
            await tx.activity.append(event)
    async with store.read() as tx:
        assert await tx.cache.learners(tree.id) == {root.id: 2}
        assert await tx.cache.learners(NOBODY) == {}


async def test_names_of_versions_and_items_by_id(store: Store) -> None:
    lesson = await make_lesson(store)
    prompt = NewPromptVersion(name="Tutor", prompt="Teach.", created_by="ada", created_at=NOW)
    async with store.write() as tx:
        await tx.prompts.lock()
        await tx.prompts.add(prompt)
        version = await tx.prompts.add(prompt)
    async with store.read() as tx:
        item = await tx.content.get(lesson.item.id)
        assert await tx.content.get_all({lesson.item.id, NOBODY}) == {lesson.item.id: item}
        assert await tx.content.get_all([]) == {}
        assert await tx.prompts.named([NOBODY, version.id]) == {version.id: ("Tutor", 2)}
        assert await tx.prompts.named([]) == {}
