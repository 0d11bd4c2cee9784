"""Requests that a client sends again because it never saw the answer: Idempotency-Keys.

A key belongs to an account for 24 hours, and stands for one request. What a request did and that
its key is used are one transaction, so it is never done twice; its answer is kept right after.
"""

from datetime import datetime, timedelta

from msgspec import Struct

from twosigma.domain.errors import Conflict, invalid
from twosigma.domain.values import MAX_LENGTH, MIN_LENGTH

LIFE = timedelta(hours=24)
MAX_KEY = 128
PATIENCE = timedelta(seconds=30)
"""How long the answer of a request that was done may take to be kept."""


class Request(Struct, frozen=True, kw_only=True):
    """A request with a key. `digest`: SHA-256 of all that it asks for, 32 bytes."""

    user_id: int
    key: str
    digest: bytes


class Answer(Struct, frozen=True, kw_only=True):
    """What a request was answered with: an HTTP status, headers, and the body's bytes."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def __repr__(self) -> str:
        return f"Answer({self.status})"


class Kept(Struct, frozen=True, kw_only=True):
    """A key that is used. `answer` None: the request is done, its answer not kept (yet)."""

    request_digest: bytes
    created_at: datetime
    answer: Answer | None = None


def require_key(key: str) -> str:
    """The key, if it is one: 1–128 characters, none of them a control character. Raises Invalid."""
    loc = ("header", "Idempotency-Key")
    if not 1 <= len(key) <= MAX_KEY:
        kind = MAX_LENGTH if key else MIN_LENGTH
        raise invalid(loc, f"Must have 1 to {MAX_KEY} characters", kind)
    if not key.isprintable():
        raise invalid(loc, "Must hold no control characters")
    return key


def is_over(kept: Kept, now: datetime) -> bool:
    """Whether the key is free again."""
    return now - kept.created_at > LIFE


def replay(kept: Kept, request: Request, now: datetime) -> Answer | None:
    """The answer to give again; None where it is still to come.

    Raises Conflict for a key that was used with another request, and where the answer was lost:
    whoever kept it was gone in between.
    """
    if kept.request_digest != request.digest:
        text = "This Idempotency-Key was used with another request"
        raise Conflict(text, code="idempotency_key_reused")
    if kept.answer is None and now - kept.created_at >= PATIENCE:
        text = "This request was carried out, but its answer was lost"
        raise Conflict(text, code="answer_lost")
    return kept.answer
