"""A small algebra lesson, and requests to a tutor about it."""

import json
from typing import Any

from twosigma.adapters.offline.tutor import compose
from twosigma.domain.llm import Context, Graded, Material, Note, Said, TutorRequest
from twosigma.domain.quiz import AskedQuestion, Hint, Option

TEXT = """# Linear equations

A **linear equation** in one variable can be written as \\(ax + b = c\\).

## Inverse operations

To solve it, undo what was done to the variable: subtract what was added, then divide.

```text
2x + 3 = 11

x = 4
```

## Checking

Put the solution back into the equation: both sides must come out equal."""

QUESTIONS = (
    AskedQuestion(
        id=1,
        type="single",
        prompt="Which of these is a linear equation?",
        options=(
            Option(id="a", text="\\(x^2 = 4\\)"),
            Option(id="b", text="\\(2x + 3 = 11\\)"),
        ),
        hints=(
            Hint(title="Powers", text="Look at the power of the variable."),
            Hint(text="A linear one has no squares."),
        ),
    ),
    AskedQuestion(id=2, type="numeric", prompt="Solve \\(2x + 3 = 11\\) for \\(x\\)."),
    AskedQuestion(id="third", type="true_false", prompt="Checking needs the original equation."),
)


def material(**changes: Any) -> Material:
    fields: dict[str, Any] = {
        "title": "Solving equations",
        "description": "One variable, one solution.",
        "content_type": "quiz",
        "course_title": "Elementary Algebra",
        "module_title": "Lesson 2.1",
        "module_path": ("Chapter 2", "Lesson 2.1"),
        "text": TEXT,
        "questions": QUESTIONS,
    }
    return Material(**{**fields, **changes})


def context(about: Material, *, locale: str = "en") -> Context:
    return Context(
        content_item_id=7,
        content_revision=1,
        prompt_version_id=3,
        system="You are a patient tutor.",
        material=about,
        model="a-model",
        parameters={"temperature": 0.25, "max_tokens": 512},
        locale=locale,
    )


def request(
    message: str = "Start.",
    *,
    about: Material | None = None,
    history: tuple[Said, ...] = (),
    cut: int = 0,
    note: Note | None = None,
    locale: str = "en",
) -> TutorRequest:
    return TutorRequest(
        context=context(material() if about is None else about, locale=locale),
        history=history,
        cut=cut,
        message=message,
        note=note,
    )


def answer(question_id: int | str, value: object) -> str:
    fields = {"answer": value, "questionId": question_id}
    return json.dumps(fields, separators=(",", ":"), sort_keys=True)


def verdict(
    question_id: int | str, *, correct: bool, given: str = "", key: str = "", why: str = ""
) -> Note:
    return Note(
        graded=Graded(question_id=question_id, correct=correct),
        answer=given,
        correct_answer=key,
        explanation=why,
    )


class Lesson:
    """A session with the offline tutor: each message with the history before it."""

    def __init__(self, about: Material | None = None) -> None:
        self.about = material() if about is None else about
        self.history: tuple[Said, ...] = ()

    def say(self, message: str, note: Note | None = None) -> str:
        reply = compose(request(message, about=self.about, history=self.history, note=note))
        graded = None if note is None else note.graded
        self.history += (
            Said(role="user", content=message, graded=graded),
            Said(role="assistant", content=reply),
        )
        return reply

    def answer(
        self, question_id: int | str, given: str, *, correct: bool, key: str = "", why: str = ""
    ) -> str:
        note = verdict(question_id, correct=correct, given=given, key=key, why=why)
        return self.say(answer(question_id, given), note)


def started(about: Material | None = None) -> Lesson:
    lesson = Lesson(about)
    lesson.say("Start.")
    return lesson
