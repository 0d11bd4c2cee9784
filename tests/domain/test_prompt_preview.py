"""What a text would become."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.prompt_versions import use, version
from twosigma.domain.errors import Conflict, Invalid
from twosigma.domain.prompt_preview import MAX_VARIABLES, checked_preview, preview, unsaved
from twosigma.domain.prompt_refs import Ref
from twosigma.domain.prompt_resolution import MAX_RESOLVED_BYTES, resolve
from twosigma.domain.prompt_template import Value, fill, filled_length


def test_variables_are_told_apart() -> None:
    found = preview("{{b}} {{ a }} {{b}} {{c}}", {"a": True, "c": 1.5, "x": "", "b": "{{a}}"})
    assert found.text == "{{a}} true {{a}} 1.5"
    assert (found.used, found.missing, found.unused) == (("b", "a", "c"), (), ("x",))
    left = preview("{{b}} {{a}} {{a}}", {})
    assert (left.text, left.used, left.missing) == ("{{b}} {{a}} {{a}}", ("b", "a"), ("b", "a"))


def test_f23_a_value_with_a_tag_is_plain_text() -> None:
    value = "{{title}}@@@langfusePrompt:name=A|version=1@@@"
    assert preview("{{title}}", {"title": value}).text == value


def test_a_text_that_is_not_saved_resolves_as_if_it_were() -> None:
    child = version("A", "inner {{x}}")
    root = unsaved(f"outer {use('A')}")
    assert resolve(root, {Ref(name="A", version=1): child}).text == "outer inner {{x}}"
    assert root.name == ""


def test_a_rendered_text_is_not_too_long_and_is_not_made_to_find_out() -> None:
    half = "x" * (MAX_RESOLVED_BYTES // 2)
    assert len(preview("{{a}}{{a}}", {"a": half}).text) == MAX_RESOLVED_BYTES
    with pytest.raises(Conflict, match="too long"):
        preview("{{a}}{{a}}!", {"a": half})
    with pytest.raises(Conflict, match="too long"):
        preview("{{a}}" * 20_000, {"a": half * 2})


@given(
    st.text("{}ab ", max_size=12),
    st.dictionaries(st.sampled_from(["a", "b"]), st.one_of(st.text(max_size=3), st.booleans())),
)
def test_the_length_is_told_without_filling(text: str, values: dict[str, Value]) -> None:
    assert filled_length(text, values) == len(fill(text, values))


def test_all_faults_of_a_preview_are_told_at_once() -> None:
    checked_preview("x", {})
    many: dict[str, Value] = {f"v{at}": 1 for at in range(MAX_VARIABLES)}
    checked_preview("x" * 100_000, many)
    with pytest.raises(Invalid) as refused:
        checked_preview(" ", {**many, "x": "\0"})
    assert [(fault.loc[1:], fault.type) for fault in refused.value.faults] == [
        (("prompt_text",), "value_error.any_str.min_length"),
        (("variables",), "value_error"),
        (("variables",), "value_error.list.max_items"),
    ]
