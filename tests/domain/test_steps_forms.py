"""Canonical forms: equal meaning has one form, and no digest holds two verdicts."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import strategies as some
from twosigma.domain.errors import Invalid
from twosigma.domain.llm import Graded
from twosigma.domain.quiz import Question, fit, questions_of
from twosigma.domain.steps import (
    GREETING,
    Free,
    QuizAnswer,
    Step,
    digest_of,
    fit_step,
    note_of,
    parse,
)


def step_of(content: object) -> Step:
    return parse(content, has_turns=True, has_greeting=True)[1]


def quiz(question_id: object, answer: object) -> QuizAnswer:
    step = step_of({"questionId": question_id, "answer": answer})
    assert isinstance(step, QuizAnswer)
    return step


QUESTIONS = questions_of(
    {
        "questions": [
            {"id": 1, "type": "numeric", "prompt": "1/1?", "correct": "1", "explanation": "One."},
            {
                "id": "m",
                "type": "multiple",
                "prompt": "?",
                "options": [{"id": n, "text": f"t{n}"} for n in "ABC"],
                "correct": ["C", "A"],
            },
            {"id": "s", "type": "short_text", "prompt": "?", "correct": ["Straße"]},
            {"id": "t", "type": "true_false", "prompt": "?", "correct": True},
        ]
    }
)


@pytest.mark.parametrize("answer", [1, 1.0, "1", "1.0", "1,0", "+1", " 01,000 "])
def test_f24_spellings_of_one_number_are_one_answer_to_the_grader(answer: object) -> None:
    step = fit_step(quiz("1", answer), QUESTIONS)
    assert step.canonical == '{"answer":1,"questionId":1}'
    assert step.digest == digest_of(step.canonical)
    assert step.graded == Graded(question_id=1, correct=True)


@pytest.mark.parametrize(
    "answer", ["1e999999", "1_0", "١٢", "1,000.5", "1.", ".5", "1" * 16, "½", "1\n2", True, [1], ""]
)
def test_f24_other_spellings_fit_no_numeric_question(answer: object) -> None:
    step = quiz(1, answer)
    assert fit_step(step, QUESTIONS) == step


def test_an_answer_to_the_tutors_own_question_is_cacheable_and_not_graded() -> None:
    step = quiz("own", "A")
    assert fit_step(step, QUESTIONS) is step
    assert note_of(step, QUESTIONS) is None
    assert note_of(GREETING, QUESTIONS) is None
    assert note_of(Free("?"), QUESTIONS) is None


def test_the_model_is_told_the_verdict_and_the_explanation() -> None:
    note = note_of(fit_step(quiz(1, "2,50"), QUESTIONS), QUESTIONS)
    assert note is not None
    assert not note.graded.correct
    assert (note.answer, note.correct_answer, note.explanation) == ("2.5", "1", "One.")


def test_ticked_boxes_come_in_any_order() -> None:
    step = fit_step(quiz("m", ["C", "A", "C"]), QUESTIONS)
    assert step.canonical == '{"answer":["A","C"],"questionId":"m"}'
    assert step == fit_step(quiz("m", ["A", "C"]), QUESTIONS)
    assert step.graded == Graded(question_id="m", correct=True)


def test_an_answer_that_no_message_could_hold_stays_as_it_is() -> None:
    option = {"id": "A" + " " * 8000, "text": "a"}
    questions = questions_of(
        {
            "questions": [
                {"id": 1, "type": "single", "prompt": "?", "options": [option], "correct": "A"}
            ]
        }
    )
    step = quiz(1, "A")
    assert fit(questions[0], "A") == option["id"]
    assert fit_step(step, questions) is step


@given(some.json_values)
def test_f24_parsing_raises_nothing_but_invalid(value: object) -> None:
    contents = [value, {"questionId": 1, "answer": value}, str(value)]
    contents += [json.dumps(content) for content in contents]
    for content in contents:
        try:
            text, step = parse(content, has_turns=True, has_greeting=True)
        except Invalid:
            continue
        assert 0 < len(text) <= 8000
        assert parse(text, has_turns=True, has_greeting=True)[1] == step


@given(st.text(st.sampled_from('{}[]":,\\u0d8 1eE+-.\n\0Naansweruestio'), max_size=60))
def test_f24_text_that_is_nearly_json_is_parsed_or_refused(text: str) -> None:
    try:
        stored, _ = parse(text, has_turns=True, has_greeting=True)
    except Invalid:
        return
    assert stored == text


def _messages() -> st.SearchStrategy[tuple[tuple[Question, ...], list[dict[str, Any]]]]:
    return some.question_lists().flatmap(
        lambda questions: st.tuples(
            st.just(questions), st.lists(some.quiz_messages(questions), min_size=2, max_size=4)
        )
    )


@given(_messages())
def test_f24_forms_are_stable_and_no_digest_holds_two_verdicts(
    drawn: tuple[tuple[Question, ...], list[dict[str, Any]]],
) -> None:
    questions, contents = drawn
    verdicts: dict[bytes, Graded | None] = {}
    for content in contents:
        generic = step_of(content)
        if not isinstance(generic, QuizAnswer):
            continue
        fitted = fit_step(generic, questions)
        again = step_of(fitted.canonical)
        assert step_of(generic.canonical) == generic
        assert isinstance(again, QuizAnswer)
        assert fit_step(again, questions) == fitted
        assert fit_step(fitted, questions) == fitted
        assert verdicts.setdefault(fitted.digest, fitted.graded) == fitted.graded
        assert verdicts.setdefault(again.digest, fitted.graded) == fitted.graded


@given(some.ids, some.answers, st.randoms(use_true_random=False))
def test_f24_key_order_spaces_and_ticking_order_never_matter(
    question_id: object, answer: Any, random: Any
) -> None:
    plain = step_of({"questionId": question_id, "answer": answer}) if some.is_json(answer) else None
    if not isinstance(plain, QuizAnswer):
        return
    shuffled = random.sample(answer, len(answer)) if isinstance(answer, list) else answer
    spaced = json.dumps({"answer": shuffled, "questionId": question_id}, indent=2)
    again = step_of(spaced)
    assert isinstance(again, QuizAnswer)
    assert again.digest == plain.digest


@given(some.scalars, some.scalars)
def test_f24_another_answer_is_another_node(one: Any, other: Any) -> None:
    if not (some.is_json(one) and some.is_json(other)):
        return
    first = step_of({"questionId": 1, "answer": one})
    second = step_of({"questionId": 1, "answer": other})
    if isinstance(first, QuizAnswer) and isinstance(second, QuizAnswer):
        is_same = first.answer == second.answer
        is_same = is_same and isinstance(first.answer, bool) == isinstance(second.answer, bool)
        assert (first.digest == second.digest) == is_same
