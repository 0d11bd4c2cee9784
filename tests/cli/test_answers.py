"""What a learner types: an answer to the open question, or free text; mathematics to read."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twosigma.adapters.cli.answers import answer_to, how, labels, questions_in
from twosigma.adapters.cli.maths import readable, readable_line
from twosigma.domain.questions import AskedQuestion, Option

NAMED = (Option(id="a", text="one"), Option(id="b", text="two"), Option(id="c", text="three"))
NUMBERED = (Option(id=10, text="one"), Option(id=11, text="two"))


def question(kind: Any, options: tuple[Option, ...] = ()) -> AskedQuestion:
    return AskedQuestion(id=7, type=kind, prompt="?", options=options)


def answered(asked: AskedQuestion, line: str) -> Any:
    message = answer_to(asked, line)
    if message is None:
        return None
    fields = json.loads(message)
    assert fields["questionId"] == 7
    return fields["answer"]


@pytest.mark.parametrize(
    ("line", "answer"),
    [("b", "b"), (" B ", "b"), ("b)", "b"), ("2", "b"), ("d", None), ("4", None), ("why b?", None)],
)
def test_a_letter_or_number_chooses(line: str, answer: str | None) -> None:
    assert answered(question("single", NAMED), line) == answer


def test_choices_without_letters_of_their_own_get_them_in_order() -> None:
    asked = question("single", NUMBERED)
    assert labels(asked) == {"A": 10, "B": 11}
    assert answered(asked, "b") == answered(asked, "2") == 11


@pytest.mark.parametrize("line", ["a,c", "A C", "ac", "a; c", "1,3", "c, a"])
def test_several_letters_choose_several(line: str) -> None:
    assert sorted(answered(question("multiple", NAMED), line)) == ["a", "c"]


@pytest.mark.parametrize(
    ("kind", "line", "answer"),
    [
        ("numeric", "12", "12"),
        ("numeric", "-1,5", "-1,5"),
        ("numeric", "1/2", None),
        ("numeric", "twelve", None),
        ("true_false", "True", True),
        ("true_false", "no", False),
        ("true_false", "maybe", None),
        ("short_text", "a word", None),
        ("short_text", "= a word", "a word"),
        ("algebraic", "=2x", "2x"),
        ("numeric", "=", None),
    ],
)
def test_other_questions_take_what_fits_and_the_rest_is_free(
    kind: str, line: str, answer: object
) -> None:
    assert answered(question(kind), line) == answer


def test_the_questions_of_an_item_are_read_without_their_keys() -> None:
    data = {"questions": [{"id": 1, "type": "numeric", "prompt": "?", "correct": 4, "new": 1}]}
    (read,) = questions_in(data)
    assert read.id == 1
    assert questions_in({"questions": "none"}) == questions_in({}) == ()
    assert "number" in how(read)


@pytest.mark.parametrize(
    ("latex", "plain"),
    [
        (r"\(2\times3\)", "2×3"),
        (r"\(\frac{1}{2}\)", "1/2"),
        (r"\(\frac{x+1}{2}\)", "(x+1)/2"),
        (r"\(\frac{\frac{1}{2}}{3}\)", "(1/2)/3"),
        (r"\(x^{2}+y^3\)", "x²+y³"),
        (r"\(x^{ab}\)", "x^ab"),
        (r"\(\sqrt{16}\)", "√16"),
        (r"\(\sqrt[3]{x+1}\)", "∛(x+1)"),
        (r"\(x_1\le 5\)", "x₁ ≤ 5"),
        (r"\(90^\circ\)", "90°"),
        (r"\(\left(x\right)\)", "(x)"),
        (r"so $$5\%$$ of it", "so 5% of it"),
        (r"plain $5 and \n", r"plain $5 and \n"),
    ],
)
def test_mathematics_is_shown_as_plain_characters(latex: str, plain: str) -> None:
    assert readable_line(latex) == plain


def test_mathematics_is_no_markdown() -> None:
    assert readable(r"*so* \(a*b*c\)") == r"*so* a\*b\*c"


@given(st.text(alphabet="\\(){}[]^_$ abfrcsqt12*+"))
def test_no_text_breaks_the_reader(text: str) -> None:
    assert isinstance(readable(rf"\({text}\)"), str)
