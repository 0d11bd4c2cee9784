"""The cache tree: shown to a course's staff and platform admins, explained, and pruned.

`show` and `prune` are for the operator's command line, which is trusted.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from twosigma.app.access import CONTENT_MISSING, COURSE_MISSING, is_staff, visible_course
from twosigma.app.audit_trail import record
from twosigma.app.context import Contexts
from twosigma.domain.activity import ActivityEvent
from twosigma.domain.actor import Actor, Role, require
from twosigma.domain.audit import Action
from twosigma.domain.cache_report import TreeUse, shown_message
from twosigma.domain.cache_tree import Node, Tree
from twosigma.domain.catalog import Page
from twosigma.domain.errors import Forbidden, Missing
from twosigma.domain.quiz import questions_of
from twosigma.ports.clock import Clock
from twosigma.ports.store import Read, Store

DAYS = 30
AT_ONCE = 500
"""How many trees a clean-up looks at in one go."""


class TreeSummary(Struct, frozen=True, kw_only=True):
    """A tree in a list. `prompt`: the name and number of the version it was made with, None once
    that is deleted; `is_current`: a new session of some learner would use it today."""

    tree: Tree
    content_title: str
    prompt: tuple[str, int] | None
    is_current: bool
    use: TreeUse


class NodeView(Struct, frozen=True, kw_only=True):
    """A node. `message`: None where it may not be shown; `hits` and `divergences`: how often it
    was replayed, and how many sessions left the path here."""

    node: Node
    message: str | None
    hits: int
    divergences: int


class TreeView(TreeSummary, frozen=True, kw_only=True):
    """A tree with its nodes, by id."""

    nodes: Sequence[NodeView]


class CacheAdmin:
    def __init__(self, store: Store, clock: Clock, contexts: Contexts) -> None:
        self._store = store
        self._clock = clock
        self._contexts = contexts

    async def trees(
        self, actor: Actor, item_id: int | None, course_id: int | None, page: Page
    ) -> tuple[list[TreeSummary], int]:
        """The trees of an item, of a course, or all (for platform admins); how many in all.

        Raises Missing for what the actor does not see, Forbidden to those who are not of the
        course's staff.
        """
        async with self._store.read() as tx:
            await _require_reader(tx, actor, item_id, course_id)
            found = await tx.cache.trees(item_id, course_id)
            shown = found[page.skip : page.skip + page.limit]
            return await self._summaries(tx, shown), len(found)

    async def tree(self, actor: Actor, tree_id: int) -> TreeView:
        """A tree with its nodes. Raises Missing to all who are not of the course's staff."""
        async with self._store.read() as tx:
            tree = await tx.cache.get_tree(tree_id)
            item = None if tree is None else await tx.content.get(tree.content_item_id)
            if tree is None or item is None or not await is_staff(tx, actor, item.course_id):
                raise Missing("Tree not found")
            return (await self._views(tx, [tree]))[0]

    async def explain(self, actor: Actor, session_id: int) -> Sequence[ActivityEvent]:
        """Turn by turn what a session cost, and why; no texts. Raises Missing to all who are not
        of the course's staff."""
        async with self._store.read() as tx:
            session = await tx.chat.get(session_id)
            if session is None or not await is_staff(tx, actor, session.course_id):
                raise Missing("Session not found")
            return await tx.activity.of_session(session_id)

    async def clean(self, actor: Actor | None, unused_days: int) -> tuple[int, int]:
        """As `prune`, for a platform admin; each tree that goes has its entry in the audit log.
        Raises Forbidden."""
        return await self._pruned(unused_days, require(actor, Role.PLATFORM_ADMIN))

    async def show(self, item_id: int) -> list[TreeView]:
        """The trees of an item, oldest first; raises Missing for no such item."""
        async with self._store.read() as tx:
            if await tx.content.get(item_id) is None:
                raise Missing(CONTENT_MISSING)
            return await self._views(tx, await tx.cache.trees(item_id, None))

    async def _views(self, tx: Read, trees: Sequence[Tree]) -> list[TreeView]:
        return [
            TreeView(
                **{name: getattr(summary, name) for name in TreeSummary.__struct_fields__},
                nodes=await _nodes(tx, summary.tree),
            )
            for summary in await self._summaries(tx, trees)
        ]

    async def _summaries(self, tx: Read, trees: Sequence[Tree]) -> list[TreeSummary]:
        item_ids = {tree.content_item_id for tree in trees}
        items = await tx.content.get_all(item_ids)
        prompts = await tx.prompts.named({tree.prompt_version_id for tree in trees})
        uses = await tx.cache.uses({tree.id for tree in trees})
        current = await self._contexts.current_fingerprints(tx, item_ids)
        return [
            TreeSummary(
                tree=tree,
                content_title=items[tree.content_item_id].title,
                prompt=prompts.get(tree.prompt_version_id),
                is_current=tree.fingerprint in current,
                use=uses.get(tree.id, TreeUse()),
            )
            for tree in trees
        ]

    async def prune(self, unused_days: int) -> tuple[int, int]:
        """Delete the trees that no current context can reach and that nobody used for so many
        days; gives how many trees and nodes went."""
        return await self._pruned(unused_days, None)

    async def _pruned(self, unused_days: int, actor: Actor | None) -> tuple[int, int]:
        before = self._clock.now() - timedelta(days=unused_days)
        doomed = await self._doomed(before)
        trees = nodes = 0
        for tree_id in doomed:
            # A transaction each: a long one would hold up every turn of these lessons.
            async with self._store.write() as tx:
                if await self._is_doomed(tx, tree_id, before):
                    now = self._clock.now()
                    gone = await tx.cache.prune(tree_id, now)
                    if actor is not None:
                        await record(tx, actor, Action.TREE_DELETED, tree_id, now, nodes=gone)
                    trees, nodes = trees + 1, nodes + gone
        return trees, nodes

    async def _doomed(self, before: datetime) -> list[int]:
        """The trees that look as if they may go; so many are looked at at once."""
        async with self._store.read() as tx:
            trees = await tx.cache.trees(None, None)
            found: list[int] = []
            for first in range(0, len(trees), AT_ONCE):
                found += await self._doomed_of(tx, trees[first : first + AT_ONCE], before)
        return found

    async def _doomed_of(self, tx: Read, trees: Sequence[Tree], before: datetime) -> list[int]:
        uses = await tx.cache.uses({tree.id for tree in trees})
        unused = [
            tree
            for tree in trees
            if (uses.get(tree.id, TreeUse()).last_used_at or tree.created_at) < before
        ]
        current = await self._contexts.current_fingerprints(
            tx, {tree.content_item_id for tree in unused}
        )
        return [tree.id for tree in unused if tree.fingerprint not in current]

    async def _is_doomed(self, tx: Read, tree_id: int, before: datetime) -> bool:
        """Whether nobody used it since, and no new session of today would."""
        tree = await tx.cache.get_tree(tree_id)
        if tree is None:
            return False
        last = await tx.cache.last_used(tree.id) or tree.created_at
        if last >= before:
            return False
        # A store that is away says nothing of the kind, and must not cost a tree: it raises.
        current = await self._contexts.current_fingerprints(tx, [tree.content_item_id])
        return tree.fingerprint not in current


