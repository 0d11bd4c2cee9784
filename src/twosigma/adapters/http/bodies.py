"""Bodies: taken off the wire up to a limit, and read strictly."""

import asyncio
import re
from collections.abc import Iterable, Mapping
from typing import Any, Generic, TypeVar

import msgspec
from litestar.types import Receive
from msgspec import Struct, inspect

from twosigma.adapters.http.errors import TooLarge, TooSlow
from twosigma.adapters.http.faults import faults_in, nesting
from twosigma.domain.errors import Fault, Invalid

T = TypeVar("T", bound=Struct)

MAX_NESTING = 32
PACE = 1024 * 1024
"""So many bytes have the time that a body has; with each more it gets the same again."""
_UTF8 = rb"\s*(?:;\s*charset=\"?utf-?8\"?\s*)?"
_JSON_TYPE = re.compile(rb"application/(?:json|[a-z0-9.-]+\+json)" + _UTF8, re.IGNORECASE)
# What msgspec lets through and we do not: NUL, and integers that may not fit into 64 bits.
_SUSPECT = re.compile(rb"\\u0000|[0-9]{19}")


class BodyReader(Generic[T]):
    """Reads bodies of one type."""

    def __init__(self, kind: type[T]) -> None:
        self._decoder = msgspec.json.Decoder(kind)
        self._type = inspect.type_info(kind)

    def read(self, raw: bytes, content_type: bytes | None, also: Iterable[Fault] = ()) -> T:
        """The body as its type. Raises Invalid with all its faults, after those in `also`."""
        others = list(also)
        if content_type is not None and not _JSON_TYPE.fullmatch(content_type.strip()):
            raise Invalid([*others, _of_type("application/json")])
        try:
            raw.decode()
            if nesting(raw) > MAX_NESTING:
                raise Invalid([*others, _unreadable(f"Nested deeper than {MAX_NESTING}")])
            body = self._decoder.decode(raw)
        except msgspec.ValidationError:
            raise Invalid([*others, *self._faults(raw)]) from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise Invalid([*others, _unreadable("Not valid JSON")]) from None
        if others or _SUSPECT.search(raw):
            others += faults_in(msgspec.json.decode(raw), self._type, ("body",))
        if others:
            raise Invalid(others)
        return body

    def _faults(self, raw: bytes) -> list[Fault]:
        try:
            plain = msgspec.json.decode(raw)
        except msgspec.DecodeError:
            return [_unreadable("A number is out of range")]
        found = list(faults_in(plain, self._type, ("body",)))
        return found or [Fault(("body",), "Not of the form that this route takes", "value_error")]


class RawReader:
    """Takes bodies of another media type as they are: what they say is the use case's matter."""

    def __init__(self, media: str) -> None:
        self._media = media
        self._type = re.compile(re.escape(media.encode()) + _UTF8, re.IGNORECASE)

    def read(self, raw: bytes, content_type: bytes | None, also: Iterable[Fault] = ()) -> bytes:
        """The body. Raises Invalid for another type, after the faults in `also`."""
        faults = list(also)
        if content_type is not None and not self._type.fullmatch(content_type.strip()):
            faults.append(_of_type(self._media))
        if faults:
            raise Invalid(faults)
        return raw


def _of_type(media: str) -> Fault:
    return _unreadable(f"The Content-Type must be {media}")


def _unreadable(msg: str) -> Fault:
    return Fault(("body",), msg, "value_error.jsondecode")


async def read_whole(receive: Receive, maximum: int, seconds: float) -> bytes:
    """The bytes of a body. Raises TooLarge, and TooSlow when it takes more than these seconds for
    any mebibyte of it."""
    pieces: list[bytes] = []
    length = 0
    begun = asyncio.get_running_loop().time()
    try:
        async with asyncio.timeout(seconds) as limit:
            is_whole = False
            while not is_whole:
                message = await receive()
                pieces.append(_piece(message))
                length += len(pieces[-1])
                if length > maximum:
                    raise TooLarge("The body is too large")
                limit.reschedule(begun + seconds * (1 + length // PACE))
                is_whole = not message.get("more_body")
    except TimeoutError:
        raise TooSlow("The body did not come in time") from None
    return b"".join(pieces)


def _piece(message: Mapping[str, Any]) -> bytes:
    if message["type"] == "http.disconnect":
        raise TooSlow("The client went away")
    piece: bytes = message.get("body", b"")
    return piece
