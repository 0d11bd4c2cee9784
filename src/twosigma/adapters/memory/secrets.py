"""Secrets for installations that live in memory: quick, and the same in every run."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from itertools import count
from zlib import crc32

from twosigma.domain.errors import Unavailable
from twosigma.domain.sealing import NO_KEY, Place, Unreadable


class QuickHasher:
    """Keeps a checksum of each password, so that nothing waits for bcrypt."""

    async def hash(self, password: str) -> str:
        return f"quick:{_checksum(password.encode('utf-8', 'surrogatepass')).hex()}"

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


class NamedCipher:
    """Seals nothing: it writes down the key's name, and the place beside the text, with a
    checksum (in base64, which is enough to be looked for in vain). So it opens what a real one
    would, and no more."""

    def __init__(self, keys: Sequence[str] = ("memory",)) -> None:
        self.keys = tuple(keys)

    def seal(self, text: str, place: Place) -> str:
        if not self.keys:
            raise Unavailable(NO_KEY)
        body = f"{place}|{text}".encode()
        return f"{self.keys[0]}:{urlsafe_b64encode(_checksum(body) + body).decode()}"

    def open(self, sealed: str, place: Place) -> str:
        key, _, packed = sealed.partition(":")
        try:
            box = urlsafe_b64decode(packed)
        except ValueError:
            raise Unreadable from None
        body, prefix = box[_CHECKSUM:], f"{place}|".encode()
        is_whole = box[:_CHECKSUM] == _checksum(body)
        if key not in self.keys or not is_whole or not body.startswith(prefix):
            raise Unreadable
        return body.removeprefix(prefix).decode()

    def is_current(self, sealed: str) -> bool:
        return bool(self.keys) and sealed.startswith(f"{self.keys[0]}:")


_CHECKSUM = 4


def _checksum(body: bytes) -> bytes:
    return crc32(body).to_bytes(_CHECKSUM, "big")
