"""Replies as they stream: the very bytes of the reference, for any text in any pieces."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from tests import strategies as some
from twosigma.domain.replies import (
    KEEP_ALIVE,
    chunk_event,
    chunks_of,
    done_event,
    error_event,
    events_after,
    reply_of,
)


def contents(events: bytes) -> list[str]:
    """What a client reads that splits lines as the standard says, at CR, LF or both."""
    lines = events.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    data = [line.removeprefix(b"data: ") for line in lines if line.startswith(b"data: ")]
    return [json.loads(line)["content"] for line in data]


def test_the_events_are_the_reference_s_bytes() -> None:
    assert chunk_event("Let me") == b'data: {"content": "Let me", "done": false}\n\n'
    assert done_event(42) == b'data: {"content": "", "done": true, "message_id": 42}\n\n'
    assert error_event("It broke") == (
        b'data: {"content": "", "done": true, "message_id": null, "detail": "It broke"}\n\n'
    )
    assert KEEP_ALIVE == b": keep-alive\n\n"


def test_text_is_raw_utf_8_and_only_what_json_must_escape_is_escaped() -> None:
    event = 'data: {"content": "é👩\\n\\r\\"\\\\\\u0000", "done": false}\n\n'
    assert chunk_event('é👩\n\r"\\\0') == event.encode()


@settings(max_examples=50)
@given(some.chunk_lists)
def test_f92_each_event_is_one_line_and_the_contents_make_the_text(chunks: list[str]) -> None:
    reply = reply_of(chunks)
    assert contents(reply.body) == chunks
    assert reply.body.count(b"\n\n") == len(chunks)
    assert reply.body.count(b"\n") == 2 * len(chunks)
    assert b"\r" not in reply.body
    assert reply.text == "".join(chunks)


@settings(max_examples=50)
@given(some.chunk_lists)
def test_f92_a_replay_has_the_same_pieces_in_the_same_order(chunks: list[str]) -> None:
    reply = reply_of(chunks)
    assert chunks_of(reply) == chunks
    assert sum(reply.chunks) == len(reply.text)
    assert reply_of(chunks_of(reply)) == reply


@settings(max_examples=50)
@given(some.chunk_lists)
def test_a_client_that_reconnects_gets_every_event_once(chunks: list[str]) -> None:
    events = [*map(chunk_event, chunks), done_event(7)]
    body = b"".join(events)
    for count in range(len(events) + 3):
        assert events_after(body, count) == b"".join(events[count:])


@settings(max_examples=50)
@given(some.chunk_lists, st.integers(0, 12), st.integers(0, 12))
def test_leaving_out_twice_is_leaving_out_the_sum(chunks: list[str], one: int, two: int) -> None:
    body = reply_of(chunks).body
    assert events_after(events_after(body, one), two) == events_after(body, one + two)


def test_of_no_events_nothing_is_left() -> None:
    assert (events_after(b"", 0), events_after(b"", 3)) == (b"", b"")