async def _require_reader(
    tx: Read, actor: Actor, item_id: int | None, course_id: int | None
) -> None:
    if actor.is_admin:
        return
    if item_id is None and course_id is None:
        raise Forbidden("You do not have permission to do this")
    if course_id is not None:
        await _require_staff(tx, actor, course_id, COURSE_MISSING)
    if item_id is not None:
        item = await tx.content.get(item_id)
        if item is None:
            raise Missing(CONTENT_MISSING)
        await _require_staff(tx, actor, item.course_id, CONTENT_MISSING)


async def _require_staff(tx: Read, actor: Actor, course_id: int, missing: str) -> None:
    try:
        _, staff = await visible_course(tx, actor, course_id)
    except Missing:
        raise Missing(missing) from None
    if not staff:
        raise Forbidden("You are not of this course's staff")


async def _nodes(tx: Read, tree: Tree) -> list[NodeView]:
    item = await tx.content.get(tree.content_item_id)
    questions = questions_of(item.data_json) if item is not None else ()
    hits: Mapping[int, int] = await tx.cache.hits(tree.id)
    left = await tx.cache.divergences(tree.id)
    learners = await tx.cache.learners(tree.id)
    return [
        NodeView(
            node=node,
            message=shown_message(node, questions, learners.get(node.id, 0)),
            hits=hits.get(node.id, 0),
            divergences=left.get(node.id, 0),
        )
        for node in await tx.cache.nodes(tree.id)
    ]
