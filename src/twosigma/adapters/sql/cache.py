"""The response-cache tree."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import (
    Row,
    bindparam,
    case,
    delete,
    func,
    literal,
    null,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from twosigma.adapters.sql.cache_uses import (
    DIVERGENCES,
    HITS,
    LAST_USED,
    LEARNERS,
    SIZES,
    USES,
)
from twosigma.adapters.sql.connection import Sql
from twosigma.adapters.sql.erase import erase_orphans
from twosigma.adapters.sql.schema import (
    IS_LIVE,
    cache_nodes,
    cache_trees,
    chat_sessions,
    content_items,
    replies,
)
from twosigma.domain.activity import Outcome
from twosigma.domain.cache_report import TreeUse
from twosigma.domain.cache_tree import CacheState, NewNode, Node, Tree

_TREE = select(cache_trees).where(cache_trees.c.fingerprint == bindparam("fingerprint"))
_LOCK_TREE = _TREE.with_for_update()
_GET_TREE = select(cache_trees).where(cache_trees.c.id == bindparam("tree_id"))
_HOLD_TREE = _GET_TREE.with_only_columns(cache_trees.c.id).with_for_update(read=True)
_SEIZE_TREE = _GET_TREE.with_only_columns(cache_trees.c.id).with_for_update()
_HOLD_ITEM = (
    select(content_items.c.id)
    .where(content_items.c.id == bindparam("item_id"))
    .with_for_update(read=True)
)
_ADD_TREE = insert(cache_trees).on_conflict_do_nothing(index_elements=["fingerprint"])

_NODES = select(
    cache_nodes, replies.c.text, replies.c.chunks, replies.c.body
).join_from(cache_nodes, replies)  # fmt: skip
_in_tree = cache_nodes.c.tree_id == bindparam("tree_id")
_under = (_in_tree, cache_nodes.c.parent_id == bindparam("parent_id"), IS_LIVE)
_NODE = _NODES.where(*_under, cache_nodes.c.digest == bindparam("digest"))
_GET_NODE = _NODES.where(cache_nodes.c.id == bindparam("node_id"))
_TREE_NODES = _NODES.where(_in_tree, IS_LIVE).order_by(cache_nodes.c.id)
_COUNT_CHILDREN = select(func.count(cache_nodes.c.id)).where(*_under)
_ADD_NODE = (
    insert(cache_nodes)
    .on_conflict_do_nothing(index_elements=["tree_id", "parent_id", "digest"], index_where=IS_LIVE)
    .returning(cache_nodes.c.id)
)

_of_tree = chat_sessions.c.tree_id == bindparam("of_tree")
_LOCK_SESSIONS = (
    select(chat_sessions.c.id).where(_of_tree).order_by(chat_sessions.c.id).with_for_update()
)
_EVICT = (
    update(chat_sessions)
    .where(_of_tree)
    .values(
        cache_state=case(
            (chat_sessions.c.message_count > 0, literal(CacheState.DIVERGED.value)),
            else_=chat_sessions.c.cache_state,
        ),
        tree_id=null(), cache_node_id=null(), stamp_platform=null(), stamp_course=null(),
        stamp_settings=null(), updated_at=bindparam("now"),
    )
)  # fmt: skip
_ERASE_NODES = delete(cache_nodes).where(_in_tree).returning(cache_nodes.c.reply_id)
_ERASE_TREE = delete(cache_trees).where(cache_trees.c.id == bindparam("tree_id"))


def _tree(row: Row[Any]) -> Tree:
    return msgspec.convert(row, Tree, from_attributes=True)


def _node(row: Row[Any]) -> Node:
    return msgspec.convert(row, Node, from_attributes=True)


class SqlCache:
    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    async def tree(self, fingerprint: bytes) -> Tree | None:
        row = await self._sql.first(_TREE, fingerprint=fingerprint)
        return row and _tree(row)

    async def get_tree(self, tree_id: int) -> Tree | None:
        row = await self._sql.first(_GET_TREE, tree_id=tree_id)
        return row and _tree(row)

    async def node(self, tree_id: int, parent_id: int, digest: bytes) -> Node | None:
        row = await self._sql.first(_NODE, tree_id=tree_id, parent_id=parent_id, digest=digest)
        return row and _node(row)

    async def get_node(self, node_id: int) -> Node | None:
        row = await self._sql.first(_GET_NODE, node_id=node_id)
        return row and _node(row)

    async def count_children(self, tree_id: int, parent_id: int) -> int:
        count: int = await self._sql.scalar(_COUNT_CHILDREN, tree_id=tree_id, parent_id=parent_id)
        return count

    async def trees(self, item_id: int | None, course_id: int | None) -> Sequence[Tree]:
        wanted = select(cache_trees).order_by(cache_trees.c.id)
        if item_id is not None:
            wanted = wanted.where(cache_trees.c.content_item_id == item_id)
        if course_id is not None:
            wanted = wanted.join(content_items).where(content_items.c.course_id == course_id)
        return [_tree(row) for row in await self._sql.all(wanted)]

    async def nodes(self, tree_id: int) -> Sequence[Node]:
        return [_node(row) for row in await self._sql.all(_TREE_NODES, tree_id=tree_id)]

    async def hits(self, tree_id: int) -> Mapping[int, int]:
        rows = await self._sql.all(HITS, tree_id=tree_id)
        return {row.node_id: row.times for row in rows}

    async def divergences(self, tree_id: int) -> Mapping[int, int]:
        rows = await self._sql.all(DIVERGENCES, tree_id=tree_id)
        return {row.node_id: row.times for row in rows}

    async def learners(self, tree_id: int) -> Mapping[int, int]:
        rows = await self._sql.all(LEARNERS, tree_id=tree_id)
        return {row.node_id: row.times for row in rows}

    async def uses(self, tree_ids: Collection[int]) -> Mapping[int, TreeUse]:
        ids = list(tree_ids)
        events = {
            (row.tree_id, row.outcome): row for row in await self._sql.all(USES, tree_ids=ids)
        }
        found: dict[int, TreeUse] = {}
        for size in await self._sql.all(SIZES, tree_ids=ids):
            hits = events.get((size.tree_id, Outcome.HIT))
            misses = events.get((size.tree_id, Outcome.MISS))
            found[size.tree_id] = TreeUse(
                node_count=size.node_count,
                max_depth=size.max_depth,
                hits=0 if hits is None else hits.times,
                misses=0 if misses is None else misses.times,
                last_used_at=size.last_made_at if hits is None else max(size.last_made_at, hits.at),
            )
        return found

    async def last_used(self, tree_id: int) -> datetime | None:
        at: datetime | None = await self._sql.scalar(LAST_USED, tree_id=tree_id)
        return at

    async def hold_tree(self, tree_id: int) -> bool:
        return await self._sql.first(_HOLD_TREE, tree_id=tree_id) is not None

    async def lock_or_add_tree(self, tree: Tree) -> Tree | None:
        names = [name for name in Tree.__struct_fields__ if name != "id"]
        values = {name: getattr(tree, name) for name in names} | {"parts": dict(tree.parts)}
        while True:  # until no prune comes between the two
            row = await self._sql.first(_LOCK_TREE, fingerprint=tree.fingerprint)
            if row is not None:
                return _tree(row)
            # An item before its trees, as a deletion locks them.
            if await self._sql.first(_HOLD_ITEM, item_id=tree.content_item_id) is None:
                return None
            await self._sql.run(_ADD_TREE, **values)

    async def add_node(self, node: NewNode) -> Node | None:
        values = {name: getattr(node, name) for name in NewNode.__struct_fields__}
        values["graded"] = None if node.graded is None else msgspec.to_builtins(node.graded)
        node_id = await self._sql.scalar(_ADD_NODE, **values)
        return None if node_id is None else await self.get_node(node_id)

    async def prune(self, tree_id: int, now: datetime) -> int:
        if await self._sql.first(_SEIZE_TREE, tree_id=tree_id) is None:
            return 0
        await self._sql.all(_LOCK_SESSIONS, of_tree=tree_id)
        await self._sql.run(_EVICT, of_tree=tree_id, now=now)
        erased = await self._sql.all(_ERASE_NODES, tree_id=tree_id)
        await erase_orphans(self._sql, (row.reply_id for row in erased))
        await self._sql.run(_ERASE_TREE, tree_id=tree_id)
        return len(erased)
