"""Forgotten passwords: what a mailed token is good for, and how often one is mailed."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256

from msgspec import Struct

from twosigma.domain.errors import Conflict

LIFE = timedelta(minutes=30)
WINDOW = timedelta(hours=1)
MAX_MAILS = 3
"""How many are mailed to an account within `WINDOW`."""


class PasswordReset(Struct, frozen=True, kw_only=True):
    """A token that was mailed, known by its digest. Ended: used, or replaced by a newer one."""

    user_id: int
    digest: bytes
    created_at: datetime
    ended_at: datetime | None = None

    def __repr__(self) -> str:
        return f"PasswordReset(user_id={self.user_id})"


def digest_of(token: str) -> bytes:
    """What is kept of a token. It has 128 random bits and more, so that no salt is needed; what
    no token of ours holds has a digest too, which nobody has."""
    return sha256(token.encode("utf-8", "surrogatepass")).digest()


def may_mail(mailed: Iterable[PasswordReset], now: datetime) -> bool:
    """Whether one more may be mailed to the account that these were mailed to."""
    return sum(now - each.created_at < WINDOW for each in mailed) < MAX_MAILS


def require_live(reset: PasswordReset | None, now: datetime) -> PasswordReset:
    """The token's reset; raises Conflict, the same for used, replaced, expired and unknown."""
    if reset is None or reset.ended_at is not None or now - reset.created_at >= LIFE:
        raise Conflict("This reset link is no longer valid", code="reset_invalid")
    return reset


def link_to(public_url: str, token: str) -> str:
    """The page where another password is chosen. The token stands behind the `#`, which browsers
    send to no server: it gets into no log on its way."""
    return f"{public_url.rstrip('/')}/reset-password#token={token}"
