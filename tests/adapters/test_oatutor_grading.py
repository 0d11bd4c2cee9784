"""Each question of the packaged course passes the author's checks and is graded as it should be."""

from typing import Any

import pytest

from twosigma.adapters.courses import demo
from twosigma.domain import quiz


@pytest.fixture(scope="module")
def quizzes() -> list[dict[str, Any]]:
    return [item.data for item in demo.demo_course().items if item.content_type == "quiz"]


def test_no_author_would_be_told_of_a_fault(quizzes: list[dict[str, Any]]) -> None:
    assert len(quizzes) == 185
    assert [fault for data in quizzes for fault in quiz.quiz_faults(data)] == []


def test_the_key_is_right_and_another_answer_is_wrong(quizzes: list[dict[str, Any]]) -> None:
    for data in quizzes:
        for question in quiz.questions_of(data):
            right = question.correct
            wrong: Any = "not this one"
            if question.type == "short_text":
                right = f" {question.correct[0].lower()} "
            elif question.type == "numeric":
                wrong = float(question.correct) + 1
            else:
                (wrong, *_) = [o.id for o in question.options if o.id != question.correct]
            assert quiz.points(question, right) == 1
            assert quiz.points(question, wrong) == 0
