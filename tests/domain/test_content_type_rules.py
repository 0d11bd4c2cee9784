"""What a content type may say, with all its faults at once."""

import pytest
from msgspec import structs

from twosigma.domain.content import ContentType, ContentTypeFields
from twosigma.domain.content_type_rules import (
    ContentTypeChanges,
    breaks_system_type,
    changes_type,
    checked_type,
    checked_type_changes,
    type_name,
)
from twosigma.domain.errors import Fault, Invalid


def test_labels_are_trimmed_and_descriptions_kept() -> None:
    fields = ContentTypeFields(
        name="essay_2", label=" Essay ", description=" d ", prompt_name=" p ", is_gradable=True
    )
    assert checked_type(fields) == structs.replace(fields, label="Essay", prompt_name="p")


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(Invalid) as refused:
        checked_type(
            ContentTypeFields(
                name="Essay", label="l" * 101, description="d" * 10_001, prompt_name=" "
            )
        )
    assert [(fault.loc, fault.type) for fault in refused.value.faults] == [
        (("body", "name"), "value_error.str.regex"),
        (("body", "label"), "value_error.any_str.max_length"),
        (("body", "description"), "value_error.any_str.max_length"),
        (("body", "prompt_name"), "value_error.any_str.min_length"),
    ]


@pytest.mark.parametrize("name", ["a", "a" * 50, "a_1", "a__"])
def test_a_name_is_a_word_of_programs(name: str) -> None:
    assert type_name(name, ("body", "name")) == name


@pytest.mark.parametrize("name", ["", "A", "1a", "_a", "a-b", "a b", "a" * 51, "é", "a\n", " a"])
def test_another_name_is_refused(name: str) -> None:
    with pytest.raises(Invalid):
        type_name(name, ("body", "name"))


def test_changes_are_what_was_sent() -> None:
    assert checked_type_changes(ContentTypeChanges()) == {}
    sent = ContentTypeChanges(prompt_name=None, label=" L ", is_gradable=False)
    assert checked_type_changes(sent) == {"prompt_name": None, "label": "L", "is_gradable": False}


def test_a_system_type_keeps_its_name_and_whether_it_is_graded() -> None:
    quiz = ContentType(id=1, name="quiz", label="Quiz", is_gradable=True, is_system=True)
    renamed = structs.replace(quiz, name="test")
    ungraded = structs.replace(quiz, is_gradable=False)
    relabelled = structs.replace(quiz, label="Test", prompt_name="p", description="d")
    assert breaks_system_type(quiz, renamed)
    assert breaks_system_type(quiz, ungraded)
    assert not breaks_system_type(quiz, relabelled)
    own = structs.replace(quiz, is_system=False)
    assert not breaks_system_type(own, structs.replace(renamed, is_system=False))


def test_the_faults_of_a_schema_are_told_with_the_others() -> None:
    fault = Fault(("body", "json_schema"), "No", "value_error")
    with pytest.raises(Invalid) as refused:
        checked_type_changes(ContentTypeChanges(label="", json_schema={}), [fault])
    assert [each.loc[1] for each in refused.value.faults] == ["label", "json_schema"]


def test_another_schema_is_a_change_and_another_order_of_its_keys_is_none() -> None:
    own = ContentType(id=1, name="a", label="A", json_schema={"const": 1, "type": "integer"})
    assert not changes_type(own, own)
    assert not changes_type(own, structs.replace(own, json_schema={"type": "integer", "const": 1}))
    for schema in ({"const": True, "type": "integer"}, {"const": 1}, {}, None):
        assert changes_type(own, structs.replace(own, json_schema=schema))
    assert changes_type(own, structs.replace(own, label="B"))
