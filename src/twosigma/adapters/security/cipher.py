"""Texts sealed with AES-256 in Galois/Counter Mode, under a ring of keys.

A sealed text is `KEY-ID:base64(nonce + ciphertext + tag)`. What it is bound to (its place and
the key's id) is authenticated with it, so that it opens only where it was sealed.
"""

import re
import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from twosigma.domain.errors import Unavailable
from twosigma.domain.sealing import NO_KEY, Place, Unreadable

KEY_BYTES = 32
NONCE_BYTES = 12

_KEY_ID = re.compile(r"[A-Za-z0-9._-]{1,32}")


class UnusableKeys(Exception):
    """The ring cannot be used as it is set; the text says why, without a key."""


class AesCipher:
    """`ring`: keys as `id:base64` with commas between them, the first of which seals; None: there
    is no key. Raises UnusableKeys."""

    def __init__(self, ring: str | None) -> None:
        self._keys = {} if ring is None else dict(_read(ring))
        self._first = next(iter(self._keys), None)

    def seal(self, text: str, place: Place) -> str:
        if self._first is None:
            raise Unavailable(NO_KEY)
        nonce = secrets.token_bytes(NONCE_BYTES)
        box = self._keys[self._first].encrypt(nonce, text.encode(), _bound(place, self._first))
        return f"{self._first}:{b64encode(nonce + box).decode()}"

    def open(self, sealed: str, place: Place) -> str:
        key_id, _, packed = sealed.partition(":")
        key = self._keys.get(key_id)
        if key is None:
            raise Unreadable
        try:
            box = b64decode(packed, validate=True)
            text = key.decrypt(box[:NONCE_BYTES], box[NONCE_BYTES:], _bound(place, key_id))
            return text.decode()
        except (InvalidTag, ValueError):
            # ValueError: no base64, or too short to hold a nonce.
            raise Unreadable from None

    def is_current(self, sealed: str) -> bool:
        return sealed.partition(":")[0] == self._first


def _bound(place: Place, key_id: str) -> bytes:
    return f"{place}|{key_id}".encode()


def _read(ring: str) -> Iterator[tuple[str, AESGCM]]:
    ids: set[str] = set()
    known: set[bytes] = set()
    for number, entry in enumerate(ring.split(","), start=1):
        key_id, colon, packed = entry.strip().partition(":")
        if not (colon and _KEY_ID.fullmatch(key_id)):
            raise UnusableKeys(f"key {number} is not of the form id:base64")
        key = _key(key_id, packed)
        if key_id in ids:
            raise UnusableKeys(f"holds two keys with the id {key_id}")
        if key in known:
            raise UnusableKeys(f"holds the key {key_id} under another id too")
        ids.add(key_id)
        known.add(key)
        yield key_id, AESGCM(key)


def _key(key_id: str, packed: str) -> bytes:
    try:
        key = b64decode(packed, validate=True)
    except ValueError:
        raise UnusableKeys(f"key {key_id} is not base64") from None
    if len(key) != KEY_BYTES:
        raise UnusableKeys(f"key {key_id} has {len(key)} bytes; it must have {KEY_BYTES}")
    return key
