"""API keys: pairs by which programs act for an account, without signing in."""

import re
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest

from msgspec import Struct

from twosigma.domain import values
from twosigma.domain.actor import Actor, Role, has_role
from twosigma.domain.errors import Conflict, Loc, Unauthenticated
from twosigma.domain.users import User

PUBLIC_PREFIX = "pk-lf-"
SECRET_PREFIX = "sk-lf-"  # noqa: S105 -- what every secret begins with is none
MAX_NAME = 100
_PUBLIC_KEY = re.compile(r"pk-lf-[a-z0-9-]{1,64}")
NOTED_EVERY = timedelta(hours=1)
"""How exactly it is known when a key was last used."""


class NewApiKey(Struct, frozen=True, kw_only=True):
    """A key as it is made. `digest`: all that is kept of its secret."""

    user_id: int
    name: str
    public_key: str
    digest: bytes
    created_at: datetime

    def __repr__(self) -> str:
        return f"{type(self).__name__}(public_key={self.public_key!r})"


class ApiKey(NewApiKey, frozen=True, kw_only=True):
    """A key as it is kept; one that was revoked stays to be seen."""

    id: int
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None

    # msgspec gives every class a __repr__ of its own.
    __repr__ = NewApiKey.__repr__


class IssuedKey(Struct, frozen=True, kw_only=True):
    """A new key with its secret, which is told this once."""

    key: ApiKey
    secret_key: str

    def __repr__(self) -> str:
        return f"IssuedKey(key={self.key!r})"


def checked_name(name: str, loc: Loc = ("body", "name")) -> str:
    """What a key is for: trimmed, not blank, 100 characters at most. Raises Invalid."""
    return values.title(name, loc, MAX_NAME)


def may_be_public_key(text: str) -> bool:
    """Whether it has the form of a public key, so that it is worth to be looked for."""
    return _PUBLIC_KEY.fullmatch(text) is not None


def digest_of(secret: str) -> bytes:
    """What is kept of a secret. It has 128 random bits and more, so that no salt is needed, and
    one round is enough."""
    return sha256(secret.encode("utf-8", "surrogatepass")).digest()


def require_owner(user: User) -> User:
    """The account, if a key may be made for it: an active instructor or admin. Raises Conflict."""
    if not user.is_active or not has_role(Actor(user_id=user.id, role=user.role), Role.INSTRUCTOR):
        raise Conflict(
            "API keys are for active instructors and platform admins", code="not_a_key_owner"
        )
    return user


def require_usable(key: ApiKey | None, secret: str) -> ApiKey:
    """The key, if this is its secret and it is not revoked; raises Unauthenticated with one text
    for all that does not fit. Takes the same time for every secret, and for a key that is none."""
    is_its = compare_digest(digest_of(secret), b"\0" * 32 if key is None else key.digest)
    if key is None or not is_its or key.revoked_at is not None:
        raise Unauthenticated("Invalid API key")
    return key


def is_to_be_noted(key: ApiKey, now: datetime) -> bool:
    """Whether this use of the key is written down: not more than once an hour."""
    return key.last_used_at is None or now - key.last_used_at >= NOTED_EVERY
