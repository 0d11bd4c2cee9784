"""Which steps can be asked, and how: a step becomes a question with its key, or is skipped."""

import re
import unicodedata
from string import ascii_uppercase
from typing import Any

from msgspec import Struct

from twosigma.adapters.courses.oatutor_format import Pathway, Step
from twosigma.adapters.courses.oatutor_text import (
    has_figure,
    hint_texts,
    in_fixed_order,
    one_line,
    prompt_of,
    solution,
)
from twosigma.domain.imports import Skipped

_NUMBER = re.compile(r"(-?)(?:\\?\$)?(\d{1,15}(?:\.\d{1,15})?|\.\d{1,15})", re.ASCII)
_WORDS = re.compile(r"[^\W\d_]{2,}(?:[ '’-]+[^\W\d_]{2,})*")
MAX_WORDS = 60


class Asked(Struct, frozen=True):
    """A question as `data_json` has it, but for its id within the quiz."""

    pathway: Pathway
    question: dict[str, Any]


class _Unfit(Exception):
    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


def asked(pathway: Pathway) -> Asked | Skipped:
    """The step as a question, or why it cannot be one.

    Reasons: `figure` (what is asked needs a picture that is not here), `variables` (blanks to
    fill), `duplicate_choices`, `too_few_choices`, `answer_not_a_choice`, `several_answers`,
    `algebra` (an answer that only algebra could grade), `unknown_type`, `empty_prompt`.
    """
    step = pathway.step
    try:
        _check_whole(pathway)
        key, answer = _key(pathway)
    except _Unfit as unfit:
        return Skipped(external_id=step.id, reason=unfit.reason, detail=unfit.detail)
    return Asked(
        pathway,
        {
            **key,
            "prompt": prompt_of(pathway),
            "points": 1,
            "explanation": solution(pathway.hints, answer),
            "hints": hint_texts(pathway.hints),
            "source_id": step.id,
        },
    )


def _check_whole(pathway: Pathway) -> None:
    problem, step = pathway.problem, pathway.step
    if problem.variabilization or step.variabilization:
        raise _Unfit("variables", "has blanks to fill with variables")
    texts = problem.title, problem.body, step.step_title, step.step_body
    if has_figure(*texts, *step.choices, *step.step_answer):
        raise _Unfit("figure", "needs a figure that is not delivered")
    if not prompt_of(pathway):
        raise _Unfit("empty_prompt", "asks nothing")
    if len(step.step_answer) != 1:
        raise _Unfit("several_answers", f"has {len(step.step_answer)} answers, not one")


def _key(pathway: Pathway) -> tuple[dict[str, Any], str]:
    """Type, options and key, and the answer as a learner reads it."""
    step = pathway.step
    if step.problem_type == "MultipleChoice":
        return _choice(pathway)
    if step.problem_type == "TextBox":  # such a step may list choices all the same
        return _typed(step)
    raise _Unfit("unknown_type", f"{step.problem_type!r} cannot be asked")


def _choice(pathway: Pathway) -> tuple[dict[str, Any], str]:
    step = pathway.step
    right = step.step_answer[0]
    if len(step.choices) < 2:
        raise _Unfit("too_few_choices", f"has {len(step.choices)} choices")
    if len(set(map(_compared, step.choices))) < len(step.choices):
        raise _Unfit("duplicate_choices", "has the same choice twice")
    if right not in step.choices:  # as written: before any clean-up
        raise _Unfit("answer_not_a_choice", f"the answer {right!r} is not among the choices")
    order = step.choices if pathway.keeps_order else in_fixed_order(step.id, step.choices)
    ids = {choice: _letter(number) for number, choice in enumerate(order)}
    key = {
        "type": "single",
        "options": [{"id": ids[choice], "text": one_line(choice)} for choice in order],
        "correct": ids[right],
    }
    return key, one_line(right)


def _compared(choice: str) -> str:
    """What two choices must not share: the text a learner sees."""
    return unicodedata.normalize("NFKC", one_line(choice)).casefold()


def _letter(number: int) -> str:
    """A to Z, then AA, AB, …"""
    times, rest = divmod(number, len(ascii_uppercase))
    return (_letter(times - 1) if times else "") + ascii_uppercase[rest]


def _typed(step: Step) -> tuple[dict[str, Any], str]:
    """A plain number (an amount of dollars too) or a few plain words; all else is algebra."""
    written = step.step_answer[0].strip()
    bare = written.removeprefix("$$").removesuffix("$$").strip() if "$$" in written else written
    if number := _NUMBER.fullmatch(bare.replace("−", "-")):
        value = number[1] + ("0" if number[2].startswith(".") else "") + number[2]
        correct = value if "." in value else int(value)
        return {"type": "numeric", "correct": correct}, one_line(written)
    if len(written) <= MAX_WORDS and _WORDS.fullmatch(written):
        return {"type": "short_text", "correct": [written]}, written
    raise _Unfit("algebra", f"the answer {written!r} cannot be graded as a number or a word")
