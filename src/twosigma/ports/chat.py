"""Chat sessions, messages, replies; the cache tree; epochs; the hit path."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from twosigma.domain.cache_report import TreeUse
from twosigma.domain.cache_tree import NewNode, Node, Position, Tree
from twosigma.domain.catalog import Page
from twosigma.domain.chat import (
    Message,
    NewExchange,
    NewSession,
    NewTurn,
    Session,
    Share,
    StoredReply,
    StoredTurn,
    TurnStatus,
)
from twosigma.domain.context import Stamp
from twosigma.domain.replies import Reply


class ChatReader(Protocol):
    async def get(self, session_id: int) -> Session | None: ...

    async def of_user(
        self, user_id: int, item_id: int | None, page: Page
    ) -> tuple[Sequence[Session], int]:
        """Newest first (by id), and how many in all."""
        ...

    async def messages(self, session_id: int, page: Page) -> Sequence[Message]:
        """By ordinal. `content` of a reply is its text."""
        ...

    async def last_messages(self, session_id: int, count: int) -> Sequence[Message]:
        """The last `count` messages, in their order."""
        ...

    async def messages_of_user(self, user_id: int) -> Sequence[Message]:
        """All messages of an account's sessions, by session and ordinal."""
        ...

    async def first_messages(self, session_id: int, count: int) -> Sequence[Message]: ...

    async def turn(self, session_id: int, turn_id: str) -> StoredTurn | None:
        """A completed turn of this session by its id."""
        ...

    async def turn_by_key(self, session_id: int, key: str) -> StoredTurn | None:
        """A completed turn of this session by its Idempotency-Key."""
        ...

    async def greeting(self, session_id: int) -> StoredTurn | None:
        """The turn of the session's greeting, if it has one."""
        ...

    async def shared(self, token: str) -> Session | None: ...


class Chat(ChatReader, Protocol):
    async def add(self, session: NewSession) -> Session: ...

    async def lock(self, session_id: int) -> Session | None:
        """The session, held until the transaction ends; `turn.is_lost` by the store's clock."""
        ...

    async def start_turn(self, session_id: int, turn: NewTurn) -> None:
        """Write the turn's columns as running, its lease counted from now by the store's
        clock. Needs `lock`."""
        ...

    async def end_turn(
        self, session_id: int, turn_id: str, status: TurnStatus, detail: str | None
    ) -> bool:
        """Failed or stopped: only where this turn is the session's and running, else False."""
        ...

    async def add_reply(self, reply: Reply) -> StoredReply: ...

    async def add_exchange(self, exchange: NewExchange, *, is_greeting: bool) -> Message | None:
        """Append both messages at the session's next ordinals, raise its message_count, mark
        the turn completed (id, content, key; also where no turn was started, as in a replay),
        note the greeting. Gives the reply's message; None (and nothing written) where the key
        is used already. Needs `lock`."""
        ...

    async def move(
        self, session_id: int, position: Position, stamp: Stamp | None, now: datetime
    ) -> None:
        """Store position and stamp. Needs `lock`."""
        ...

    async def set_share(self, session_id: int, share: Share | None) -> None: ...

    async def remove(self, session_id: int) -> None:
        """Erase the session, its messages, and the replies that nobody else refers to."""
        ...

    async def remove_of_user(self, user_id: int) -> Sequence[str]:
        """`remove` for every session of an account; gives the ids of the turns that ran."""
        ...


class CacheReader(Protocol):
    async def tree(self, fingerprint: bytes) -> Tree | None: ...

    async def get_tree(self, tree_id: int) -> Tree | None: ...

    async def node(self, tree_id: int, parent_id: int, digest: bytes) -> Node | None: ...

    async def get_node(self, node_id: int) -> Node | None: ...

    async def count_children(self, tree_id: int, parent_id: int) -> int: ...

    async def trees(self, item_id: int | None, course_id: int | None) -> Sequence[Tree]:
        """The trees of an item, of a course's items, or all; by id."""
        ...

    async def nodes(self, tree_id: int) -> Sequence[Node]:
        """All nodes of a tree that are not retired, by id."""
        ...

    async def hits(self, tree_id: int) -> Mapping[int, int]:
        """For each node of the tree that was hit: how often (from the activity events)."""
        ...

    async def divergences(self, tree_id: int) -> Mapping[int, int]:
        """For each node of the tree where sessions left the path: how many."""
        ...

    async def learners(self, tree_id: int) -> Mapping[int, int]:
        """For each node of the tree: how many accounts were shown it as learners, not staff."""
        ...

    async def uses(self, tree_ids: Collection[int]) -> Mapping[int, TreeUse]:
        """These trees in numbers, by id; those without nodes may be left out."""
        ...

    async def last_used(self, tree_id: int) -> datetime | None:
        """When a node of the tree was last stored or served; None for a tree without nodes."""
        ...


class Cache(CacheReader, Protocol):
    async def hold_tree(self, tree_id: int) -> bool:
        """Keep the tree from being pruned until the transaction ends; False: it is gone.
        Comes before any lock on a session."""
        ...

    async def lock_or_add_tree(self, tree: Tree) -> Tree | None:
        """The tree of this fingerprint, made if there is none (`tree.id` is not read), locked
        against all other writers until the transaction ends. None where its item is gone."""
        ...

    async def add_node(self, node: NewNode) -> Node | None:
        """Insert if absent; None: another is there already."""
        ...

    async def prune(self, tree_id: int, now: datetime) -> int:
        """Delete a whole tree: lock it; its sessions with messages become DIVERGED with no
        node (those without stay TRACKING with no tree); then nodes, orphaned replies, tree.
        Gives the number of nodes deleted; 0 too where it is gone."""
        ...


class Epochs(Protocol):
    async def read(self, course_id: int) -> tuple[int, int]:
        """(platform epoch, course epoch), in this transaction's snapshot."""
        ...


class EpochsWriter(Epochs, Protocol):
    async def raise_platform(self) -> None: ...

    async def raise_course(self, course_id: int) -> None: ...


class HitRequest(Struct, frozen=True, kw_only=True):
    """A message that may be answered from the tree. `settings`: this process's part of the
    stamp; `canonical` None where it equals `content`; `question_id` and `answer` (canonical
    JSON) go into the event."""

    session_id: int
    user_id: int
    turn_id: str
    key: str | None
    content: str
    canonical: str | None
    digest: bytes
    is_greeting: bool
    question_id: str | None
    answer: str | None
    settings: str
    now: datetime


class Hit(Struct, frozen=True, kw_only=True):
    """A turn answered from the tree: `body` holds its events but the last."""

    turn_id: str
    message_id: int
    node_id: int
    body: bytes


class HitPath(Protocol):
    async def advance(self, hit: HitRequest) -> Hit | None:
        """Answer from the tree in one step, or do nothing and give None.

        A hit needs all of: the session is this account's, which is active and is staff of the
        course, a platform admin, or ACTIVE/COMPLETED in an offering of the course; the session
        is TRACKING and no turn runs (a lost one's lease still counts until it is over); its
        stamp is that of the epochs as they are now and of `settings`; a greeting finds the
        session without messages, anything else finds it with a node; and the tree has a node,
        not retired, under the session's node (0 for the greeting) with this digest; the key is
        new in the session. Then both messages, the turn's columns (completed), the position
        and the event (outcome hit, `as_staff` as it is now, the account's time zone) are
        written, the learner's meta holding the node's verdict and the reply's
        `{"source": "cache", "cache_node_id": N}`, all or nothing.
        """
        ...
