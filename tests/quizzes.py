"""Questions to test with, as authors write them and as they are read."""

from typing import Any

from twosigma.domain.quiz import Question, fit, grade, questions_of

ABC = [
    {"id": letter, "text": text} for letter, text in zip("ABC", ("ls", "pwd", "cd"), strict=True)
]


def data(**fields: Any) -> dict[str, Any]:
    return {"id": 1, "type": "single", "prompt": "?", "options": ABC, "correct": "B"} | fields


def question(**fields: Any) -> Question:
    (read,) = questions_of({"questions": [data(**fields)]})
    return read


def numeric(correct: object, **fields: Any) -> Question:
    return question(type="numeric", correct=correct, options=[], **fields)


def is_right(asked_of: Question, answer: object) -> bool | None:
    fitted = fit(asked_of, answer)
    return None if fitted is None else grade(asked_of, fitted)
