"""Chat prompts: messages and placeholders."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twosigma.domain.chat_prompts import (
    MAX_MESSAGES,
    ChatMessage,
    Part,
    Placeholder,
    as_text,
    checked_parts,
    require_distinct,
)
from twosigma.domain.errors import Conflict, Invalid

LOC = ("body", "prompt")


def message(content: str, role: str = "system") -> ChatMessage:
    return ChatMessage(role=role, content=content)


def faults(sent: list[dict[str, Any]]) -> list[tuple[tuple[str | int, ...], str]]:
    with pytest.raises(Invalid) as refused:
        checked_parts(sent, LOC, 10)
    return [(fault.loc[2:], fault.type) for fault in refused.value.faults]


def test_other_keys_are_dropped() -> None:
    sent: list[dict[str, object]] = [
        {"role": "system", "content": " a\n", "type": "chatmessage", "x": [1]},
        {"type": "placeholder", "name": "History_1", "role": 7},
        {"role": "user", "content": "", "type": "anything"},
    ]
    assert checked_parts(sent, LOC, 10) == (
        message(" a\n"), Placeholder(name="History_1"), message("", "user"),
    )  # fmt: skip


def test_all_faults_are_told_at_once() -> None:
    assert faults(
        [
            {"role": 1, "content": "a\0"},
            {"content": "a"},
            {"role": " "},
            {"type": "placeholder"},
            {"type": "placeholder", "name": "1x"},
            {"type": "placeholder", "name": "x\n"},
            {"role": "r" * 51, "content": "fine"},
        ]
    ) == [
        ((0, "role"), "type_error.str"),
        ((0, "content"), "value_error"),
        ((1, "role"), "value_error.missing"),
        ((2, "role"), "value_error.any_str.min_length"),
        ((2, "content"), "value_error.missing"),
        ((3, "name"), "value_error.missing"),
        ((4, "name"), "value_error.str.regex"),
        ((5, "name"), "value_error.str.regex"),
        ((6, "role"), "value_error.any_str.max_length"),
    ]


def test_a_chat_has_messages_and_not_too_many_or_too_long_ones() -> None:
    assert faults([]) == [((), "value_error.any_str.min_length")]
    one = {"role": "r", "content": ""}
    assert faults([one] * (MAX_MESSAGES + 1)) == [((), "value_error.list.max_items")]
    assert len(checked_parts([one] * MAX_MESSAGES, LOC, 10)) == MAX_MESSAGES
    six = {"role": "r", "content": "é" * 6}
    assert faults([six, six]) == [((), "value_error.any_str.max_length")]
    assert checked_parts([six, {"role": "r", "content": "é" * 4}], LOC, 10)


def test_a_variable_and_a_placeholder_have_different_names() -> None:
    require_distinct([message("{{a}} {{ b }}"), Placeholder(name="c"), message("c")])
    alike: list[list[Part]] = [
        [message("{{a}}"), Placeholder(name="a")],
        [Placeholder(name="a"), message("x"), message("{{ a }}")],
    ]
    for parts in alike:
        with pytest.raises(Conflict, match="'a'"):
            require_distinct(parts)


parts = st.lists(
    st.one_of(
        st.builds(ChatMessage, role=st.just("r"), content=st.text("ab{}", max_size=3)),
        st.builds(Placeholder, name=st.sampled_from(["a", "B"])),
    ),
    min_size=1,
    max_size=3,
)


@given(parts)
def test_what_is_kept_is_kept_again(kept: list[Part]) -> None:
    sent = [
        {"role": part.role, "content": part.content}
        if isinstance(part, ChatMessage)
        else {"type": "placeholder", "name": part.name}
        for part in kept
    ]
    assert checked_parts(sent, LOC, 10) == tuple(kept)


def test_people_read_it_as_lines() -> None:
    assert (
        as_text([message("Hi\nyou"), Placeholder(name="rest")]) == "[system]\nHi\nyou\n\n[[rest]]"
    )
