"""The cache tree, shown and pruned. For the operator's command line, which is trusted."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from twosigma.app.context import Contexts, NotReady
from twosigma.domain.cache_tree import Node, Tree
from twosigma.domain.errors import Missing
from twosigma.ports.clock import Clock
from twosigma.ports.store import Read, Store


class TreeView(Struct, frozen=True, kw_only=True):
    """A tree with its nodes. `hits` and `divergences`: by node id, counted from the events and
    the sessions; `is_current`: a new session of some learner would use it today."""

    tree: Tree
    content_title: str
    is_current: bool
    nodes: Sequence[Node]
    hits: Mapping[int, int]
    divergences: Mapping[int, int]
    last_used_at: datetime | None


class CacheAdmin:
    def __init__(self, store: Store, clock: Clock, contexts: Contexts) -> None:
        self._store = store
        self._clock = clock
        self._contexts = contexts

    async def show(self, item_id: int) -> list[TreeView]:
        """The trees of an item, oldest first; raises Missing for no such item."""
        async with self._store.read() as tx:
            item = await tx.content.get(item_id)
            if item is None:
                raise Missing("Content not found")
            current = await self._current(tx, item_id)
            return [
                TreeView(
                    tree=tree,
                    content_title=item.title,
                    is_current=tree.fingerprint in current,
                    nodes=await tx.cache.nodes(tree.id),
                    hits=await tx.cache.hits(tree.id),
                    divergences=await tx.cache.divergences(tree.id),
                    last_used_at=await tx.cache.last_used(tree.id),
                )
                for tree in await tx.cache.trees(item_id, None)
            ]

    async def prune(self, unused_days: int) -> tuple[int, int]:
        """Delete the trees that no current context can reach and that nobody used for so many
        days; gives how many trees and nodes went."""
        before = self._clock.now() - timedelta(days=unused_days)
        doomed = await self._doomed(before)
        trees = nodes = 0
        for tree_id in doomed:
            # A transaction each: a long one would hold up every turn of these lessons.
            async with self._store.write() as tx:
                if await self._is_doomed(tx, tree_id, before):
                    nodes += await tx.cache.prune(tree_id, self._clock.now())
                    trees += 1
        return trees, nodes

    async def _doomed(self, before: datetime) -> list[int]:
        async with self._store.read() as tx:
            trees = await tx.cache.trees(None, None)
            return [tree.id for tree in trees if await self._is_doomed(tx, tree.id, before)]

    async def _is_doomed(self, tx: Read, tree_id: int, before: datetime) -> bool:
        """Whether nobody used it since, and no new session of today would."""
        tree = await tx.cache.get_tree(tree_id)
        if tree is None:
            return False
        last = await tx.cache.last_used(tree.id) or tree.created_at
        if last >= before:
            return False
        return tree.fingerprint not in await self._current(tx, tree.content_item_id)

    async def _current(self, tx: Read, item_id: int) -> frozenset[bytes]:
        """The fingerprints that learners of today reach: one for each locale of the course."""
        try:
            return await self._contexts.current_fingerprints(tx, item_id)
        except (Missing, NotReady):
            # Gone, or without a prompt: nobody reaches a tree of it. A store that is away says
            # nothing of the kind, and must not cost a tree.
            return frozenset()
