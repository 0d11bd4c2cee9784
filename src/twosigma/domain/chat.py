"""Chat sessions and messages: what they hold, who sees what of them, sharing."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from twosigma.domain.cache_tree import Position
from twosigma.domain.context import Stamp
from twosigma.domain.llm import Graded, Said
from twosigma.domain.replies import Reply

HISTORY_MESSAGES = 40
"""How many of the last messages a model is sent, besides the greeting's exchange."""
SHOWN_MESSAGES = 100
"""How many of the last messages come with a session."""


class TurnStatus(StrEnum):
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    STOPPED = "stopped"


class SessionTurn(Struct, frozen=True, kw_only=True):
    """The running or last turn of a session. `is_lost`: its lease is over (the store's clock),
    so whoever ran it is gone; `key` is its Idempotency-Key."""

    id: str
    status: TurnStatus
    content: str
    started_at: datetime
    key: str | None = None
    owner: str | None = None
    detail: str | None = None
    is_lost: bool = False

    @property
    def is_running(self) -> bool:
        return self.status is TurnStatus.RUNNING and not self.is_lost


class Share(Struct, frozen=True, kw_only=True):
    """A public link; `message_count` messages are seen through it."""

    token: str
    shared_at: datetime
    message_count: int
    expires_at: datetime | None = None


class NewSession(Struct, frozen=True, kw_only=True):
    user_id: int
    content_item_id: int
    course_id: int
    locale: str
    content_context: Mapping[str, object]
    title: str
    position: Position
    stamp: Stamp | None
    created_at: datetime


class Session(NewSession, frozen=True, kw_only=True):
    """One learner's talk about one item. `greeting_id`: the greeting's message, once there."""

    id: int
    message_count: int = 0
    greeting_id: int | None = None
    turn: SessionTurn | None = None
    share: Share | None = None
    updated_at: datetime


class StoredReply(Reply, frozen=True, kw_only=True):
    id: int


class Message(Struct, frozen=True, kw_only=True):
    """One message. A learner's `canonical` is what a model is sent of it, if it differs."""

    id: int
    session_id: int
    ordinal: int
    role: Literal["user", "assistant"]
    content: str
    meta: Mapping[str, object]
    turn_id: str
    created_at: datetime
    canonical: str | None = None


class NewExchange(Struct, frozen=True, kw_only=True):
    """A completed turn as it is stored: the learner's message and the reply to it."""

    session_id: int
    turn_id: str
    key: str | None
    content: str
    canonical: str | None
    user_meta: Mapping[str, object]
    reply_id: int
    reply_meta: Mapping[str, object]
    at: datetime


class NewTurn(Struct, frozen=True, kw_only=True):
    """A turn as it is claimed; `lease` in seconds."""

    id: str
    content: str
    key: str | None
    owner: str
    lease: float
    started_at: datetime


class StoredTurn(Struct, frozen=True, kw_only=True):
    """A completed turn, to be replayed: what was asked, and the reply's message and events."""

    turn_id: str
    content: str
    message_id: int
    reply: Reply


def last_turn(turn: SessionTurn | None) -> SessionTurn | None:
    """The session's turn as it is told: one whose process is gone has failed."""
    if turn is None or turn.status is not TurnStatus.RUNNING or not turn.is_lost:
        return turn
    return SessionTurn(
        id=turn.id, status=TurnStatus.FAILED, content=turn.content, started_at=turn.started_at,
        key=turn.key, owner=turn.owner, detail="The answer was interrupted. Please send it again.",
        is_lost=True,
    )  # fmt: skip


def history_window(count: int) -> tuple[int, int]:
    """Of `count` messages a model is sent the first so many (the greeting's exchange) and the
    last so many. Both begin with a learner's message, so that the roles alternate."""
    if count <= HISTORY_MESSAGES + 2:
        return 0, count
    return 2, HISTORY_MESSAGES


def history(messages: Sequence[Message]) -> tuple[Said, ...]:
    """Messages of a transcript as a model is to see them."""
    return tuple(_said(message) for message in messages)


def _said(message: Message) -> Said:
    graded = message.meta.get("graded")
    return Said(
        role=message.role,
        content=message.content if message.canonical is None else message.canonical,
        graded=Graded(**graded) if isinstance(graded, dict) else None,
    )


def is_share_open(share: Share | None, now: datetime) -> bool:
    """Whether a link still shows something."""
    return share is not None and (share.expires_at is None or now < share.expires_at)


def as_shown(session: Session, now: datetime) -> Session:
    """The session as its owner sees it: a link that is over is none."""
    return session if is_share_open(session.share, now) else replace(session, share=None)


def new_share(
    old: Share | None, token: str, message_count: int, days: int | None, now: datetime
) -> Share:
    """The link after `POST …/share`: the same token until it is revoked or over, now showing
    all `message_count` messages. `days` None keeps an open link's end."""
    kept = old if old is not None and is_share_open(old, now) else None
    expires = now + timedelta(days=days) if days is not None else None
    if kept is not None:
        return Share(
            token=kept.token, shared_at=now, message_count=message_count,
            expires_at=expires if days is not None else kept.expires_at,
        )  # fmt: skip
    return Share(token=token, shared_at=now, message_count=message_count, expires_at=expires)
