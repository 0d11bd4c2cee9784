"""The shape of a question, with its key and without."""

from typing import Any, Literal

from msgspec import Struct

QuestionId = int | str
QuestionType = Literal["single", "multiple", "true_false", "numeric", "short_text", "algebraic"]


class Option(Struct, frozen=True, kw_only=True):
    """One listed choice; answers name it by its id."""

    id: int | str
    text: str


class Hint(Struct, frozen=True, kw_only=True):
    """One step of help, in the order it is given."""

    text: str
    title: str = ""


class Question(Struct, frozen=True, kw_only=True):
    """A question with its key. `correct` is an option id, a list of them, a boolean,
    a number (or its decimal text), or a text or list of texts, as `type` has it."""

    id: QuestionId
    type: QuestionType
    prompt: str
    options: tuple[Option, ...] = ()
    correct: Any = None
    tolerance: float | str = 0
    accept: tuple[str, ...] = ()
    points: int | float = 1
    explanation: str = ""
    hints: tuple[Hint, ...] = ()
    source_id: str | None = None


class AskedQuestion(Struct, frozen=True, kw_only=True):
    """What a tutor or learner may know before the answer: no key, no telling hint."""

    id: QuestionId
    type: QuestionType
    prompt: str
    options: tuple[Option, ...] = ()
    hints: tuple[Hint, ...] = ()
