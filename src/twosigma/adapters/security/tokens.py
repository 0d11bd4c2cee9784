"""Tokens as JWT (RFC 7519) under HS256."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from twosigma.domain.errors import Unauthenticated
from twosigma.domain.tokens import Audience, Claims
from twosigma.domain.values import MAX_ID

ALGORITHM = "HS256"
MIN_KEY = 32
"""Bytes: a key shorter than the digest weakens it (RFC 7518 §3.2)."""
LEEWAY = timedelta(seconds=30)
REMEMBERED = 10_000
MAX_LENGTH = 4096
REFUSED = "Could not validate credentials"
_SECONDS = range(10**11)
"""Unix seconds until the year 5138: leeway and all can be added to them."""
_ID = re.compile(r"[1-9][0-9]{0,18}")


class JwtTokens:
    """Signs with `key`, at least 32 bytes (else ValueError); verifies what `issuer` signed.

    Verified tokens are remembered, so that each request but the first costs a look-up.
    """

    def __init__(self, key: bytes, issuer: str = "twosigma") -> None:
        if len(key) < MIN_KEY:
            raise ValueError(f"the signing key needs at least {MIN_KEY} bytes")
        self._key = key
        self._issuer = issuer
        self._remembered: dict[tuple[Audience, str], Claims] = {}

    def sign(self, claims: Claims) -> str:
        payload = {
            "sub": str(claims.user_id),
            "aud": claims.audience,
            "iss": self._issuer,
            "jti": claims.jti,
            "iat": int(claims.issued_at.timestamp()),
            "exp": int(claims.expires_at.timestamp()),
        }
        return jwt.encode(payload, self._key, ALGORITHM)

    def verify(self, token: str, audience: Audience, now: datetime) -> Claims:
        known = (audience, token)
        claims = self._remembered.get(known)
        if claims is None:
            claims = self._read(token, audience)
        if now >= claims.expires_at + LEEWAY:
            self._remembered.pop(known, None)
            raise Unauthenticated("The token has expired")
        self._remember(known, claims)
        return claims

    def _remember(self, known: tuple[Audience, str], claims: Claims) -> None:
        if known not in self._remembered:
            if len(self._remembered) >= REMEMBERED:
                del self._remembered[next(iter(self._remembered))]
            self._remembered[known] = claims

    def _read(self, token: str, audience: Audience) -> Claims:
        if len(token) > MAX_LENGTH:
            raise Unauthenticated(REFUSED)
        try:
            return _claims(self._decode(token, audience), audience)
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as error:
            raise Unauthenticated(REFUSED) from error

    def _decode(self, token: str, audience: Audience) -> dict[str, Any]:
        # Times are judged by the clock port, so the library's own look at them is off.
        return jwt.decode(
            token,
            self._key,
            algorithms=[ALGORITHM],
            audience=audience,
            issuer=self._issuer,
            options={
                "require": ["exp", "iat", "sub", "aud", "iss", "jti"],
                "strict_aud": True,
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )


def _claims(payload: dict[str, Any], audience: Audience) -> Claims:
    """The claims of a payload; raises ValueError for odd ones."""
    subject, jti = payload["sub"], payload["jti"]
    if not isinstance(subject, str) or not _ID.fullmatch(subject) or int(subject) > MAX_ID:
        raise ValueError("sub is no account's id")
    if not isinstance(jti, str) or not jti:
        raise ValueError("jti is no text")
    return Claims(
        user_id=int(subject),
        audience=audience,
        jti=jti,
        issued_at=_instant(payload["iat"]),
        expires_at=_instant(payload["exp"]),
    )


def _instant(seconds: object) -> datetime:
    if not isinstance(seconds, int) or isinstance(seconds, bool) or seconds not in _SECONDS:
        raise ValueError("no whole number of seconds, or too far off to be reckoned with")
    return datetime.fromtimestamp(seconds, UTC)
