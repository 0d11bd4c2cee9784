"""A learner's line in the terminal: the answer to an item's question, or free text."""

import json
import re
import string
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from twosigma.domain.questions import AskedQuestion

EXPLICIT = "="
"""A line that begins with this is an answer, whatever follows."""

_NUMBER = re.compile(r"[+-]?\d{1,15}([.,]\d{1,15})?", re.ASCII)
_TRUTH = {"true": True, "t": True, "yes": True, "false": False, "f": False, "no": False}
_LETTERS = string.ascii_uppercase


class _Listed(Struct, frozen=True):
    questions: tuple[AskedQuestion, ...] = ()


def questions_in(data: Mapping[str, object]) -> tuple[AskedQuestion, ...]:
    """The questions in an item's `data_json`; none where they have another shape."""
    try:
        return msgspec.convert(data, _Listed).questions
    except msgspec.ValidationError:
        return ()


def labels(question: AskedQuestion) -> dict[str, int | str]:
    """The letter that each choice is shown with → its id. Ids that are letters are their own;
    more choices than letters are numbered."""
    own = [str(option.id).upper() for option in question.options]
    if not (all(len(one) == 1 and one in _LETTERS for one in own) and len(set(own)) == len(own)):
        count = len(own)
        own = list(_LETTERS[:count]) if count <= len(_LETTERS) else _numbers(count)
    return {label: option.id for label, option in zip(own, question.options, strict=True)}


def answer_to(question: AskedQuestion, line: str) -> str | None:
    """The message that answers the question (compact JSON); None: the line is free text."""
    text = line.strip()
    is_explicit = text.startswith(EXPLICIT)
    text = text.removeprefix(EXPLICIT).strip()
    value = _value(question, text)
    if value is None and is_explicit and text:
        value = text
    if value is None:
        return None
    return json.dumps(
        {"questionId": question.id, "answer": value}, ensure_ascii=False, separators=(",", ":")
    )


def how(question: AskedQuestion) -> str:
    """How to answer it, in a line."""
    ways: Mapping[str, str] = {
        "single": f"answer {' '.join(labels(question))}",
        "multiple": f"answer with all that apply, like {','.join(list(labels(question))[:2])}",
        "true_false": "answer true or false",
        "numeric": "answer with a number",
    }
    return ways.get(question.type, f"answer with {EXPLICIT} and your answer")


def _value(question: AskedQuestion, text: str) -> Any:
    if question.type == "single":
        chosen = _chosen(question, [text.rstrip(").")])
        return chosen[0] if chosen else None
    if question.type == "multiple":
        parts = re.split(r"[\s,;]+", text.rstrip(").")) if len(text) > 1 else [text]
        return _chosen(question, parts) or _chosen(question, list(text))
    if question.type == "true_false":
        return _TRUTH.get(text.casefold())
    if question.type == "numeric":
        return text if _NUMBER.fullmatch(text) else None
    return None


def _chosen(question: AskedQuestion, parts: Sequence[str]) -> list[int | str] | None:
    """The ids of the choices that these letters or numbers (counted from 1) name."""
    by_label = labels(question)
    by_number = dict(zip(_numbers(len(by_label)), by_label.values(), strict=True))
    known = {**by_number, **by_label}
    wanted = [part.upper() for part in parts]
    if not wanted or any(one not in known for one in wanted):
        return None
    return [known[one] for one in wanted]


def _numbers(count: int) -> list[str]:
    return [str(number) for number in range(1, count + 1)]
