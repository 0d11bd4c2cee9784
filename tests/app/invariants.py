"""The invariants of the contract (`docs/architecture.md`), looked at in a whole store."""

from collections.abc import Sequence

from twosigma.domain.cache_tree import ROOT, CacheState, Node
from twosigma.domain.catalog import Page
from twosigma.domain.chat import Message, Session
from twosigma.domain.replies import chunk_event, chunks_of
from twosigma.domain.turn import Phase
from twosigma.ports.store import Read, Store

BAD = "‹not whole›"
"""A mark that scripts put into replies which may never become nodes."""


class Witness:
    """Looks at the store again and again, and remembers what must not change."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._nodes: dict[int, tuple[object, ...]] = {}
        self._diverged: set[int] = set()
        self._messages: dict[int, list[object]] = {}

    async def look(self, session_ids: Sequence[int]) -> None:
        """Raise AssertionError where an invariant does not hold."""
        async with self._store.read() as tx:
            for tree in await tx.cache.trees(None, None):
                for node in await tx.cache.nodes(tree.id):
                    self._node(node)
            for session_id in session_ids:
                session = await tx.chat.get(session_id)
                if session is not None:
                    await self._session(tx, session)

    def _node(self, node: Node) -> None:
        """Written once, whole, and replayed as it was stored."""
        facts = (node.tree_id, node.parent_id, node.digest, node.text, node.chunks, node.message)
        assert self._nodes.setdefault(node.id, facts) == facts
        pieces = chunks_of(node)
        assert "".join(pieces) == node.text
        assert b"".join(map(chunk_event, pieces)) == node.body
        assert BAD not in node.text

    async def _session(self, tx: Read, session: Session) -> None:
        messages = await tx.chat.messages(session.id, Page(limit=1000))
        self._transcript(session, messages)
        position = session.position
        if position.state is CacheState.DIVERGED:
            self._diverged.add(session.id)
            return
        assert session.id not in self._diverged, "a diverged session came back"
        if not messages:
            assert position.node_id is None
            return
        assert position.node_id is not None, "tracking, and nowhere"
        await self._path(tx, session, messages)

    def _transcript(self, session: Session, messages: Sequence[Message]) -> None:
        """Whole exchanges only, in order, and nothing of the past changes."""
        assert len(messages) == session.message_count
        roles = [message.role for message in messages]
        assert roles == ["user", "assistant"] * (len(messages) // 2)
        facts: list[object] = [(message.id, message.content) for message in messages]
        before = self._messages.get(session.id, [])
        assert facts[: len(before)] == before
        self._messages[session.id] = facts
        if session.turn is not None and session.turn.status.value == Phase.COMPLETED.value:
            assert messages[-1].turn_id == session.turn.id

    async def _path(self, tx: Read, session: Session, messages: Sequence[Message]) -> None:
        """The transcript is the path, byte for byte, all of it in one tree."""
        node_id, path = session.position.node_id, []
        while node_id != ROOT:
            assert node_id is not None
            node = await tx.cache.get_node(node_id)
            assert node is not None, "tracking a node that is gone"
            assert node.tree_id == session.position.tree_id
            path.append(node)
            node_id = node.parent_id
        path.reverse()
        assert [node.depth for node in path] == list(range(len(path)))
        asked = [m.canonical or m.content for m in messages if m.role == "user"]
        told = [m.content for m in messages if m.role == "assistant"]
        assert [node.text for node in path] == told
        assert [node.message for node in path][1:] == asked[1:]
