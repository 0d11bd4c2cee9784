"""Grading, by code and never by a model: pure functions of question and answer.

`fit` gives an answer's canonical form for the question it names, `grade` the verdict on that.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import cast
from unicodedata import normalize

from msgspec import Struct

from twosigma.domain.canonical import (
    TEXT_LIMIT,
    Answer,
    Scalar,
    decimal_of,
    folded_text,
    id_text,
    json_number,
    plain_decimal,
    sorted_unique,
)
from twosigma.domain.questions import Option, Question, QuestionId, QuestionType

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_SUPERSCRIPT = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_SIGNS = str.maketrans("−×⋅·∙÷", "-****/")
_DROPPED = re.compile(r"\\left|\\right|\\[()\[\],;:! ]|\$|\s")
_TIMES = re.compile(r"\\(?:cdot|times)(?![a-z])")
_FRACTION = re.compile(r"\\[dt]?frac\{([^{}]*)\}\{([^{}]*)\}")


class Result(Struct, frozen=True, kw_only=True):
    """What one question of an attempt earned; unanswered and malformed earn nothing."""

    question_id: QuestionId
    is_answered: bool
    correct: bool
    points: int | float
    max_points: int | float


class Score(Struct, frozen=True, kw_only=True):
    """An attempt's points and `percent` = 100 × points / max_points (0 if there are none)."""

    points: int | float
    max_points: int | float
    percent: float
    results: tuple[Result, ...]


def find_question(questions: Sequence[Question], question_id: QuestionId) -> Question | None:
    """The first question whose id has this text; `1` and `"1"` name the same."""
    wanted = id_text(question_id)
    return next((q for q in questions if id_text(q.id) == wanted), None)


def algebraic_text(text: str) -> str:
    """An expression's text without what is only its dress: spaces, `$`, `\\left`, case, ways to
    write powers, products and fractions. No algebra is done: `a+b` and `b+a` differ."""
    before = None
    while before != text:  # taking out one part may bring another together
        before = text
        text = _SUPERSCRIPT.sub(lambda m: "^" + m.group().translate(_SUPERSCRIPTS), text)
        text = normalize("NFKC", text).casefold().translate(_SIGNS)
        text = _TIMES.sub("*", _DROPPED.sub("", text))
        text = _FRACTION.sub(r"\1/\2", text)
    return text


def _option(question: Question, answer: object) -> Option | None:
    """The option an answer names by its id's text; booleans name none."""
    if isinstance(answer, str):
        wanted = answer
    else:
        number = decimal_of(answer)
        if number is None:
            return None
        wanted = plain_decimal(number)
    wanted = id_text(wanted)
    return next((o for o in question.options if id_text(o.id) == wanted), None)


def _fit_single(question: Question, answer: object) -> Answer | None:
    option = _option(question, answer)
    return None if option is None else option.id


def _fit_multiple(question: Question, answer: object) -> Answer | None:
    ticked = answer if isinstance(answer, list | tuple) else [answer]
    named = [_option(question, member) for member in ticked]
    known: list[Scalar] = [option.id for option in named if option is not None]
    return sorted_unique(known) if len(known) == len(named) else None


def _fit_true_false(question: Question, answer: object) -> Answer | None:
    if isinstance(answer, bool):
        return answer
    option = _option(question, answer)
    text = option.text if option is not None else answer
    words = {"true": True, "false": False}
    return words.get(folded_text(text)) if isinstance(text, str) else None


def _fit_numeric(_question: Question, answer: object) -> Answer | None:
    number = decimal_of(answer)
    return None if number is None else json_number(number)


def _fit_text(form: Callable[[str], str], answer: object) -> Answer | None:
    number = None if isinstance(answer, str) else decimal_of(answer)
    text = plain_decimal(number) if number is not None else answer
    if not isinstance(text, str):
        return None
    fitted = form(text)
    # Compatibility forms may grow eighteenfold; a canonical form must itself be an answer.
    return fitted if 0 < len(fitted) <= TEXT_LIMIT else None


