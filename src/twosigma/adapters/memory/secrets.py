"""Secrets for installations that live in memory: quick, and the same in every run."""

from itertools import count


class QuickHasher:
    """Keeps passwords as they are, in memory, so that nothing waits for bcrypt."""

    async def hash(self, password: str) -> str:
        return f"plain:{password}"

    async def verify(self, password: str, hashed: str | None) -> bool:
        return hashed == f"plain:{password}"


class CountedRandom:
    """Ids that count up: the same ones in every run."""

    def __init__(self) -> None:
        self._next = count(1)

    def token(self) -> str:
        return f"token-{next(self._next):020}"

    def uuid(self) -> str:
        return f"00000000-0000-4000-8000-{next(self._next):012}"
