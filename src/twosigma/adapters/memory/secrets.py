"""Secrets for installations that live in memory: quick, and the same in every run."""

from hashlib import sha256
from itertools import count


class QuickHasher:
    """One round of SHA-256, so that nothing waits for bcrypt: enough to keep a password from
    being read where the harness runs over a file."""

    async def hash(self, password: str) -> str:
        return sha256(password.encode("utf-8", "surrogatepass")).hexdigest()

    async def verify(self, password: str, hashed: str | None) -> bool:
        return hashed == await self.hash(password)


class CountedRandom:
    """Ids that count up: the same ones in every run."""

    def __init__(self) -> None:
        self._next = count(1)

    def token(self) -> str:
        return f"token-{next(self._next):020}"

    def uuid(self) -> str:
        return f"00000000-0000-4000-8000-{next(self._next):012}"
