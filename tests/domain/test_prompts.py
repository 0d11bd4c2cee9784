"""Names, labels and tags of prompts."""

import pytest
from msgspec import structs

from tests.domain.prompt_versions import use, version
from twosigma.domain.chat_prompts import ChatMessage, Placeholder
from twosigma.domain.errors import Conflict
from twosigma.domain.prompt_refs import Ref
from twosigma.domain.prompts import (
    RESERVED_NAMES,
    label_faults,
    name_faults,
    refs_in,
    require_free_name,
    require_type,
    tag_faults,
    texts_of,
    without_repeats,
)

LOC = ("body", "x")


@pytest.mark.parametrize(
    "name", ["N", "a/b c", "new/x", "x/metrics", "a.b (c) $ = é \" \\ '", "@@", "n" * 255, "7"]
)
def test_a_name_may_hold_almost_anything(name: str) -> None:
    assert name_faults(name, LOC) == []
    require_free_name(name)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("", "value_error.any_str.min_length"),
        ("n" * 256, "value_error.any_str.max_length"),
        *(
            (name, "value_error.str.regex")
            for name in ("/a", "a/", "a//b", "/", "a|b", "a<b", "b>", "a@@@b", "a\nb", "a\0")
        ),
        *((name, "value_error.str.regex") for name in ("\x7f", "a\x9fb", "a\ud800")),
    ],
)  # fmt: skip
def test_a_name_that_would_not_work_has_one_fault(name: str, kind: str) -> None:
    (fault,) = name_faults(name, LOC)
    assert (fault.loc, fault.type) == (LOC, kind)


@pytest.mark.parametrize("name", sorted(RESERVED_NAMES))
def test_a_name_that_a_route_has_taken_is_a_conflict(name: str) -> None:
    assert name_faults(name, LOC) == []
    with pytest.raises(Conflict, match="reserved"):
        require_free_name(name)
    require_free_name(name.upper())


@pytest.mark.parametrize("label", ["production", "a", "0", "a_b-c.d", "l" * 36, "latest"])
def test_a_label_is_a_short_word(label: str) -> None:
    assert label_faults([label], LOC) == []


@pytest.mark.parametrize("label", ["", "A", "a b", "é", "a\n", "\n", "l" * 37, "a/b", "a,b"])
def test_a_label_of_another_form_is_told_by_its_place(label: str) -> None:
    faults = label_faults(["fine", label], LOC)
    assert [(fault.loc, fault.type) for fault in faults] == [((*LOC, 1), "value_error.str.regex")]


def test_20_labels_and_20_tags_are_the_most() -> None:
    words = [f"l{n}" for n in range(21)]
    for faults_of in (label_faults, tag_faults):
        assert faults_of(words[:20], LOC) == []
        (fault,) = faults_of(words, LOC)
        assert (fault.loc, fault.type) == (LOC, "value_error.list.max_items")


def test_a_tag_has_1_to_50_characters() -> None:
    assert tag_faults(["x", "é" * 50], LOC) == []
    faults = tag_faults(["", "x" * 51], LOC)
    assert [(fault.loc, fault.type) for fault in faults] == [
        ((*LOC, 0), "value_error.any_str.min_length"),
        ((*LOC, 1), "value_error.any_str.max_length"),
    ]


def test_repeats_collapse_in_their_order() -> None:
    assert without_repeats(["b", "a", "b"]) == ("b", "a")


def test_references_stand_in_every_message_of_a_chat() -> None:
    says = tuple(ChatMessage(role="r", content=text) for text in (use("B"), use("A") + use("B")))
    chat = structs.replace(version("C", kind="chat"), messages=(Placeholder(name="p"), *says))
    assert texts_of(chat) == (use("B"), use("A") + use("B"))
    assert refs_in(chat) == (Ref(name="B", version=1), Ref(name="A", version=1))
    assert texts_of(version("T", "t")) == ("t",)


def test_all_versions_of_a_name_are_of_one_type() -> None:
    require_type("chat", [])
    require_type("text", [version("A")])
    with pytest.raises(Conflict, match="'A' are of type 'chat'"):
        require_type("text", [version("A", kind="chat")])
