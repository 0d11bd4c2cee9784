"""Class lists: a CSV text to addresses, and what becomes of each of them.

A record is one line, so that a stray quote costs its own line and no other.
"""

import csv
import re
from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum

from msgspec import Struct

from twosigma.domain import values
from twosigma.domain.enrollments import LEARNING, Enrollment
from twosigma.domain.errors import Invalid, invalid
from twosigma.domain.users import User

MAX_LINES = 5_000
MAX_TEXT = 1024 * 1024
_BREAK = re.compile(r"\r\n|\r|\n")
_DELIMITERS = ",;\t"
_HEADERS = frozenset({"email", "e-mail"})
_SHOWN = 254


class Entry(Struct, frozen=True):
    """A line with something in it: the address as accounts have it, or as it was written where
    it is none, and then what is wrong with it."""

    line: int
    email: str
    fault: str | None = None


class Outcome(StrEnum):
    ENROLLED = "enrolled"
    REACTIVATED = "reactivated"
    ALREADY_ENROLLED = "already_enrolled"
    INVITED = "invited"
    ALREADY_INVITED = "already_invited"
    INVALID = "invalid"
    INACTIVE = "inactive"


class Told(Struct, frozen=True, kw_only=True):
    """What became of a line."""

    line: int
    email: str
    outcome: Outcome
    detail: str | None = None


class Plan(Struct, frozen=True, kw_only=True):
    """What is to be written, each once, and what to tell of each line."""

    enroll: tuple[int, ...]
    reactivate: tuple[Enrollment, ...]
    invite: tuple[str, ...]
    told: tuple[Told, ...]


class Known(Struct, frozen=True, kw_only=True):
    """What there is: accounts by address, their enrollments in the offering by account, and the
    addresses that are invited to it."""

    users: Mapping[str, User]
    enrollments: Mapping[int, Enrollment]
    invited: Collection[str]


def read_class_list(text: str) -> tuple[Entry, ...]:
    """The lines that are not blank: of each its first cell, or the one under `email` where the
    first of them names its columns. Raises Invalid for too many, and for a text that is none."""
    kept = values.long_text(text, ("body", "csv"), MAX_TEXT).removeprefix("\ufeff")
    lines = [
        (number, line) for number, line in enumerate(_BREAK.split(kept), start=1) if line.strip()
    ]
    column, delimiter = 0, _DELIMITERS[0]
    header = _header(lines[0][1]) if lines else None
    if header is not None:
        (column, delimiter), lines = header, lines[1:]
    if len(lines) > MAX_LINES:
        msg = f"Must have at most {MAX_LINES} lines"
        raise invalid("csv", msg, "value_error.list.max_items")
    return tuple(_entry(number, line, column, delimiter) for number, line in lines)


def _header(line: str) -> tuple[int, str] | None:
    """Which column holds the addresses, and what is between columns; None for no header."""
    for delimiter in _DELIMITERS:
        names = [cell.strip().casefold() for cell in _cells(line, delimiter) or ()]
        for at, name in enumerate(names):
            if name in _HEADERS:
                return at, delimiter
    return None


def _cells(line: str, delimiter: str) -> Sequence[str] | None:
    try:
        return next(
            csv.reader([line.strip(" ")], delimiter=delimiter, strict=True, skipinitialspace=True)
        )
    except csv.Error:
        return None


def _entry(number: int, line: str, column: int, delimiter: str) -> Entry:
    cells = _cells(line, delimiter)
    if cells is None:
        return Entry(number, line.strip()[:_SHOWN], "Not a line of CSV")
    cell = cells[column].strip() if column < len(cells) else ""
    if not cell:
        return Entry(number, "", "No e-mail address")
    try:
        return Entry(number, values.email(cell))
    except Invalid as refused:
        return Entry(number, cell[:_SHOWN], refused.faults[0].msg)


_AGAIN = {
    Outcome.ENROLLED: Outcome.ALREADY_ENROLLED,
    Outcome.REACTIVATED: Outcome.ALREADY_ENROLLED,
    Outcome.INVITED: Outcome.ALREADY_INVITED,
}


def plan_class(entries: Sequence[Entry], known: Known) -> Plan:
    """What becomes of each line, one after another: a second line of an address finds what the
    first one did."""
    first: dict[str, Outcome] = {}
    told = []
    for entry in entries:
        if entry.fault is not None:
            outcome = Outcome.INVALID
        elif entry.email in first:
            outcome = _AGAIN.get(first[entry.email], first[entry.email])
        else:
            outcome = first[entry.email] = _outcome(entry.email, known)
        detail = "The account is inactive" if outcome is Outcome.INACTIVE else entry.fault
        told.append(Told(line=entry.line, email=entry.email, outcome=outcome, detail=detail))

    def emails(wanted: Outcome) -> list[str]:
        return [email for email, outcome in first.items() if outcome is wanted]

    back = (known.users[email].id for email in emails(Outcome.REACTIVATED))
    return Plan(
        enroll=tuple(known.users[email].id for email in emails(Outcome.ENROLLED)),
        reactivate=tuple(known.enrollments[user_id] for user_id in back),
        invite=tuple(emails(Outcome.INVITED)),
        told=tuple(told),
    )


def _outcome(email: str, known: Known) -> Outcome:
    user = known.users.get(email)
    if user is None:
        return Outcome.ALREADY_INVITED if email in known.invited else Outcome.INVITED
    enrollment = known.enrollments.get(user.id)
    if enrollment is not None and enrollment.status in LEARNING:
        return Outcome.ALREADY_ENROLLED
    if not user.is_active:
        return Outcome.INACTIVE
    return Outcome.ENROLLED if enrollment is None else Outcome.REACTIVATED
