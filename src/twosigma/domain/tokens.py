"""Tokens: what is claimed, how a refresh rotates, and when its reuse is theft.

A family is one sign-in and all that was refreshed from it. A refresh token is used once; used
again within the grace it gives the same successor (a client whose answer was lost on the way),
later it revokes the family (OAuth 2.0 Security BCP, RFC 9700 §4.14.2).
"""

from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct

Audience = Literal["access", "refresh"]
ROTATION_GRACE = timedelta(seconds=10)


class Claims(Struct, frozen=True, kw_only=True):
    """What a token says: whose, for what, and until when."""

    user_id: int
    audience: Audience
    jti: str
    issued_at: datetime
    expires_at: datetime


class Pair(Struct, frozen=True, kw_only=True):
    """The claims of an access token and of the refresh token given with it."""

    access: Claims
    refresh: Claims


class RefreshToken(Struct, frozen=True, kw_only=True):
    """A refresh token as stored: its family, and its successors once it was used."""

    jti: str
    family_id: str
    user_id: int
    expires_at: datetime
    family_revoked: bool
    rotated_at: datetime | None = None
    successor: Pair | None = None


class SignIn(Struct, frozen=True, kw_only=True):
    """A family that lives, as its owner sees it: `last_used_at` is its last refresh (at first the
    sign-in itself), `expires_at` the end of its newest refresh token."""

    id: str
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime


class Rotate(Struct, frozen=True):
    """The token is fresh: give it this successor."""


class Repeat(Struct, frozen=True):
    """The token was used a moment ago: give the same successor again."""

    pair: Pair


class Revoke(Struct, frozen=True):
    """The token was used before: somebody else may have it."""


def mint(
    user_id: int, jtis: tuple[str, str], now: datetime, lifetimes: tuple[timedelta, timedelta]
) -> Pair:
    """The claims of a new pair: `jtis` and `lifetimes` for access, then refresh.

    Instants are whole seconds, as JWT carries them, so that a pair signed again is the same.
    """
    start = now.replace(microsecond=0)
    (access_jti, refresh_jti), (access_life, refresh_life) = jtis, lifetimes
    return Pair(
        access=Claims(
            user_id=user_id, audience="access", jti=access_jti,
            issued_at=start, expires_at=start + access_life,
        ),
        refresh=Claims(
            user_id=user_id, audience="refresh", jti=refresh_jti,
            issued_at=start, expires_at=start + refresh_life,
        ),
    )  # fmt: skip


def rotation(token: RefreshToken | None, now: datetime) -> Rotate | Repeat | Revoke | None:
    """What using this refresh token leads to; None: it is no good any more."""
    if token is None or token.family_revoked:
        return None
    if token.rotated_at is None or token.successor is None:
        return Rotate()
    if abs(now - token.rotated_at) <= ROTATION_GRACE:
        return Repeat(token.successor)
    return Revoke()
