"""What the OpenAI-compatible model sends, and how it reads what comes back."""

import json
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.completions_server import frame
from tests.tutoring import answer, context, material, request, verdict
from twosigma.adapters.openai.render import messages
from twosigma.adapters.openai.sse import LINE_LIMIT, Event, EventStream, Malformed
from twosigma.domain.llm import Said, TutorRequest

SAID = st.builds(Said, role=st.sampled_from(["user", "assistant"]), content=st.text(min_size=1))


@given(st.lists(SAID, max_size=6), st.integers(0, 3))
def test_f91_roles_alternate_whatever_the_history(history: list[Said], cut: int) -> None:
    sent = messages(request("Why?", history=tuple(history), cut=cut))
    assert [one["role"] for one in sent] == ["system", *["user", "assistant"] * 9][: len(sent)]
    assert sent[-1]["content"].endswith("Why?")
    joined = "\n\n".join(one["content"] for one in sent[1:])
    assert all(said.content in joined for said in history)


def test_the_verdict_stands_in_the_system_message_alone() -> None:
    note = verdict(2, correct=False, given="5", key="four", why="Subtract first.")
    sent = messages(request(answer(2, "5"), note=note))
    assert sent[-1] == {"role": "user", "content": '{"answer":"5","questionId":2}'}
    assert all(part in sent[0]["content"] for part in ("wrong", "four", "Subtract first."))
    without = messages(request(answer(2, "5")))[0]["content"]
    assert not any(part in without for part in ("Verdict", "four", "Subtract first."))


def test_a_cut_is_noted() -> None:
    assert "12 earlier messages" in messages(request(cut=12))[0]["content"]
    assert "earlier messages" not in messages(request())[0]["content"]


def test_material_is_sent_once_whether_or_not_the_prompt_names_it() -> None:
    bare = messages(request())[0]["content"]
    assert "undo what was done" in bare
    assert "question 2 (numeric)" in bare
    assert "b: \\(2x + 3 = 11\\)" in bare
    filled = msgspec.structs.replace(context(material()), system=bare)
    again = TutorRequest(context=filled, history=(), cut=0, message="Start.")
    assert messages(again)[0]["content"] == bare


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
