"""What a content type may say, with all its faults at once."""

import pytest
from msgspec import structs

from twosigma.domain.content import ContentType, ContentTypeFields
from twosigma.domain.content_type_rules import (
    ContentTypeChanges,
    breaks_system_type,
    checked_type,
    checked_type_changes,
    type_name,
)
from twosigma.domain.errors import Invalid


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
