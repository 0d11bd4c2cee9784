"""Passwords, tokens, randomness, and texts that are kept encrypted."""

from datetime import datetime
from typing import Protocol

from twosigma.domain.sealing import Place
from twosigma.domain.tokens import Audience, Claims


class PasswordHasher(Protocol):
    async def hash(self, password: str) -> str:
        """A salted hash to keep."""
        ...

    async def verify(self, password: str, hashed: str | None) -> bool:
        """Whether this is the password. None (an unknown account) costs the same work and is
        False; so is a hash that cannot be read, which is logged.

        Raises Unavailable when too many wait.
        """
        ...


class Tokens(Protocol):
    def sign(self, claims: Claims) -> str:
        """The token that says this; the same claims give the same token."""
        ...

    def verify(self, token: str, audience: Audience, now: datetime) -> Claims:
        """What a token of ours says. Raises Unauthenticated for any other."""
        ...


class Random(Protocol):
    def token(self) -> str:
        """An URL-safe secret of at least 128 random bits."""
        ...

    def uuid(self) -> str:
        """A new unique id, for turns, token families and processes."""
        ...


class Cipher(Protocol):
    """Seals texts under the first of its keys; opens what any of them sealed."""

    def seal(self, text: str, place: Place) -> str:
        """The text, sealed for this place: another each time. Raises Unavailable without a key."""
        ...

    def open(self, sealed: str, place: Place) -> str:
        """The text again. Raises Unreadable for an unknown key, changed bytes, another place."""
        ...

    def is_current(self, sealed: str) -> bool:
        """Whether it says that the first key sealed it."""
        ...
