"""Content items: what a reader may see, what a tutor teaches from, what an author may store."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from msgspec import json

from tests import quizzes
from tests import strategies as some
from twosigma.domain.content import (
    SYSTEM_TYPES,
    ContentTypeFields,
    Item,
    ItemFields,
    items_order,
    learning_text,
    shown_data,
)
from twosigma.domain.content_rules import LOC, data_faults, unstorable_faults

KINDS = {kind.name: kind for kind in SYSTEM_TYPES}
OTHER = ContentTypeFields(name="essay", label="Essay")
KEYS = {
    "correct": 1, "correctAnswer": 1, "is_correct": True, "explanation": "e", "solutions": [],
    "tolerance": 1, "accept": [], "hints": [], "feedback": "f", "teacher_notes": "t",
}  # fmt: skip
QUESTION = {"id": 1, "prompt": "?", **KEYS}


def item(data: dict[str, Any]) -> ItemFields:
    return ItemFields(course_id=1, module_id=1, content_type_id=1, title="T", data_json=data)


def test_every_installation_has_seven_kinds_of_content() -> None:
    assert list(KINDS) == ["video", "text", "quiz", "lab", "link", "file", "audio"]
    assert [name for name, kind in KINDS.items() if kind.is_gradable] == ["quiz", "lab"]
    assert all(kind.is_system for kind in SYSTEM_TYPES)


def test_items_are_ordered_by_index_and_then_by_id() -> None:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    one = Item(
        id=7, course_id=1, module_id=1, content_type_id=1, title="T", sequence_index=3,
        created_at=now, updated_at=now,
    )  # fmt: skip
    assert items_order(one) == (3, 7)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({"body": "b", "transcript": "t"}, "b"), ({"body": " \n", "transcript": "t"}, "t"),
        ({"transcript": " t "}, " t "), ({"instructions": "i", "body": 7}, "i"),
        ({"body": None}, ""), ({}, ""), ({"title": "x"}, ""),
    ],
)  # fmt: skip
def test_a_tutor_teaches_from_the_first_text_that_is_there(
    data: dict[str, object], text: str
) -> None:
    assert learning_text(data) == text


def test_staff_see_the_data_as_it_is_in_a_copy() -> None:
    data = {"questions": [QUESTION], "explanation": "e"}
    shown = shown_data(item(data), KINDS["quiz"], with_keys=True)
    assert shown == data
    assert shown is not data


@pytest.mark.parametrize("name", sorted(KINDS))
def test_a_learner_sees_no_key_inside_questions_of_any_kind(name: str) -> None:
    data = {"questions": [QUESTION], "parts": {"questions": [{"deep": [QUESTION]}]}}
    bare = {"id": 1, "prompt": "?"}
    assert shown_data(item(data), KINDS[name], with_keys=False) == {
        "questions": [bare], "parts": {"questions": [{"deep": [bare]}]},
    }  # fmt: skip
    assert data["questions"] == [QUESTION]


def test_keys_vanish_anywhere_in_gradable_kinds_and_stay_elsewhere() -> None:
    data = {"body": "b", **KEYS, "deep": [{"feedback": "f"}]}
    shown = shown_data(item(data), KINDS["lab"], with_keys=False)
    assert shown == {"body": "b", "deep": [{}]}
    assert shown_data(item(data), KINDS["text"], with_keys=False) == data


@settings(max_examples=40)
@given(some.json_values)
def test_what_is_shown_to_learners_holds_no_key_however_deep(value: object) -> None:
    data = {"questions": [{"any": value, "more": [QUESTION]}], "value": value}
    shown = shown_data(item(data), KINDS["quiz"], with_keys=False)
    text = json.encode(shown).decode()
    assert not [key for key in KEYS if f'"{key}":' in text]


@pytest.mark.parametrize("kind", [*SYSTEM_TYPES, OTHER])
def test_plain_data_has_no_faults(kind: ContentTypeFields) -> None:
    address = {"url": "https://example.com", "video_url": "https://example.com"}
    assert data_faults(kind, {}) == ()
    assert data_faults(kind, {"body": "b", "questions": [quizzes.data()], **address}) == ()


def test_an_item_s_data_has_at_most_256_kib() -> None:
    room = 256 * 1024 - len('{"body":""}')
    assert unstorable_faults({"body": "é" * (room // 2)}) == ()
    (fault,) = unstorable_faults({"body": "é" * (room // 2 + 1)})
    assert (fault.loc, fault.type) == (LOC, "value_error.any_str.max_length")


def test_an_integer_too_long_to_be_written_is_refused() -> None:
    assert unstorable_faults({"n": 2**64}) == ()
    (fault,) = unstorable_faults({"n": 10**4300})
    assert (fault.loc, fault.type) == (LOC, "value_error")


@pytest.mark.parametrize("bad", ["\0", "\ud800"])
def test_text_that_cannot_be_stored_is_refused(bad: str) -> None:
    for data in ({"body": bad}, {"a": [{"b": bad}]}, {bad: 1}):
        (fault,) = unstorable_faults(data)
        assert (fault.loc, fault.type) == (LOC, "value_error")


def test_each_kind_is_held_to_its_shape() -> None:
    def places(name: str, data: dict[str, object]) -> list[tuple[str | int, ...]]:
        return [fault.loc[2:] for fault in data_faults(KINDS[name], data)]

    rules: dict[str, object] = {"passing_score": 101, "max_points": -1, "questions": 7}
    assert places("quiz", rules) == [("questions",), ("passing_score",)]
    assert places("lab", rules) == [("questions",), ("max_points",)]
    assert places("text", rules) == [("questions",)]
