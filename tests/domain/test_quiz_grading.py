"""Grading: canonical answers, verdicts, points, and answers in words."""

import sys
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import strategies as some
from tests.quizzes import data, is_right, numeric, question
from twosigma.domain.canonical import (
    decimal_of,
    folded_text,
    json_number,
    plain_decimal,
)
from twosigma.domain.quiz import (
    Question,
    answer_text,
    correct_answer_text,
    explanation_of,
    find_question,
    fit,
    points,
    questions_of,
    score,
)
from twosigma.domain.quiz_grading import algebraic_text


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [("B", True), (" B\n", True), ("A", False), ("b", None), ("pwd", None), (["B"], None),
     (None, None), (True, None), ({}, None), (2, None), ("", None)],
)  # fmt: skip
def test_a_single_choice_goes_by_the_options_id(answer: object, verdict: bool | None) -> None:
    assert is_right(question(), answer) is verdict


def test_option_ids_are_compared_by_their_text() -> None:
    numbered = question(options=[{"id": 1, "text": "a"}, {"id": "2", "text": "b"}], correct="1")
    assert numbered.correct == 1
    assert [fit(numbered, answer) for answer in (1, "1", 1.0, 2, "2")] == [1, 1, 1, "2", "2"]
    assert fit(numbered, True) is fit(numbered, "1.0") is fit(numbered, 1e300) is None


def test_a_multiple_choice_wants_the_exact_set() -> None:
    several = question(type="multiple", correct=["C", "A"])
    assert fit(several, ["C", "A", "C"]) == ("A", "C")
    assert [is_right(several, a) for a in (["A", "C"], ["A"], [], ["A", "B", "C"], "A")] == [
        True, False, False, False, False,
    ]  # fmt: skip
    assert is_right(several, ["A", "D"]) is is_right(several, None) is None
    assert is_right(question(type="multiple", correct=["A"]), "A") is True


def test_true_and_false_may_be_spelled_or_named_by_an_option() -> None:
    listed = [{"id": 1, "text": "True"}, {"id": 2, "text": "FALSE"}]
    named = question(type="true_false", options=listed, correct=2)
    assert named.correct is False
    plain = question(type="true_false", options=[], correct="true")
    for answer in (True, "TRUE ", 1):
        assert fit(named, answer) is True
    for answer in (False, "false", "2"):
        assert fit(named, answer) is False
    assert is_right(plain, True)
    assert fit(plain, 1) is fit(plain, "yes") is fit(plain, None) is fit(plain, [True]) is None


@pytest.mark.parametrize(
    ("correct", "tolerance", "right", "wrong"),
    [
        (1, 0, [1, 1.0, "1", "1.0", "1,0", "+1", "01"], [1.0000001, "-1", 0, -1]),
        ("0,3", 0, [0.3, "0.30", "0,300"], [0.30000000000000004, "0.300000000000001"]),
        (0.333, "0.001", [1 / 3, "0.334", 0.332], [0.3341, "0,3319"]),
        (0, 0, [0, -0.0, "-0", "0,000"], ["0.000000000000001", 5e-324]),
        (-14, 0.5, ["-14.5", -13.5], [14, -14.500001]),
        ("123456789012345.123456789012345", 0, ["+123456789012345,123456789012345"],
         ["123456789012345.123456789012346", 123456789012345.12]),
    ],
)  # fmt: skip
def test_numbers_are_graded_exactly(
    correct: object, tolerance: object, right: list[object], wrong: list[object]
) -> None:
    asked_of = numeric(correct, tolerance=tolerance)
    assert [is_right(asked_of, answer) for answer in right] == [True] * len(right)
    assert [is_right(asked_of, answer) for answer in wrong] == [False] * len(wrong)


@pytest.mark.parametrize(
    "answer",
    ["1e999999", "1_0", "١٢", "1,000.5", "", "x", "0x1", "1\n1", "--1", "NaN", "1" * 16, 1e15,
     10**400, float("nan"), float("inf"), True, None, [1], {}],
)  # fmt: skip
def test_f24_what_is_no_plain_number_fits_no_numeric_question(answer: object) -> None:
    assert fit(numeric(1), answer) is None


@given(st.one_of(some.numbers, some.number_texts))
def test_a_number_reads_back_from_its_json_form(value: object) -> None:
    number = decimal_of(value)
    if number is not None:
        assert decimal_of(json_number(number)) == number
        assert "E" not in plain_decimal(number)


