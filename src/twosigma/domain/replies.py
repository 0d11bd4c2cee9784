"""Replies as they stream: the events of the reference, made once and kept as bytes.

An event is `data: {"content": "…", "done": false}` and a blank line, raw UTF-8, spaces included;
the same for cache and model up to the `message_id` of the last.
"""

import json
from collections.abc import Sequence

from msgspec import Struct

KEEP_ALIVE = b": keep-alive\n\n"
"""A comment line; clients count `data:` events only."""

_END = b"\n\n"


class Reply(Struct, frozen=True, kw_only=True):
    """A reply as it was streamed: its text, the lengths of its pieces in code points, and its
    events (all but the last, `done`) as ready bytes."""

    text: str
    chunks: tuple[int, ...]
    body: bytes


def chunk_event(chunk: str) -> bytes:
    """The event of one piece of a reply."""
    return _event({"content": chunk, "done": False})


def done_event(message_id: int) -> bytes:
    """The last event of a turn that is stored."""
    return _event({"content": "", "done": True, "message_id": message_id})


def error_event(detail: str) -> bytes:
    """The last event of a turn that failed or was stopped."""
    return _event({"content": "", "done": True, "message_id": None, "detail": detail})


def reply_of(chunks: Sequence[str]) -> Reply:
    """A whole reply from its pieces, none of them empty."""
    return Reply(
        text="".join(chunks),
        chunks=tuple(len(chunk) for chunk in chunks),
        body=b"".join(chunk_event(chunk) for chunk in chunks),
    )


def chunks_of(reply: Reply) -> list[str]:
    """The pieces again, in their order."""
    pieces, at = [], 0
    for length in reply.chunks:
        pieces.append(reply.text[at : at + length])
        at += length
    return pieces


def events_after(events: bytes, count: int) -> bytes:
    """What is left of whole events after the first `count`."""
    at = 0
    for _ in range(count):
        end = events.find(_END, at)
        if end < 0:
            return b""
        at = end + len(_END)
    return events[at:]


def _event(data: dict[str, object]) -> bytes:
    return b"data: " + json.dumps(data, ensure_ascii=False).encode() + _END
