"""A question as the learner reads it."""

import string
from collections.abc import Mapping

from twosigma.adapters.offline.layout import inline
from twosigma.adapters.offline.phrases import Phrases
from twosigma.domain.quiz import AskedQuestion


def labels(question: AskedQuestion) -> Mapping[str, str]:
    """Option id (as text) → the letter it is shown with: its own id where all ids are single
    letters, else A, B, … in order."""
    ids = [str(option.id) for option in question.options]
    own = [one.upper() for one in ids]
    if all(one in string.ascii_uppercase and len(one) == 1 for one in own) and len(set(own)) == len(
        own
    ):
        return dict(zip(ids, own, strict=True))
    return {one: _letter(index) for index, one in enumerate(ids)}


def _letter(index: int) -> str:
    above, rest = divmod(index, 26)
    return (_letter(above - 1) if above else "") + string.ascii_uppercase[rest]


def heading(number: int, total: int, say: Phrases) -> str:
    """The line a question is asked under."""
    return say.asked.format(number=number, total=total)


def ask(question: AskedQuestion, number: int, total: int, say: Phrases) -> str:
    """The whole question: its prompt, its choices with letters, and how to answer it."""
    shown = labels(question)
    choices = "\n".join(
        f"- **{shown[str(option.id)]})** " + option.text.strip().replace("\n", "\n  ")
        for option in question.options
    )
    how = say.how[question.type].format(labels=", ".join(shown.values()))
    blocks = (heading(number, total, say), question.prompt.strip(), choices, how)
    return "\n\n".join(block for block in blocks if block)


def answer_shown(value: str, question: AskedQuestion, say: Phrases) -> str:
    """An answer as the verdict's note words it (choices by their texts, joined by `; `), with
    the letters of the choices."""
    text = value.strip()
    if question.type == "true_false":
        return {"true": say.true, "false": say.false}.get(text.casefold(), inline(text))
    shown = labels(question)
    by_text = {option.text.strip(): shown[str(option.id)] for option in question.options}
    chosen = [text] if text in by_text else [piece.strip() for piece in text.split("; ")]
    if not all(piece in by_text for piece in chosen):
        return inline(text)
    return "; ".join(f"**{by_text[piece]})** {inline(piece)}" for piece in chosen)