_FIT: dict[QuestionType, Callable[[Question, object], Answer | None]] = {
    "single": _fit_single,
    "multiple": _fit_multiple,
    "true_false": _fit_true_false,
    "numeric": _fit_numeric,
    "short_text": lambda _question, answer: _fit_text(folded_text, answer),
    "algebraic": lambda _question, answer: _fit_text(algebraic_text, answer),
}


def fit(question: Question, answer: object) -> Answer | None:
    """The answer in the grader's canonical form, or None where it does not fit.

    An option id as listed, a sorted tuple of them (multiple), a boolean, a number (its plain text
    where a float would round it), or normalized text. Mind that `False` and `0` do fit.
    """
    return _FIT[question.type](question, answer)


def _keys(question: Question) -> list[object]:
    correct = question.correct
    listed = list(correct) if isinstance(correct, list | tuple) else [correct]
    return [*listed, *question.accept]


def _is_near(question: Question, fitted: Answer) -> bool:
    # Fractions: Decimal rounds to 28 digits, and an answer may have 30.
    value = Fraction(cast(Decimal, decimal_of(fitted)))
    slack = Fraction(decimal_of(question.tolerance) or 0)
    numbers = [decimal_of(key) for key in _keys(question)]
    return any(abs(value - Fraction(key)) <= slack for key in numbers if key is not None)


def grade(question: Question, fitted: Answer) -> bool:
    """Whether an answer that `fit` gave is right: the option's id, the exact set of ids, the
    truth value, |a − correct| ≤ tolerance, or one of the listed texts."""
    if question.type == "numeric":
        return _is_near(question, fitted)
    if question.type in ("short_text", "algebraic"):
        return any(fit(question, key) == fitted for key in _keys(question))
    return fit(question, question.correct) == fitted


def points(question: Question, answer: object) -> int | float:
    """What an answer as given earns: the question's points, or 0."""
    fitted = fit(question, answer)
    return question.points if fitted is not None and grade(question, fitted) else 0


def _result(question: Question, answer: object) -> Result:
    fitted = fit(question, answer)
    is_right = fitted is not None and grade(question, fitted)
    return Result(
        question_id=question.id,
        is_answered=fitted is not None,
        correct=is_right,
        points=question.points if is_right else 0,
        max_points=question.points,
    )


def _sum(numbers: Sequence[int | float]) -> Fraction:
    return sum((Fraction(repr(number)) for number in numbers), Fraction(0))


def _plain(number: Fraction) -> int | float:
    return number.numerator if number.denominator == 1 else float(number)


def score(questions: Sequence[Question], answers: Mapping[str, object]) -> Score:
    """The score of an attempt: `answers` maps the ids' texts to answers as given."""
    given = {id_text(key): answer for key, answer in answers.items()}
    results = tuple(_result(q, given.get(id_text(q.id))) for q in questions)
    earned, most = _sum([r.points for r in results]), _sum([r.max_points for r in results])
    return Score(
        points=_plain(earned),
        max_points=_plain(most),
        percent=float(100 * earned / most) if most else 0.0,
        results=results,
    )


def answer_text(question: Question, fitted: Answer) -> str:
    """A fitted answer as a person would read it: the options' texts rather than their ids."""
    if question.type in ("single", "multiple"):
        ids = fitted if isinstance(fitted, tuple) else (fitted,)
        return "; ".join(option.text for option in question.options if option.id in ids)
    if isinstance(fitted, bool):
        return "True" if fitted else "False"
    if question.type == "numeric":
        return plain_decimal(cast(Decimal, decimal_of(fitted)))
    return str(fitted)


def correct_answer_text(question: Question) -> str:
    """The right answer as a person would read it; the first of several texts, as written."""
    if question.type in ("short_text", "algebraic"):
        return next((str(key) for key in _keys(question)), "")
    fitted = fit(question, question.correct)
    return "" if fitted is None else answer_text(question, fitted)


def explanation_of(question: Question) -> str:
    """The explanation, to be told after the answer; without one, the hints' texts in order."""
    hints = (hint.text.strip() for hint in question.hints)
    return question.explanation.strip() or "\n\n".join(text for text in hints if text)
