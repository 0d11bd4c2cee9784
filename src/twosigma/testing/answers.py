"""What learners see, and what they are asked, in the harness."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from twosigma.app.live_turns import Ready, TurnStream


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A turn as its learner saw it, and as the session keeps it."""

    turn_id: str
    text: str
    chunks: list[str]
    message_id: int | None
    detail: str | None
    source: str | None
    node_id: int | None


@dataclass(frozen=True)
class Course:
    """A course with one offering, and its items."""

    id: int
    offering_id: int
    module_id: int
    items: list[int]


def question(
    question_id: int | str, prompt: str, options: Sequence[str], correct: str, **more: object
) -> dict[str, object]:
    """A single-choice question as an item's data has it; options get the ids A, B, …"""
    listed = [{"id": chr(65 + at), "text": text} for at, text in enumerate(options)]
    return {
        "id": question_id, "type": "single", "prompt": prompt, "options": listed,
        "correct": correct, **more,
    }  # fmt: skip


def events_of(body: bytes) -> list[dict[str, object]]:
    """The data events of a stream."""
    lines = body.decode().split("\n\n")
    return [msgspec.json.decode(line[6:]) for line in lines if line.startswith("data: ")]


async def read(stream: TurnStream | None) -> bytes:
    """All bytes of a turn's stream; none where there is nothing to give."""
    if stream is None:
        return b""
    if isinstance(stream, Ready):
        return stream.body
    return b"".join([piece async for piece in stream.events])