def test_short_texts_are_compared_without_case_width_and_spaces() -> None:
    asked_of = question(type="short_text", correct=["Straße  Eins", "5"], accept=["ﬁn"])
    spellings: list[object] = [" STRASSE eins", "straße\u3000EINS", "FIN", "5", 5, 5.0]
    for answer in spellings:
        assert is_right(asked_of, answer) is True
    assert is_right(asked_of, "strasseeins") is False
    unfit: list[object] = ["", "  ", "x" * 201, "\ufdfa" * 20, True, None, ["5"]]
    assert [fit(asked_of, answer) for answer in unfit] == [None] * len(unfit)


def test_expressions_are_compared_without_their_dress() -> None:
    asked_of = question(type="algebraic", correct="$$\\frac{3}{4}x^2 - 12$$")
    for answer in ("3/4x²−12", " 3/4 X^2 - 12", "\\left\\dfrac{3}{4} x^2-12"):
        assert is_right(asked_of, answer) is True
    assert is_right(asked_of, "-12+3/4x^2") is False
    assert algebraic_text("x²³ \\cdot 2 ÷ 3") == "x^23*2/3"
    assert algebraic_text("\\le\\leftft(a\\right)") == "(a)"
    assert correct_answer_text(asked_of) == "$$\\frac{3}{4}x^2 - 12$$"


@given(some.odd_texts)
def test_text_forms_are_stable(text: str) -> None:
    for form in (folded_text, algebraic_text):
        assert form(form(text)) == form(text)
        assert form(unicodedata.normalize("NFC", text).strip()) == form(text)


def test_folding_is_stable_for_every_character_beside_a_mark() -> None:
    for start in range(0, sys.maxunicode, 4096):
        block = [chr(n) for n in range(start, start + 4096) if not 0xD800 <= n <= 0xDFFF]
        for text in ("".join(block), "\u0323".join(block)):
            folded = folded_text(text)
            assert folded_text(folded) == folded


@given(some.question_data(), st.lists(some.answers, max_size=4))
def test_fitting_twice_is_fitting_once(content: dict[str, Any], given_answers: list[Any]) -> None:
    (read,) = questions_of({"questions": [content]})
    for answer in [content["correct"], *given_answers]:
        fitted = fit(read, answer)
        if fitted is not None:
            again = fit(read, fitted)
            assert (again, type(again)) == (fitted, type(fitted))
            assert isinstance(answer_text(read, fitted), str)


def test_a_score_sums_exactly_and_counts_what_is_missing_as_nothing() -> None:
    asked_of = questions_of({"questions": [data(id=n, points=0.1) for n in (1, "2", 3)]})
    result = score(asked_of, {"1": "B", " 2 ": "B", "3": None, "9": "B"})
    assert (result.points, result.max_points, result.percent) == (0.2, 0.3, 200 / 3)
    assert [(r.question_id, r.is_answered, r.correct) for r in result.results] == [
        (1, True, True),
        ("2", True, True),
        (3, False, False),
    ]
    assert [points(asked_of[0], answer) for answer in ("B", "A", None)] == [0.1, 0, 0]
    full = score([question(points=2), question(id=2, points=3.0)], {"1": "B", "2": "B"})
    assert (full.points, full.percent) == (5, 100.0)
    assert score([], {}).percent == score([question(points=0)], {"1": "B"}).percent == 0


def test_a_question_is_found_by_its_ids_text() -> None:
    asked_of = questions_of({"questions": [data(), data(id="é")]})
    assert find_question(asked_of, "1") == find_question(asked_of, 1) == asked_of[0]
    assert find_question(asked_of, " e\u0301") == asked_of[1]
    assert find_question(asked_of, 2) is None


def test_answers_are_told_in_words() -> None:
    several = question(type="multiple", correct=["C", "A"])
    assert answer_text(several, ("A", "C")) == correct_answer_text(several) == "ls; cd"
    assert correct_answer_text(question()) == "pwd"
    assert correct_answer_text(question(type="true_false", correct=False)) == "False"
    assert correct_answer_text(question(type="true_false", correct=True)) == "True"
    assert correct_answer_text(numeric("1,50")) == answer_text(numeric(1), 1.5) == "1.5"
    texts = question(type="short_text", correct=["Straße", "b"])
    assert (correct_answer_text(texts), answer_text(texts, "strasse")) == ("Straße", "strasse")
    assert correct_answer_text(Question(id=1, type="single", prompt="?")) == ""


def test_the_hints_explain_where_nothing_else_does() -> None:
    assert explanation_of(question(explanation=" Because. ", hints=["x"])) == "Because."
    assert explanation_of(question(hints=["One.", " ", {"text": "Two."}])) == "One.\n\nTwo."
    assert explanation_of(question()) == ""
