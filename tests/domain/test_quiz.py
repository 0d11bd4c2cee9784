"""Questions: their reading, what their authors are told, and their hidden keys."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import strategies as some
from tests.quizzes import ABC, data, is_right, question
from twosigma.domain.quiz import (
    Hint,
    Option,
    Question,
    author_faults,
    hide_keys,
    lab_faults,
    questions_of,
    quiz_faults,
)


def faults_of(**fields: Any) -> list[tuple[tuple[str | int, ...], str]]:
    found = author_faults({"questions": [data(**fields)]})
    return [(fault.loc[4:], fault.type) for fault in found]


def test_a_question_is_read_with_all_its_parts() -> None:
    read = question(
        explanation="It prints.",
        points=2.5,
        source_id="s1",
        hints=["Think.", {"text": "p", "x": 1}],
        unknown={"kept": "elsewhere"},
    )
    assert read == Question(
        id=1,
        type="single",
        prompt="?",
        options=(
            Option(id="A", text="ls"),
            Option(id="B", text="pwd"),
            Option(id="C", text="cd"),
        ),
        correct="B",
        points=2.5,
        explanation="It prints.",
        hints=(Hint(text="Think."), Hint(text="p")),
        source_id="s1",
    )


def test_what_is_no_question_is_left_out() -> None:
    listed = [
        None,
        5,
        {},
        data(),
        data(id="1", prompt="again"),
        data(id=2, correct="Z"),
        data(id=3),
    ]
    assert [q.id for q in questions_of({"questions": listed})] == [1, 3]
    assert questions_of({"questions": [data(id=n) for n in range(300)]})[-1].id == 199
    assert questions_of({}) == questions_of({"questions": {"id": 1}}) == ()


@given(some.json_values, st.lists(st.one_of(some.json_values, some.question_data()), max_size=3))
def test_reading_never_raises_and_agrees_with_what_authors_are_told(
    value: object, listed: list[Any]
) -> None:
    mixed = [{**entry, "correct": value} if isinstance(entry, dict) else entry for entry in listed]
    for content in ({"questions": value}, {"questions": listed}, {"questions": mixed}):
        read = questions_of(content)
        entries = content["questions"]
        is_whole = isinstance(entries, list) and len(read) == len(entries)
        assert (author_faults(content) == ()) == is_whole


@given(some.question_data())
def test_a_well_formed_question_has_no_faults_and_its_key_is_right(content: dict[str, Any]) -> None:
    assert author_faults({"questions": [content]}) == ()
    (read,) = questions_of({"questions": [content]})
    keys = read.correct if isinstance(read.correct, list) and not read.options else [read.correct]
    assert all(is_right(read, key) for key in keys)


@pytest.mark.parametrize(
    ("fields", "faults"),
    [
        ({"id": None}, [(("id",), "value_error")]),
        ({"id": True}, [(("id",), "value_error")]),
        ({"id": " "}, [(("id",), "value_error")]),
        ({"id": 2**63}, [(("id",), "value_error")]),
        ({"id": "x" * 65}, [(("id",), "value_error")]),
        ({"type": "essay"}, [(("type",), "type_error.enum")]),
        ({"type": ["single"]}, [(("type",), "type_error.enum")]),
        ({"prompt": 5}, [(("prompt",), "type_error.str")]),
        ({"options": "AB"}, [(("options",), "type_error.list")]),
        ({"options": ["A"]}, [(("options", 0), "type_error.dict")]),
        ({"options": [{"text": "a"}]}, [(("options", 0, "id"), "value_error.missing")]),
        ({"options": [{"id": "A"}]}, [(("options", 0, "text"), "value_error.missing")]),
        ({"options": [*ABC, {"id": " A ", "text": "x"}]}, [(("options", 3, "id"), "value_error")]),
        ({"options": [*ABC, {"id": 4, "text": "ls "}]}, [(("options", 3, "text"), "value_error")]),
        ({"correct": None}, [(("correct",), "value_error.missing")]),
        ({"correct": "D"}, [(("correct",), "value_error")]),
        ({"correct": "pwd"}, [(("correct",), "value_error")]),
        ({"correct": ["B"]}, [(("correct",), "value_error")]),
        ({"correct": True}, [(("correct",), "value_error")]),
        ({"type": "multiple"}, [(("correct",), "type_error.list")]),
        ({"type": "multiple", "correct": []}, [(("correct",), "value_error")]),
        ({"type": "multiple", "correct": ["B", "D"]}, [(("correct", 1), "value_error")]),
        ({"type": "multiple", "correct": [["B"]]}, [(("correct", 0), "value_error")]),
        ({"type": "true_false", "correct": "maybe"}, [(("correct",), "value_error")]),
        ({"type": "numeric", "correct": "1/2"}, [(("correct",), "value_error")]),
        ({"type": "numeric", "correct": True}, [(("correct",), "value_error")]),
        ({"type": "numeric", "correct": 1e999}, [(("correct",), "value_error")]),
        ({"type": "numeric", "correct": 1, "accept": ["x"]}, [(("accept", 0), "value_error")]),
        ({"type": "short_text", "correct": 5}, [(("correct",), "value_error")]),
        ({"type": "short_text", "correct": " "}, [(("correct",), "value_error")]),
        ({"type": "short_text", "correct": ["a", 5]}, [(("correct", 1), "value_error")]),
        ({"type": "algebraic", "correct": "$$"}, [(("correct",), "value_error")]),
        ({"accept": [5]}, [(("accept", 0), "type_error.str")]),
        ({"tolerance": "a"}, [(("tolerance",), "value_error")]),
        ({"tolerance": None}, [(("tolerance",), "value_error")]),
        ({"tolerance": -0.5}, [(("tolerance",), "value_error.number.not_ge")]),
        ({"points": -1}, [(("points",), "value_error.number.not_ge")]),
        ({"points": 1e16}, [(("points",), "value_error.number.not_le")]),
        ({"points": True}, [(("points",), "type_error.float")]),
        ({"points": float("nan")}, [(("points",), "type_error.float")]),
        ({"explanation": None}, [(("explanation",), "type_error.str")]),
        ({"hints": [5]}, [(("hints", 0), "type_error.str")]),
        ({"hints": [{"title": 1}]}, [
            (("hints", 0, "text"), "value_error.missing"),
            (("hints", 0, "title"), "type_error.str"),
        ]),
        ({"prompt": "a\0"}, [((), "value_error")]),
        ({"x": [[["\ud800"]]]}, [((), "value_error")]),
    ],
)  # fmt: skip
def test_authors_are_told_where_what_is_wrong(
    fields: dict[str, Any], faults: list[tuple[tuple[str | int, ...], str]]
) -> None:
    assert faults_of(**fields) == faults


def test_authors_are_told_all_faults_at_once() -> None:
    listed = [data(), {"correct": 1}, data(id="1")]
    found = [(f.loc, f.type) for f in author_faults({"questions": listed})]
    assert found == [
        (("body", "data_json", "questions", 1, "type"), "value_error.missing"),
        (("body", "data_json", "questions", 1, "id"), "value_error.missing"),
        (("body", "data_json", "questions", 1, "prompt"), "value_error.missing"),
        (("body", "data_json", "questions", 2, "id"), "value_error"),
    ]


def test_a_quiz_has_at_most_200_questions() -> None:
    assert author_faults({"questions": [data(id=n) for n in range(200)]}) == ()
    (fault,) = author_faults({"questions": [data(id=n) for n in range(201)]}, ("x",))
    assert (fault.loc, fault.type) == (("x", "questions"), "value_error.list.max_items")
    (fault,) = author_faults({"questions": None})
    assert fault.type == "type_error.list"


@pytest.mark.parametrize(
    ("fields", "kinds"),
    [
        ({}, []),
        ({"max_attempts": None, "passing_score": 100, "reveal": "never", "shuffle": True}, []),
        ({"passing_score": 101}, ["value_error.number.not_le"]),
        ({"max_attempts": 0, "time_limit_seconds": 1.5},
         ["value_error.number.not_ge", "type_error.integer"]),
        ({"shuffle": 1, "reveal": "always"}, ["type_error.bool", "type_error.enum"]),
        ({"questions": 5}, ["type_error.list"]),
    ],
)  # fmt: skip
def test_the_rules_of_a_quiz_are_checked(fields: dict[str, Any], kinds: list[str]) -> None:
    assert [fault.type for fault in quiz_faults(fields)] == kinds


def test_the_rubric_of_a_lab_is_checked() -> None:
    assert lab_faults({"instructions": "Do.", "rubric": [{"name": "a", "points": 5}]}) == ()
    wrong = {"max_points": "9", "rubric": [5, {"name": " ", "points": -1}, {}]}
    assert [(f.loc[2:], f.type) for f in lab_faults(wrong)] == [
        (("max_points",), "type_error.float"),
        (("rubric", 0), "type_error.dict"),
        (("rubric", 1, "name"), "value_error.any_str.min_length"),
        (("rubric", 1, "points"), "value_error.number.not_ge"),
        (("rubric", 2, "name"), "value_error.missing"),
    ]


def test_answer_keys_vanish_at_any_depth_of_a_gradable_item() -> None:
    item = {
        "questions": [data(hints=["x"], explanation="e", tolerance=1, accept=["y"])],
        "isCorrect": True,
        "steps": [{"answer_key": 1, "deep": [[{"correctAnswers": 1, "kept": {"feedback": 1}}]]}],
        "teacherNotes": "x",
        "passing_score": 70,
    }
    assert hide_keys(True, item) == {
        "questions": [{"id": 1, "type": "single", "prompt": "?", "options": ABC}],
        "steps": [{"deep": [[{"kept": {}}]]}],
        "passing_score": 70,
    }
    assert item["isCorrect"]


def test_elsewhere_keys_vanish_inside_questions_only() -> None:
    item = {"solution": "of salt", "parts": [{"questions": data(), "accept": 1}], "questions": [5]}
    assert hide_keys(False, item) == {
        "solution": "of salt",
        "parts": [
            {"questions": {"id": 1, "type": "single", "prompt": "?", "options": ABC}, "accept": 1}
        ],
        "questions": [5],
    }
