"""What an author may put into a prompt, and who may label it."""

from typing import Any

import pytest

from tests.domain.prompt_versions import NOW
from twosigma.domain.chat_prompts import ChatMessage
from twosigma.domain.errors import Conflict, Forbidden, Invalid
from twosigma.domain.prompt_rules import (
    LabelMove,
    checked_labels,
    checked_prompt,
    checked_tags,
    require_unprotected,
    require_without_latest,
)
from twosigma.domain.prompts import NewPromptVersion


def new(**fields: Any) -> NewPromptVersion:
    given = {"name": "A", "prompt": "Teach", "created_by": "1", "created_at": NOW, **fields}
    return NewPromptVersion(**given)


def faults(prompt: NewPromptVersion) -> list[tuple[tuple[str | int, ...], str]]:
    with pytest.raises(Invalid) as refused:
        checked_prompt(prompt)
    return [(fault.loc[1:], fault.type) for fault in refused.value.faults]


def test_a_prompt_is_kept_exactly_but_for_its_name_and_its_words() -> None:
    sent = new(
        name="  A/b ", prompt=" x\r\n", labels=("b", "latest", "a", "b"), tags=("t", "t"),
        config={"k": [1]}, commit_message=" m ",
    )  # fmt: skip
    kept = checked_prompt(sent)
    assert (kept.name, kept.prompt, kept.labels, kept.tags) == ("A/b", " x\r\n", ("b", "a"), ("t",))
    assert (kept.config, kept.commit_message) == ({"k": [1]}, " m ")
    assert checked_prompt(new(tags=None)).tags is None
    assert checked_prompt(new(tags=())).tags == ()


def test_all_faults_of_a_prompt_are_told_at_once() -> None:
    sent = new(
        name=" a|b ", prompt=" ", labels=("A",), tags=("", "a\0"), config={"k": "\ud800"},
        commit_message="m" * 501,
    )  # fmt: skip
    assert faults(sent) == [
        (("name",), "value_error.str.regex"),
        (("prompt",), "value_error.any_str.min_length"),
        (("config",), "value_error"),
        (("labels", 0), "value_error.str.regex"),
        (("tags", 0), "value_error.any_str.min_length"),
        (("tags", 1), "value_error"),
        (("commit_message",), "value_error.any_str.max_length"),
    ]


@pytest.mark.parametrize("name", ["\ud800", "a\0b", "n" * 5000, " "])
def test_one_bad_name_is_one_fault(name: str) -> None:
    assert [loc for loc, _ in faults(new(name=name))] == [("name",)]


def test_a_prompt_has_at_most_100000_characters() -> None:
    assert checked_prompt(new(prompt="é" * 100_000)).prompt == "é" * 100_000
    assert faults(new(prompt="é" * 100_001)) == [(("prompt",), "value_error.any_str.max_length")]
    assert faults(new(prompt="")) == [(("prompt",), "value_error.any_str.min_length")]


def test_a_config_has_at_most_64_kib() -> None:
    room = 64 * 1024 - len('{"k":""}')
    fits = {"k": "é" * (room // 2)}
    assert checked_prompt(new(config=fits)).config == fits
    assert faults(new(config={"k": "é" * (room // 2 + 1)})) == [
        (("config",), "value_error.any_str.max_length")
    ]


def test_a_config_holds_no_integer_too_long_to_be_written() -> None:
    assert faults(new(config={"n": 10**4300})) == [(("config",), "value_error")]


def test_labels_to_set_are_checked_and_latest_is_nobody_s_to_set() -> None:
    assert checked_labels(["b", "a", "b"]) == ("b", "a")
    assert checked_labels([]) == ()
    with pytest.raises(Invalid):
        checked_labels(["A"])
    require_without_latest(["a", "latest.1"])
    with pytest.raises(Conflict, match="latest"):
        require_without_latest(["a", "latest"])


@pytest.mark.parametrize("is_new_name", [True, False])
@pytest.mark.parametrize("is_admin", [True, False])
@pytest.mark.parametrize(
    ("added", "removed", "is_touched"),
    [({"production"}, set(), True), (set(), {"production"}, True), ({"a"}, {"b"}, False)],
)
def test_a_protected_label_is_an_admin_s_but_on_a_new_name(
    added: set[str], removed: set[str], is_touched: bool, is_admin: bool, is_new_name: bool
) -> None:
    move = LabelMove(added=frozenset(added), removed=frozenset(removed))

    def ask() -> None:
        require_unprotected(move, ["production"], is_new_name=is_new_name, is_admin=is_admin)

    if is_touched and not is_admin and not is_new_name:
        with pytest.raises(Forbidden, match="production"):
            ask()
    else:
        ask()


def test_a_chat_is_sent_as_messages_and_a_text_as_a_string() -> None:
    sent = [{"role": "user", "content": "Hi", "x": 1}]
    kept = checked_prompt(new(type="chat", prompt=""), sent)
    assert kept.messages == (ChatMessage(role="user", content="Hi"),)
    assert (kept.type, kept.prompt) == ("chat", "")
    for prompt, messages, kind in (
        (new(type="chat"), None, "type_error.list"),
        (new(), sent, "type_error.str"),
        (new(type="chat"), [], "value_error.any_str.min_length"),
    ):
        with pytest.raises(Invalid) as refused:
            checked_prompt(prompt, messages)
        assert [(fault.loc[1:], fault.type) for fault in refused.value.faults] == [
            (("prompt",), kind)
        ]


def test_tags_to_set_are_checked() -> None:
    assert checked_tags(["b", "a", "b"]) == ("b", "a")
    assert checked_tags([]) == ()
    with pytest.raises(Invalid) as refused:
        checked_tags(["", "a\0", "x" * 51])
    assert [fault.loc[2] for fault in refused.value.faults] == [0, 2, 1]
