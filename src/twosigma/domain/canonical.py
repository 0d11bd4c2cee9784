"""Plain forms of what learners type: equal meaning, equal bytes.

The generic form of an answer needs no question: text in NFC and trimmed, numbers in their
shortest plain form, lists without repeats and sorted by their members' JSON.
"""

import json
import re
from decimal import Decimal
from math import isfinite
from unicodedata import normalize

from twosigma.domain.questions import QuestionId

Scalar = bool | int | float | str
Answer = Scalar | tuple[Scalar, ...]

NUMBER_LIMIT = 10**15
TEXT_LIMIT = 200
ID_LIMIT = 64
LIST_LIMIT = 32
_INT64 = range(-(2**63), 2**63)
# ASCII digits only: `\d`, int() and Decimal() take those of every script, and underscores.
_DECIMAL = re.compile(r"[+-]?[0-9]{1,15}(?:[.,][0-9]{1,15})?")


def plain_text(text: str) -> str:
    """The text in NFC, trimmed."""
    return normalize("NFC", text).strip()


def folded_text(text: str) -> str:
    """The text for comparison: NFKC, then casefold, then NFKC, for folding may leave marks that
    compose (`ß́`: without it, folding twice is not folding once); white space collapsed."""
    return " ".join(normalize("NFKC", normalize("NFKC", text).casefold()).split())


def decimal_of(value: object) -> Decimal | None:
    """The exact number a JSON number below 10¹⁵ in size, or a text of at most 15 digits on each
    side of a point or comma, stands for; None for anything else, booleans included."""
    if isinstance(value, str):
        text = plain_text(value)
        return Decimal(text.replace(",", ".")) if _DECIMAL.fullmatch(text) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, float):
        return Decimal(repr(value)) if isfinite(value) and abs(value) < NUMBER_LIMIT else None
    return Decimal(value) if abs(value) < NUMBER_LIMIT else None


def plain_decimal(number: Decimal) -> str:
    """The number without exponent, needless zeros or a sign on zero."""
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text.strip("-0") == "" else text


def json_number(number: Decimal) -> int | float | str:
    """The JSON value that reads back as this very number: an integer, a float, or (where a float
    would round it) its plain text."""
    text = plain_decimal(number)
    if "." not in text:
        return int(text)
    as_float = float(text)
    return as_float if plain_decimal(Decimal(repr(as_float))) == text else text


def plain_id(value: object) -> QuestionId | None:
    """An id a message may name: a 64-bit integer, or text of at most 64 characters once trimmed
    and in NFC; None for anything else (`1.0` and `true` are no integers)."""
    if isinstance(value, str):
        text = plain_text(value)
        return text if len(text) <= ID_LIMIT else None
    if isinstance(value, int) and not isinstance(value, bool) and value in _INT64:
        return value
    return None


def id_text(value: QuestionId) -> str:
    """What ids are compared by: `1` and `"1"` name the same."""
    return plain_text(str(value))


def plain_scalar(value: object) -> Scalar | None:
    """One value of an answer in its generic form; None if it may not stand in an answer."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        # Measured after NFC, which may lengthen: a canonical form must itself be acceptable.
        text = plain_text(value)
        return text if len(text) <= TEXT_LIMIT else None
    number = decimal_of(value)
    return None if number is None else json_number(number)


def plain_answer(value: object) -> Answer | None:
    """An answer in its generic form; None if it is none (contract: text ≤ 200, number below 10¹⁵,
    boolean, or a list of ≤ 32 of these)."""
    if not isinstance(value, list | tuple):
        return plain_scalar(value)
    if len(value) > LIST_LIMIT:
        return None
    members = [plain_scalar(member) for member in value]
    kept = [member for member in members if member is not None]
    return sorted_unique(kept) if len(kept) == len(members) else None


def sorted_unique(members: list[Scalar]) -> tuple[Scalar, ...]:
    """The members without repeats, sorted by their JSON."""
    by_token = {json_text(member): member for member in members}
    return tuple(by_token[token] for token in sorted(by_token))


def json_text(value: Answer) -> str:
    """Compact JSON of a value in canonical form; numbers are written without exponent."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return plain_decimal(Decimal(repr(value)))
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return "[" + ",".join(json_text(member) for member in value) + "]"


def answer_json(question_id: QuestionId, answer: Answer) -> str:
    """The canonical text of a quiz answer: sorted keys, no spaces."""
    return f'{{"answer":{json_text(answer)},"questionId":{json_text(question_id)}}}'
