"""What a module may say, with all its faults at once."""

import pytest

from twosigma.domain.errors import Invalid
from twosigma.domain.module_rules import ModuleChanges, checked_module, checked_module_changes
from twosigma.domain.modules import ModuleFields, ModuleType


def test_titles_are_trimmed_and_descriptions_kept() -> None:
    checked = checked_module(ModuleFields(course_id=1, title=" T ", description=" d "))
    assert (checked.title, checked.description) == ("T", " d ")


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(Invalid) as refused:
        checked_module_changes(
            ModuleChanges(title=" ", description="d" * 10_001, sequence_index=-1)
        )
    assert {fault.loc: fault.type for fault in refused.value.faults} == {
        ("body", "sequence_index"): "value_error.number.not_ge",
        ("body", "title"): "value_error.any_str.min_length",
        ("body", "description"): "value_error.any_str.max_length",
    }


def test_changes_are_what_was_sent() -> None:
    assert checked_module_changes(ModuleChanges()) == {}
    sent = ModuleChanges(parent_module_id=None, module_type=ModuleType.LAB, title=" T ")
    assert checked_module_changes(sent) == {
        "parent_module_id": None, "module_type": ModuleType.LAB, "title": "T",
    }  # fmt: skip
