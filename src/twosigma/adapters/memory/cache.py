"""The response-cache tree."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from msgspec import structs

from twosigma.adapters.memory.messages import refer, release
from twosigma.adapters.memory.tables import Tables, Transaction, append
from twosigma.domain.activity import ActivityEvent, Outcome
from twosigma.domain.cache_report import TreeUse
from twosigma.domain.cache_tree import CacheState, NewNode, Node, Position, Tree
from twosigma.domain.chat import Session


def find_node(tables: Tables, tree_id: int, parent_id: int, digest: bytes) -> Node | None:
    """The node at this edge."""
    node_id = tables.node_at.get((tree_id, parent_id, digest))
    return None if node_id is None else tables.nodes[node_id]


class MemoryCache:
    def __init__(self, tx: Transaction) -> None:
        self._tables = tx.tables
        self._ids = tx.ids

    async def tree(self, fingerprint: bytes) -> Tree | None:
        tree_id = self._tables.tree_by_fingerprint.get(fingerprint)
        return None if tree_id is None else self._tables.trees[tree_id]

    async def get_tree(self, tree_id: int) -> Tree | None:
        return self._tables.trees.get(tree_id)

    async def node(self, tree_id: int, parent_id: int, digest: bytes) -> Node | None:
        return find_node(self._tables, tree_id, parent_id, digest)

    async def get_node(self, node_id: int) -> Node | None:
        return self._tables.nodes.get(node_id)

    async def count_children(self, tree_id: int, parent_id: int) -> int:
        return self._tables.children.get((tree_id, parent_id)) or 0

    async def trees(self, item_id: int | None, course_id: int | None) -> Sequence[Tree]:
        fitting = [
            tree
            for tree in self._tables.trees.values()
            if item_id in (None, tree.content_item_id)
            and course_id in (None, self._tables.items[tree.content_item_id].course_id)
        ]
        return sorted(fitting, key=lambda tree: tree.id)

    async def nodes(self, tree_id: int) -> Sequence[Node]:
        ids = self._tables.nodes_of_tree.get(tree_id) or ()
        return [self._tables.nodes[each] for each in ids]

    async def hits(self, tree_id: int) -> Mapping[int, int]:
        ids = self._tables.nodes_of_tree.get(tree_id) or ()
        uses = {each: self._tables.node_uses.get(each) for each in ids}
        return {each: use.hits for each, use in uses.items() if use is not None}

    async def divergences(self, tree_id: int) -> Mapping[int, int]:
        places = (session.position for session in self._tables.sessions.values())
        return Counter(
            place.node_id
            for place in places
            if place.tree_id == tree_id
            and place.state is CacheState.DIVERGED
            and place.node_id is not None
        )

    async def learners(self, tree_id: int) -> Mapping[int, int]:
        seen: dict[int, set[int]] = {}
        for event in self._made_or_hit({tree_id}):
            if not event.as_staff and event.node_id is not None:
                seen.setdefault(event.node_id, set()).add(event.user_id)
        return {node_id: len(users) for node_id, users in seen.items()}

    async def uses(self, tree_ids: Collection[int]) -> Mapping[int, TreeUse]:
        return {tree_id: await self._use(tree_id) for tree_id in tree_ids}

    async def _use(self, tree_id: int) -> TreeUse:
        nodes = await self.nodes(tree_id)
        made = [e for e in self._made_or_hit({tree_id}) if e.outcome is Outcome.MISS]
        return TreeUse(
            node_count=len(nodes),
            max_depth=max((node.depth for node in nodes), default=None),
            hits=sum((await self.hits(tree_id)).values()),
            misses=len(made),
            last_used_at=await self.last_used(tree_id),
        )

    def _made_or_hit(self, tree_ids: Collection[int]) -> Iterator[ActivityEvent]:
        """The events of turns that made a node of these trees, or were shown one."""
        for events in self._tables.events_of_user.values():
            for event in events:
                node = self._tables.nodes.get(event.node_id) if event.node_id else None
                if node is not None and node.tree_id in tree_ids:
                    yield event

    async def last_used(self, tree_id: int) -> datetime | None:
        ids = self._tables.nodes_of_tree.get(tree_id) or ()
        uses = [use for each in ids if (use := self._tables.node_uses.get(each)) is not None]
        stored = [self._tables.nodes[each].created_at for each in ids]
        return max([*stored, *(use.last for use in uses)], default=None)

    async def hold_tree(self, tree_id: int) -> bool:
        return tree_id in self._tables.trees

    async def lock_or_add_tree(self, tree: Tree) -> Tree | None:
        known = await self.tree(tree.fingerprint)
        if known is not None:
            return known
        if tree.content_item_id not in self._tables.items:
            return None
        added = structs.replace(tree, id=self._ids.next("trees"), parts=dict(tree.parts))
        self._tables.trees.put(added.id, added)
        self._tables.tree_by_fingerprint.put(added.fingerprint, added.id)
        return added

    async def add_node(self, node: NewNode) -> Node | None:
        edge = (node.tree_id, node.parent_id, node.digest)
        if edge in self._tables.node_at:
            return None
        if node.tree_id not in self._tables.trees:
            raise KeyError(node.tree_id)
        reply = refer(self._tables, node.reply_id)
        added = Node(id=self._ids.next("nodes"), **structs.asdict(reply), **structs.asdict(node))
        self._tables.nodes.put(added.id, added)
        self._tables.node_at.put(edge, added.id)
        append(self._tables.nodes_of_tree, node.tree_id, added.id)
        place = (node.tree_id, node.parent_id)
        self._tables.children.put(place, (self._tables.children.get(place) or 0) + 1)
        return added

    async def prune(self, tree_id: int, now: datetime) -> int:
        tree = self._tables.trees.pop(tree_id)
        if tree is None:
            return 0
        for session in list(self._tables.sessions.values()):
            if session.position.tree_id == tree_id:
                self._evict(session, now)
        ids = self._tables.nodes_of_tree.pop(tree_id) or ()
        for each in ids:
            self._erase(each)
        self._tables.tree_by_fingerprint.pop(tree.fingerprint)
        return len(ids)

    def _evict(self, session: Session, now: datetime) -> None:
        state = CacheState.DIVERGED if session.message_count > 0 else session.position.state
        position = Position(tree_id=None, node_id=None, state=state)
        left = structs.replace(session, position=position, stamp=None, updated_at=now)
        self._tables.sessions.put(session.id, left)

    def _erase(self, node_id: int) -> None:
        node = self._tables.nodes.pop(node_id)
        if node is not None:
            self._tables.node_at.pop((node.tree_id, node.parent_id, node.digest))
            self._tables.children.pop((node.tree_id, node.parent_id))
            self._tables.node_uses.pop(node_id)
            release(self._tables, node.reply_id)
