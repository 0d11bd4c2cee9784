"""What passes between the tutor and a model: the request, the pieces of a reply, the refusals."""

from collections.abc import Iterator, Mapping
from typing import Literal

from msgspec import Struct

from twosigma.domain.quiz import AskedQuestion, QuestionId

END_TURN = "end_turn"


class Material(Struct, frozen=True, kw_only=True):
    """What a tutor may know of the item it teaches. Holds no answer key of any kind."""

    title: str
    description: str
    content_type: str
    course_title: str
    module_title: str
    module_path: tuple[str, ...]
    text: str
    questions: tuple[AskedQuestion, ...] = ()


class Context(Struct, frozen=True, kw_only=True):
    """All that is sent to the model but the messages; `domain.context` fingerprints it."""

    content_item_id: int
    content_revision: int
    prompt_version_id: int
    system: str
    material: Material
    model: str
    parameters: Mapping[str, str | int | float]
    locale: str


class Graded(Struct, frozen=True, kw_only=True):
    """The verdict on an answer that named a question of the item."""

    question_id: QuestionId
    correct: bool


class Note(Struct, frozen=True, kw_only=True):
    """What the tutor is told about the answer just given: a function of context and answer."""

    graded: Graded
    answer: str
    correct_answer: str
    explanation: str


class Said(Struct, frozen=True, kw_only=True):
    """One earlier message, as the model is to see it (a learner's in its canonical form)."""

    role: Literal["user", "assistant"]
    content: str
    graded: Graded | None = None


class TutorRequest(Struct, frozen=True, kw_only=True):
    """One call of a model. `history` alternates user and assistant and ends with an assistant
    (or is empty); `cut` messages between its greeting and its rest were left out."""

    context: Context
    history: tuple[Said, ...]
    cut: int
    message: str
    note: Note | None = None


class Delta(Struct, frozen=True):
    """A piece of the reply's text, as the model sent it (never empty)."""

    text: str


class End(Struct, frozen=True):
    """The model ended its reply; anything but `end_turn` is not the end of its own turn."""

    reason: str = END_TURN


class Usage(Struct, frozen=True, kw_only=True):
    """What a call took, in tokens: `input` was read by the model, `output` said by it."""

    input: int = 0
    output: int = 0

    @property
    def total(self) -> int:
        return self.input + self.output

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(input=self.input + other.input, output=self.output + other.output)


MOST_COUNTED = 10**9
"""More tokens than any call takes: a service that tells more has not counted."""


def counted(read: object, said: object) -> Iterator[Usage]:
    """A service's own count, if that is what it says: its word is not worth a reply."""
    if (
        isinstance(read, int) and isinstance(said, int)
        and 0 <= read <= MOST_COUNTED and 0 <= said <= MOST_COUNTED
    ):  # fmt: skip
        yield Usage(input=read, output=said)


Piece = Delta | End | Usage


class ModelRefused(Exception):
    """The model's service refused before the first token, or broke off in mid-reply.

    `retryable`: another try may help (429, 5xx, no connection). `detail` is for the log only:
    it may hold the service's own words, never a credential.
    """

    def __init__(self, detail: str, *, retryable: bool = False) -> None:
        super().__init__(detail)
        self.detail = detail
        self.retryable = retryable
