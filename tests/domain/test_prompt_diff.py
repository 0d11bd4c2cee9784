"""How two versions differ."""

import time
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from tests.domain.prompt_versions import version
from twosigma.domain.chat_prompts import ChatMessage
from twosigma.domain.prompt_diff import ConfigChange, DiffPart, diff, line_diff


def test_lines_stay_go_and_come() -> None:
    found = line_diff(["a", "b", "c", "d"], ["a", "x", "c", "d", "e"])
    assert found == (
        DiffPart(op="equal", lines=("a",)), DiffPart(op="delete", lines=("b",)),
        DiffPart(op="insert", lines=("x",)), DiffPart(op="equal", lines=("c", "d")),
        DiffPart(op="insert", lines=("e",)),
    )  # fmt: skip
    assert line_diff(["a"], ["a"]) == (DiffPart(op="equal", lines=("a",)),)
    assert line_diff([], []) == ()


lines = st.lists(st.sampled_from(["a", "b", "c", ""]), max_size=8)


@given(lines, lines)
def test_both_texts_can_be_read_off(before: list[str], after: list[str]) -> None:
    parts = line_diff(before, after)
    assert [line for part in parts if part.op != "insert" for line in part.lines] == before
    assert [line for part in parts if part.op != "delete" for line in part.lines] == after
    assert all(part.lines for part in parts)
    assert all(one.op != other.op for one, other in pairwise(parts))


@given(lines.map(lambda one: one[:5]), lines.map(lambda one: one[:5]))
def test_as_much_stays_as_can(before: list[str], after: list[str]) -> None:
    def longest(one: list[str], other: list[str]) -> int:
        if not one or not other:
            return 0
        if one[0] == other[0]:
            return 1 + longest(one[1:], other[1:])
        return max(longest(one[1:], other), longest(one, other[1:]))

    kept = sum(len(part.lines) for part in line_diff(before, after) if part.op == "equal")
    assert kept == longest(before, after)


def test_what_is_too_much_to_compare_counts_as_replaced() -> None:
    before, after = (["head", *([word] * 50_000), "same", "tail"] for word in ("a", "b"))
    began = time.monotonic()
    parts = line_diff(before, after)
    assert time.monotonic() - began < 1
    assert [(part.op, len(part.lines)) for part in parts] == [
        ("equal", 1), ("delete", 50_000), ("insert", 50_000), ("equal", 2),
    ]  # fmt: skip


def test_configs_are_compared_by_key_and_as_json() -> None:
    before = structs.replace(version("A", "x"), config={"a": 1, "b": {"k": [1, 2]}, "c": 1})
    after = structs.replace(version("A", "x", 2), config={"a": True, "b": {"k": [1, 2]}, "d": None})
    assert diff(before, after).config == (
        ConfigChange(key="a", before=1, after=True), ConfigChange(key="c", before=1, after=None),
        ConfigChange(key="d", before=None, after=None),
    )  # fmt: skip
    assert diff(before, before).config == ()


def test_a_chat_is_compared_as_lines() -> None:
    one, other = (
        structs.replace(
            version("A", kind="chat"), messages=(ChatMessage(role="user", content=text),)
        )
        for text in ("a\nb", "a\nc")
    )
    assert [(part.op, part.lines) for part in diff(one, other).text] == [
        ("equal", ("[user]", "a")), ("delete", ("b",)), ("insert", ("c",)),
    ]  # fmt: skip
