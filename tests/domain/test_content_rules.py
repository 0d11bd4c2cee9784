"""What an author may say of an item, with all faults at once."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from tests import strategies as some
from twosigma.domain.content import SYSTEM_TYPES, Item, ItemFields, canonical_data
from twosigma.domain.content_rules import (
    LOC,
    ItemChanges,
    changed_item,
    checked_item,
    checked_item_changes,
    data_faults,
)
from twosigma.domain.errors import Fault, Invalid

KINDS = {kind.name: kind for kind in SYSTEM_TYPES}
NOW = datetime(2026, 3, 1, tzinfo=UTC)
FILM = {"video_url": "https://example.com/video.mp4"}


def places(name: str, data: dict[str, Any]) -> list[tuple[str | int, str]]:
    return [(fault.loc[2], fault.type) for fault in data_faults(KINDS[name], data)]


def item(data: dict[str, Any]) -> Item:
    return Item(
        id=1, course_id=1, module_id=1, content_type_id=1, title="T", data_json=data, revision=3,
        created_at=NOW, updated_at=NOW,
    )  # fmt: skip


def test_all_faults_are_told_at_once_those_of_the_data_last() -> None:
    changes = ItemChanges(
        title=" ", description="d" * 10_001, prompt_name="", sequence_index=-1,
        estimated_duration_seconds=604_801,
    )  # fmt: skip
    with pytest.raises(Invalid) as refused:
        checked_item_changes(changes, [Fault(LOC, "No", "value_error")])
    assert [fault.loc[1] for fault in refused.value.faults] == [
        "sequence_index", "estimated_duration_seconds", "title", "description", "prompt_name",
        "data_json",
    ]  # fmt: skip


def test_titles_are_trimmed_and_durations_may_be_unknown() -> None:
    fields = ItemFields(course_id=1, module_id=1, content_type_id=1, title=" T ")
    assert checked_item(fields) == structs.replace(fields, title="T")
    sent = ItemChanges(estimated_duration_seconds=None, prompt_name=" p ", module_id=7)
    assert checked_item_changes(sent) == {
        "module_id": 7, "estimated_duration_seconds": None, "prompt_name": "p",
    }  # fmt: skip
    assert checked_item_changes(ItemChanges()) == {}


@pytest.mark.parametrize(
    "data",
    [
        {"a": 1, "b": [1.5]}, {"a": True, "b": [1]}, {"a": 1, "b": [1], "c": None}, {},
        {"a": 1, "b": [2]}, {"a": 1.0, "b": [1]},
    ],
)  # fmt: skip
def test_another_value_is_another_revision(data: dict[str, Any]) -> None:
    after = changed_item(item({"a": 1, "b": [1]}), {"data_json": data})
    assert (after.revision, after.data_json) == (4, data)
    assert type(after.data_json.get("a")) is type(data.get("a"))


def test_the_same_value_is_no_revision_however_it_is_written() -> None:
    before = item({"a": 1, "b": {"c": 2, "d": 3}})
    again = changed_item(before, {"data_json": {"b": {"d": 3, "c": 2}, "a": 1}})
    assert again == before
    assert list(again.data_json) == ["a", "b"]
    assert changed_item(before, {"title": "U"}) == structs.replace(before, title="U")


@given(st.dictionaries(some.texts, some.json_values, max_size=3), some.json_values)
def test_a_revision_rises_just_where_the_value_changes(data: dict[str, Any], more: object) -> None:
    before = item(data)
    changed = {**data, "more": more}
    after = changed_item(before, {"data_json": changed})
    is_same = canonical_data(changed) == canonical_data(data)
    assert after.revision == (3 if is_same else 4)
    backwards = dict(reversed(data.items()))
    assert changed_item(before, {"data_json": backwards}) == before


@pytest.mark.parametrize("name", ["video", "link", "file", "audio"])
def test_what_has_an_address_needs_one_of_http(name: str) -> None:
    key = "video_url" if name == "video" else "url"
    assert places(name, {}) == [], "yet to be written"
    assert places(name, {"own": 1}) == [(key, "value_error.missing")]
    assert places(name, {key: "https://example.com/a?b#c", "own": 1}) == []
    for bad, kind in (
        (7, "type_error.str"), (None, "type_error.str"), ("example.com", "value_error"),
        ("javascript:alert(1)", "value_error"), ("", "value_error"),
        ("https://" + "a" * 2_000, "value_error.any_str.max_length"),
    ):  # fmt: skip
        assert places(name, {key: bad}) == [(key, kind)], bad


def test_the_keys_that_programs_read_have_their_types() -> None:
    assert places("text", {"body": 7}) == [("body", "type_error.str")]
    assert places("text", {"body": None, "url": 7}) == []
    assert places("video", {**FILM, "duration": 600.5, "transcript": "t"}) == []
    assert places("video", {**FILM, "duration": None, "transcript": None}) == []
    assert places("video", {**FILM, "duration": "10", "transcript": 1}) == [
        ("transcript", "type_error.str"), ("duration", "type_error.float"),
    ]  # fmt: skip
    assert places("video", {**FILM, "duration": -1}) == [("duration", "value_error.number.not_ge")]
    assert places("audio", {"url": "https://example.com", "transcript": []}) == [
        ("transcript", "type_error.str")
    ]
