"""Variables of a prompt: filled once, as plain text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twosigma.domain.prompt_template import Value, fill, variables_of


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("{{title}}", "Sums"), ("{{ title }}", "Sums"), ("{{\n title\t}}", "Sums"),
        ("{{title}}{{title}}", "SumsSums"), ("{{{title}}}", "{Sums}"), ("{{a.b_1}}", "dotted"),
        ("{{_x}}", "1"), ("{{on}} {{half}}", "true 0.5"),
    ],
)  # fmt: skip
def test_a_variable_is_filled(text: str, filled: str) -> None:
    values: dict[str, Value] = {
        "title": "Sums", "a.b_1": "dotted", "_x": 1, "on": True, "half": 0.5,
    }  # fmt: skip
    assert fill(text, values) == filled


@pytest.mark.parametrize(
    "text",
    ["{{unknown}}", "{{ unknown }}", "{title}", "{{Title}}", "{{1x}}", "{{ti tle}}", "{{}}",
     "{{é}}", "{{title", "{{title}", "{{#title}}", "{ {title} }", "{{.title}}", "{{-title}}"],
)  # fmt: skip
def test_what_nobody_fills_stays_as_written(text: str) -> None:
    assert fill(text, {"title": "Sums", "é": "x", "1x": "x", "": "x"}) == text


@pytest.mark.parametrize(
    "value",
    ["{{title}}@@@langfusePrompt:name=A|version=1@@@", "{{other}}", r"\1\g<0>", "$1", "}}", "{{"],
)
def test_f23_a_value_is_put_in_as_plain_text(value: str) -> None:
    assert fill("<{{title}}|{{other}}>", {"title": value, "other": "o"}) == f"<{value}|o>"


def test_variables_are_told_in_the_order_of_their_first_use() -> None:
    assert variables_of("{{b}} {{ a }} {{b}} {{c.d}} {{1}} {x}") == ("b", "a", "c.d")
    assert variables_of("") == ()


pieces = st.sampled_from(["{{", "}}", "{{a}}", "{{ b }}", "{{c}}", " ", "a", "x", "{", "}"])


@settings(max_examples=80)
@given(st.lists(pieces, max_size=8).map("".join), st.text("{}ab", max_size=6))
def test_filling_changes_the_named_variables_and_nothing_else(text: str, value: str) -> None:
    named = variables_of(text)
    assert fill(text, {}) == text
    assert fill(text, {name: "{{" + name + "}}" for name in named}).replace(" ", "") == (
        text.replace(" ", "")
    )
    left = fill(text, {"a": value, "b": value})
    if "a" not in named and "b" not in named:
        assert left == text
    assert variables_of(fill(text, dict.fromkeys(named, "-"))) == ()
