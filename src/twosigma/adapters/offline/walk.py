"""Where a session stands in its item's questions: a fold over what was said."""

from collections import Counter

from twosigma.adapters.offline import questions
from twosigma.adapters.offline.intents import read
from twosigma.adapters.offline.layout import shorten
from twosigma.adapters.offline.phrases import Phrases
from twosigma.domain.llm import Graded, Said, TutorRequest
from twosigma.domain.quiz import AskedQuestion, QuestionId
from twosigma.domain.steps import GREETING_TEXT

PROMPT = 120
"""Characters of a prompt where it is only mentioned."""


class Walk:
    """Verdicts so far, the question that is open, hints given, parts read.

    Questions are counted from 0 in the item's order. A re-answered one keeps its last verdict.
    """

    def __init__(self, asked: tuple[AskedQuestion, ...], *, parts_shown: int) -> None:
        self.asked = asked
        self.verdicts: dict[int, bool] = {}
        self.forgotten: frozenset[int] = frozenset()
        self.open: int | None = 0 if asked else None
        self.hints: Counter[int] = Counter()
        self.part = parts_shown
        self.in_a_row = 0
        self.just_answered: int | None = None
        self._by_id = {str(question.id): at for at, question in enumerate(asked)}

    @property
    def question(self) -> AskedQuestion | None:
        """The open question."""
        return None if self.open is None else self.asked[self.open]

    @property
    def left(self) -> int:
        """How many are not answered."""
        return sum(not self.is_done(at) for at in range(len(self.asked)))

    def is_done(self, at: int) -> bool:
        """Whether the question has been answered, right or wrong."""
        return at in self.verdicts or at in self.forgotten

    def find(self, question_id: QuestionId) -> int | None:
        """A listed question's place, by the text of its id."""
        return self._by_id.get(str(question_id))

    def place(self, number: int | None) -> int | None:
        """The place of the question a learner calls `number`; without one, the open one's."""
        if number is None:
            return self.open
        return number - 1 if 1 <= number <= len(self.asked) else None

    def follow(self, message: str, graded: Graded | None) -> None:
        """Take a learner's message into account."""
        self.just_answered = None
        at = None if graded is None else self.find(graded.question_id)
        if graded is not None and at is not None:
            self._answer(at, correct=graded.correct)
        elif message.strip() != GREETING_TEXT:
            self._hear(message)

    def forget(self, before: int) -> None:
        """The answers to all questions before this one can no longer be seen."""
        self.forgotten = frozenset(range(before))
        self.open = before if before < len(self.asked) else None

    def _answer(self, at: int, *, correct: bool) -> None:
        self.verdicts[at] = correct
        self.just_answered = at
        self.in_a_row = self.in_a_row + 1 if correct else 0
        if self.open == at:
            self.open = self._next(at)

    def _hear(self, message: str) -> None:
        intent = read(message, self.question)
        target = self.place(intent.number)
        if intent.kind in ("hint", "key") and target is not None:
            self.hints[target] += 1
        elif intent.kind == "next" and self.open is not None:
            self.open = self._next(self.open)
        elif intent.kind in ("more", "next"):
            self.part += 1
        elif intent.kind == "repeat" and target is not None and not self.is_done(target):
            self.open = target

    def _next(self, at: int) -> int | None:
        count = len(self.asked)
        order = ((at + step) % count for step in range(1, count + 1))
        return next((other for other in order if not self.is_done(other)), None)


def walk(request: TutorRequest, say: Phrases, *, parts_shown: int) -> Walk:
    """Where the session stands before this message."""
    state = Walk(request.context.material.questions, parts_shown=parts_shown)
    if request.cut:
        state.forget(_first_seen(request.history, state, say))
    for said in request.history:
        if said.role == "user":
            state.follow(said.content, said.graded)
    return state


def _first_seen(history: tuple[Said, ...], state: Walk, say: Phrases) -> int:
    """The first question that the messages left after a cut speak of (past the greeting, which
    is always kept); none means that all were answered before."""
    rest = history[2:] if history and history[0].role == "user" else history[1:]
    for said in rest:
        if said.graded is not None and (at := state.find(said.graded.question_id)) is not None:
            return at
        if said.role == "assistant":
            for at in range(len(state.asked)):
                if mention(state, at, say) in said.content or (
                    questions.heading(at + 1, len(state.asked), say) in said.content
                ):
                    return at
    return len(state.asked)


def mention(state: Walk, at: int, say: Phrases) -> str:
    """The reminder that a question is still open."""
    prompt = shorten(state.asked[at].prompt, PROMPT)
    return say.open_still.format(number=at + 1, prompt=prompt)
