"""A turn's events as an answer: one body where they are all there, a stream where not."""

from twosigma.adapters.http.reply import NO_STORE, Reply, Streamed, no_content
from twosigma.app.live_turns import Ready, TurnStream

EVENTS = "text/event-stream"
_HEADERS = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    NO_STORE,
    (b"x-accel-buffering", b"no"),
)


def event_stream(turn: TurnStream | None) -> Reply:
    """The events of a turn; 204 where nothing is left to give."""
    if turn is None:
        return no_content()
    headers = (*_HEADERS, (b"turn-id", turn.turn_id.encode()))
    if isinstance(turn, Ready):
        return Reply(200, headers, turn.body)
    return Streamed(200, headers, turn.events)
