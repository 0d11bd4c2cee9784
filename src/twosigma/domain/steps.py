"""What a message means for the tree of cached replies, and the form of it the model is sent."""

import json
import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import cast

from msgspec import Struct

from twosigma.domain.canonical import Answer, answer_json, id_text, plain_answer, plain_id
from twosigma.domain.errors import Invalid, Loc, invalid
from twosigma.domain.llm import Graded, Note
from twosigma.domain.questions import Question, QuestionId
from twosigma.domain.quiz_grading import (
    answer_text,
    correct_answer_text,
    explanation_of,
    find_question,
    fit,
    grade,
)
from twosigma.domain.values import MAX_DEPTH, MAX_LENGTH, MIN_LENGTH, has_bad_text

LOC: Loc = ("body", "content")
MAX_CONTENT = 8000
GREETING_TEXT = "Start."
_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?', re.DOTALL)
_SPACE = re.compile(r'("[^"\\]*(?:\\.[^"\\]*)*")|[ \t\r\n]+', re.DOTALL)


def digest_of(canonical: str) -> bytes:
    """SHA-256 of a canonical text in UTF-8, 32 bytes: what nodes are looked up by."""
    return sha256(canonical.encode()).digest()


class Greeting(Struct, frozen=True):
    """The message that opens every lesson: the root of its tree."""

    canonical: str = GREETING_TEXT
    digest: bytes = digest_of(GREETING_TEXT)


class QuizAnswer(Struct, frozen=True, kw_only=True):
    """An answer that can be cached; `graded` once it was fitted to a question of the item."""

    question_id: QuestionId
    answer: Answer
    canonical: str
    digest: bytes
    graded: Graded | None = None

    @property
    def fitted(self) -> bool:
        return self.graded is not None


class Free(Struct, frozen=True):
    """Anything else: never cached, and its session diverges. `is_early`: it would have been a
    quiz answer, had the session had its greeting."""

    text: str
    is_early: bool = False


Step = Greeting | QuizAnswer | Free
GREETING = Greeting()


def canonical_text(step: Step) -> str:
    """What the model is sent for this message."""
    return step.text if isinstance(step, Free) else step.canonical


def parse(content: object, *, has_turns: bool, has_greeting: bool) -> tuple[str, Step]:
    """A message's text as it is stored, and its step by the generic canonical form.

    `has_turns`: the session has a turn; `has_greeting`: its first one was the greeting. An object
    is stored as its compact JSON, a text as it was sent. Raises Invalid at body.content for
    anything but 1–8,000 characters (an object: of its compact JSON), for white space alone, NUL,
    lone surrogates and nesting over 32.
    """
    if isinstance(content, str):
        text, fields = _parse_text(content)
    elif isinstance(content, Mapping):
        text, fields = _compact(content), content
    else:
        raise invalid(LOC, "Must be a string or an object", "type_error.str")
    if text.strip() == GREETING_TEXT and (has_greeting or not has_turns):
        return text, GREETING
    answer = _quiz_answer(fields)
    if answer is not None and has_greeting:
        return text, answer
    return text, Free(text, is_early=answer is not None)


def _too_long() -> Invalid:
    return invalid(LOC, f"Must have at most {MAX_CONTENT} characters", MAX_LENGTH)


def _bad_object() -> Invalid:
    msg = f"Must not hold NUL or lone surrogates, nor nest deeper than {MAX_DEPTH}"
    return invalid(LOC, msg)


def _compact(content: Mapping[str, object]) -> str:
    if has_bad_text(content):
        raise _bad_object()
    try:
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError) as unfit:  # no JSON: NaN, foreign values, 5000-digit integers
        raise invalid(LOC, "Must be a JSON object") from unfit
    if len(text) > MAX_CONTENT:
        raise _too_long()
    return text


def _parse_text(content: str) -> tuple[str, Mapping[str, object] | None]:
    """The text to store and, if it parses to an object, that object."""
    if not content.strip():
        raise invalid(LOC, "Must not be blank", MIN_LENGTH)
    if has_bad_text(content):
        raise invalid(LOC, "Must not hold NUL or lone surrogates")
    fields = _object(content)
    if fields is not None and len(content) > MAX_CONTENT:
        content = _SPACE.sub(r"\1", content)  # its compact JSON is what counts
    if len(content) > MAX_CONTENT:
        raise _too_long()
    return content, fields


def _object(content: str) -> Mapping[str, object] | None:
    # Only JSON's own white space may stand around an object.
    if not content.lstrip(" \t\r\n").startswith("{"):
        return None
    if _depth(content) > MAX_DEPTH:  # looked at first: the parser's own limit is the stack's
        raise _bad_object()
    try:
        value = json.loads(content, parse_int=_integer, parse_constant=_no_constant)
    except ValueError:
        return None
    if has_bad_text(value):
        raise _bad_object()
    return cast(Mapping[str, object], value)


def _depth(content: str) -> int:
    """How deep the brackets outside of JSON strings nest."""
    depth = deepest = 0
    for char in re.findall(r"[\[\]{}]", _STRING.sub("", content)):
        depth += 1 if char in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _integer(digits: str) -> int | float:
    # int() refuses very long ones; beyond 64 bits no form of ours tells them apart.
    return int(digits) if len(digits) <= 20 else float(digits)


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def _quiz_answer(fields: Mapping[str, object] | None) -> QuizAnswer | None:
    if fields is None or set(fields) != {"questionId", "answer"}:
        return None
    question_id, answer = plain_id(fields["questionId"]), plain_answer(fields["answer"])
    if question_id is None or answer is None:
        return None
    return _step(question_id, answer)


def _step(
    question_id: QuestionId, answer: Answer, graded: Graded | None = None
) -> QuizAnswer | None:
    """None if the canonical text is too long to be a message itself."""
    canonical = answer_json(question_id, answer)
    if len(canonical) > MAX_CONTENT:
        return None
    return QuizAnswer(
        question_id=question_id,
        answer=answer,
        canonical=canonical,
        digest=digest_of(canonical),
        graded=graded,
    )


def fit_step(step: QuizAnswer, questions: Sequence[Question]) -> QuizAnswer:
    """The answer in the grader's form, with the listed question's id and the verdict; unchanged
    if it fits no listed question."""
    question = find_question(questions, step.question_id)
    fitted = None if question is None else fit(question, step.answer)
    if question is None or fitted is None:
        return step
    graded = Graded(question_id=question.id, correct=grade(question, fitted))
    return _step(question.id, fitted, graded) or step


def note_of(step: Step, questions: Sequence[Question]) -> Note | None:
    """What the model is told about an answer that `fit_step` graded; None for any other step."""
    if not isinstance(step, QuizAnswer) or step.graded is None:
        return None
    wanted = id_text(step.question_id)
    question = next(q for q in questions if id_text(q.id) == wanted)
    return Note(
        graded=step.graded,
        answer=answer_text(question, step.answer),
        correct_answer=correct_answer_text(question),
        explanation=explanation_of(question),
    )
