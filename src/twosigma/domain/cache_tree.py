"""The response-cache tree: where a session stands in it, and where a turn takes it.

A tree holds all cached replies of one context (`domain.context.fingerprint`); a node is one
reply, reached by one sequence of canonical messages; the root is the greeting. A session is
TRACKING while its transcript is the path of its node, else DIVERGED for good.

`plan` says what a message costs before the turn, `settle` where the session stands after it.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from msgspec import Struct, structs

from twosigma.domain.activity import Outcome
from twosigma.domain.llm import END_TURN, Graded
from twosigma.domain.replies import Reply
from twosigma.domain.steps import Free, Greeting, Step

MAX_DEPTH = 50
"""The deepest a node may lie; the root's depth is 0."""
MAX_SIBLINGS = 64
"""The most nodes that one node may have as children (or a tree as roots)."""
ROOT = 0
"""The parent id of a root node: not null, so that the unique key holds for roots too."""


class CacheState(StrEnum):
    TRACKING = "TRACKING"
    DIVERGED = "DIVERGED"


class Position(Struct, frozen=True, kw_only=True):
    """Where a session stands. TRACKING with no node: before its greeting."""

    tree_id: int | None = None
    node_id: int | None = None
    state: CacheState = CacheState.TRACKING


class Tree(Struct, frozen=True, kw_only=True):
    """All replies of one context. `parts`: `domain.context.part_digests` of it."""

    id: int
    content_item_id: int
    prompt_version_id: int
    model: str
    locale: str
    fingerprint: bytes
    parts: Mapping[str, str]
    created_at: datetime


class Node(Reply, frozen=True, kw_only=True):
    """A cached reply; written once."""

    id: int
    tree_id: int
    parent_id: int
    digest: bytes
    depth: int
    message: str
    graded: Graded | None
    reply_id: int
    created_at: datetime


class NewNode(Struct, frozen=True, kw_only=True):
    """A node to be stored, its reply stored already."""

    tree_id: int
    parent_id: int
    digest: bytes
    depth: int
    message: str
    graded: Graded | None
    reply_id: int
    created_at: datetime


class CacheUse(Struct, frozen=True, kw_only=True):
    """Whether the cache may be used: `off` names why it may not; `changed` names the parts of
    the context that are no longer those of the session's tree."""

    off: str | None = None
    changed: tuple[str, ...] = ()


class Found(Struct, frozen=True, kw_only=True):
    """What a look-up under the session's node gave: the child, or how full the place is."""

    node: Node | None = None
    depth: int = 0
    siblings: int = 0


class Edge(Struct, frozen=True, kw_only=True):
    """Where a node hangs, or will: the key of a flight."""

    fingerprint: bytes
    parent_id: int
    digest: bytes


class Replay(Struct, frozen=True):
    """The reply is there."""

    node: Node


class Lead(Struct, frozen=True):
    """The reply is not there: one call for all who wait at this edge."""

    edge: Edge
    depth: int


class Alone(Struct, frozen=True):
    """A call for this session only, which diverges."""

    outcome: Outcome
    reason: str


Plan = Replay | Lead | Alone

FIRST_ON_PATH = "first on this path"
LOST_RACE = "lost race"
INCOMPLETE = "reply not complete"


def plan(position: Position, step: Step, use: CacheUse, found: Found, fingerprint: bytes) -> Plan:
    """What this message costs; the table of the contract, row by row.

    `found` is the look-up of the step under the session's node in the tree of `fingerprint`;
    it is not read where there is nothing to look up.
    """
    if position.state is CacheState.DIVERGED:
        return Alone(Outcome.FREE, "already diverged")
    if isinstance(step, Free):
        return Alone(Outcome.FREE, "before the greeting" if step.is_early else "free text")
    if use.off is not None:
        return Alone(Outcome.OFF, use.off)
    if use.changed:
        return Alone(Outcome.MISS, f"context changed: {', '.join(use.changed)}")
    if found.node is not None:
        return Replay(found.node)
    if found.depth > MAX_DEPTH:
        return Alone(Outcome.MISS, "depth limit")
    if found.siblings >= MAX_SIBLINGS:
        return Alone(Outcome.MISS, "sibling limit")
    edge = Edge(fingerprint=fingerprint, parent_id=parent_of(position, step), digest=step.digest)
    return Lead(edge, found.depth)


def parent_of(position: Position, step: Step) -> int:
    """Under which node the step's node hangs."""
    if isinstance(step, Greeting) or position.node_id is None:
        return ROOT
    return position.node_id


def settle(position: Position, node: Node | None, shown: str) -> Position:
    """Where a session stands after a turn that showed `shown`.

    `position` is the session's now, not the one planned with; `node` is the node at the turn's
    edge as the store has it now (None: there is none, or its tree is gone). TRACKING goes on
    if and only if that node's reply is, byte for byte, what was shown.
    """
    if position.state is CacheState.TRACKING and node is not None and node.text == shown:
        return Position(tree_id=node.tree_id, node_id=node.id)
    return diverge(position)


def diverge(position: Position) -> Position:
    """Off the tree for good; the last node tracked stays as the place where it left."""
    return structs.replace(position, state=CacheState.DIVERGED)


def may_store(reason: str, depth: int, siblings: int, *, has_parent: bool) -> bool:
    """Whether a reply that ended for `reason` may become a node at this place."""
    return reason == END_TURN and has_parent and depth <= MAX_DEPTH and siblings < MAX_SIBLINGS


def account(
    planned: Replay | Lead | Alone, after: Position, *, led: bool, whole: bool
) -> tuple[Outcome, str | None]:
    """What a completed turn is counted as, and why.

    A turn is a hit if and only if a stored node with exactly this reply is named and this
    turn did not lead its generation.
    """
    if isinstance(planned, Alone):
        return planned.outcome, planned.reason
    tracking = after.state is CacheState.TRACKING
    if isinstance(planned, Replay) or (tracking and not led):
        return Outcome.HIT, None
    if not whole:
        return Outcome.MISS, INCOMPLETE
    return Outcome.MISS, FIRST_ON_PATH if tracking else LOST_RACE
