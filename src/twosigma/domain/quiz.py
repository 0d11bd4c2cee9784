"""Quizzes: questions and their reading, what may be told of them, and their grading."""

from twosigma.domain.questions import (
    AskedQuestion,
    Hint,
    Option,
    Question,
    QuestionId,
    QuestionType,
)
from twosigma.domain.quiz_grading import (
    Result,
    Score,
    answer_text,
    correct_answer_text,
    explanation_of,
    find_question,
    fit,
    grade,
    points,
    score,
)
from twosigma.domain.quiz_hints import asked
from twosigma.domain.quiz_reading import (
    author_faults,
    hide_keys,
    lab_faults,
    questions_of,
    quiz_faults,
)

__all__ = [
    "AskedQuestion",
    "Hint",
    "Option",
    "Question",
    "QuestionId",
    "QuestionType",
    "Result",
    "Score",
    "answer_text",
    "asked",
    "author_faults",
    "correct_answer_text",
    "explanation_of",
    "find_question",
    "fit",
    "grade",
    "hide_keys",
    "lab_faults",
    "points",
    "questions_of",
    "quiz_faults",
    "score",
]
