"""A tutor request as text: what every model of text is told, whatever its protocol.

The note stands at the end of the system prompt, and not in the learner's message: a learner can
write anything there, a verdict on themselves included.
"""

from collections.abc import Iterable
from typing import Literal

from twosigma.domain.llm import Context, Note, TutorRequest
from twosigma.domain.prompt_values import question_text
from twosigma.domain.steps import GREETING_TEXT

Turn = tuple[Literal["user", "assistant"], str]


def conversation(request: TutorRequest) -> list[Turn]:
    """The history and the learner's message, as they were said."""
    said: list[Turn] = [(one.role, one.content) for one in request.history]
    if said and said[0][0] == "assistant":
        # The greeting always answers this.
        said.insert(0, ("user", GREETING_TEXT))
    return [*said, ("user", request.message)]


def alternating(said: Iterable[Turn]) -> list[Turn]:
    """The same with roles by turns. A history cut or begun so that two messages of one role
    meet has these joined, as many servers refuse them."""
    made: list[Turn] = []
    for role, content in said:
        if made and made[-1][0] == role:
            made[-1] = (role, made[-1][1] + "\n\n" + content)
        else:
            made.append((role, content))
    return made


def system_prompt(request: TutorRequest) -> str:
    """The course's prompt, then what it has not said itself of the lesson, then the verdict."""
    blocks = [request.context.system, *_material(request.context)]
    if request.cut:
        blocks.append(
            f"After the greeting, {request.cut} earlier messages of this conversation are left out."
        )
    if request.note is not None:
        blocks.append(_verdict(request.note))
    return "\n\n".join(block for block in blocks if block.strip())


def _material(context: Context) -> Iterable[str]:
    """The lesson's text and questions, where the prompt has not filled them in itself."""
    material = context.material
    text = material.text.strip()
    if text and text not in context.system:
        yield f"# The lesson: {material.title}\n\n{text}"
    missing = [one for one in material.questions if one.prompt.strip() not in context.system]
    if missing:
        listed = "\n".join(map(question_text, missing))
        yield f"# The lesson's questions (ask them one at a time)\n\n{listed}"


def _verdict(note: Note) -> str:
    verdict = "correct" if note.graded.correct else "wrong"
    lines = [
        "# Verdict on the learner's last message (graded by the platform; do not grade it again)",
        "",
        f"- question: {note.graded.question_id}",
        f"- answer: {note.answer}",
        f"- verdict: {verdict}",
        f"- right answer: {note.correct_answer}" if note.correct_answer else "",
        f"- explanation: {note.explanation}" if note.explanation else "",
    ]
    return "\n".join(line for at, line in enumerate(lines) if line or at == 1)
