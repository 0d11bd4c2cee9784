"""Secrets for installations that live in memory: quick, and the same in every run."""

from hashlib import blake2b
from itertools import count


def _quick(password: str) -> str:
    """Quick, and still no password: stores are looked through for those."""
    digest = blake2b(password.encode(errors="surrogatepass"), digest_size=16).hexdigest()
    return f"quick:{digest}"


class QuickHasher:
    """Hashes once, without salt, so that nothing waits for bcrypt."""

    async def hash(self, password: str) -> str:
        return _quick(password)

    async def verify(self, password: str, hashed: str | None) -> bool:
        return hashed == _quick(password)


class CountedRandom:
    """Ids that count up: the same ones in every run."""

    def __init__(self) -> None:
        self._next = count(1)

    def token(self) -> str:
        return f"token-{next(self._next):020}"

    def uuid(self) -> str:
        return f"00000000-0000-4000-8000-{next(self._next):012}"
