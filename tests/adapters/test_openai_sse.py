"""What the OpenAI-compatible model sends, and how it reads what comes back."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.completions_server import frame
from tests.tutoring import request
from twosigma.adapters.openai.render import messages
from twosigma.adapters.openai.sse import LINE_LIMIT, Event, EventStream, Malformed
from twosigma.domain.llm import Said
from twosigma.domain.rendering import system_prompt


def test_the_system_prompt_goes_first_and_the_conversation_follows() -> None:
    asked = request("Why?", history=(Said(role="assistant", content="Welcome!"),), cut=2)
    sent = messages(asked)
    assert [one["role"] for one in sent] == ["system", "user", "assistant", "user"]
    assert sent[0]["content"] == system_prompt(asked)
    assert [one["content"] for one in sent[1:]] == ["Start.", "Welcome!", "Why?"]


# Server-sent events --------------------------------------------------------------------------

LINES = st.sampled_from(["data: a", "data:b", "data:  ü€𝄞", "data", "event: e", ": c", "id: 1", ""])
ENDS = st.sampled_from(["\n", "\r\n"])


def events(*blocks: bytes) -> list[Event]:
    parser = EventStream()
    return [event for block in blocks for event in parser.feed(block)]


@given(st.lists(st.tuples(LINES, ENDS)), st.lists(st.integers(0, 200)), st.booleans())
def test_f92_events_do_not_depend_on_how_the_network_cut_them(
    lines: list[tuple[str, str]], cuts: list[int], bom: bool
) -> None:
    ended = "".join(line + end for line, end in lines)
    data = (b"\xef\xbb\xbf" if bom else b"") + ended.encode()
    places = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    blocks = [data[a:b] for a, b in pairwise(places)]
    assert events(*blocks) == events(ended.encode())


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_ends_a_line_also_byte_by_byte(end: str) -> None:
    text = end.join(["event: x", "data: one", "data: two", ": no", "", "data: ü", "", "data: cut"])
    expected = [Event(name="x", data="one\ntwo"), Event(name="message", data="ü")]
    assert events(text.encode()) == expected
    assert events(*(bytes([byte]) for byte in text.encode())) == expected


@pytest.mark.parametrize("tail", [b"data: " + b"x" * LINE_LIMIT, b"data: 12345678\n" * 40_000])
def test_a_line_or_an_event_without_end_is_malformed(tail: bytes) -> None:
    with pytest.raises(Malformed):
        events(*(tail[at : at + 65_536] for at in range(0, len(tail), 65_536)))


@given(st.text(), st.integers(1, 7))
def test_f92_text_split_anywhere_arrives_whole(text: str, size: int) -> None:
    data = frame(text) + b"data: " + json.dumps({"text": text}).encode() + b"\n\n"
    blocks = [data[at : at + size] for at in range(0, len(data), size)]
    first, second = events(*blocks)
    assert json.loads(first.data)["choices"][0]["delta"]["content"] == text
    assert json.loads(second.data)["text"] == text
