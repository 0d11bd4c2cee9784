"""Courses that somebody may like to join next, and why."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from twosigma.domain.catalog import Offering, Visibility
from twosigma.domain.enrollments import require_window
from twosigma.domain.errors import Conflict

MAX_RECOMMENDED = 5


class Reason(StrEnum):
    """Why a course is recommended: it is of a preferred subject; others learn there; it is open."""

    SUBJECT_PREFERENCE = "SUBJECT_PREFERENCE"
    POPULAR = "POPULAR"
    OPEN_NOW = "OPEN_NOW"


class Candidate(Struct, frozen=True, kw_only=True):
    """An offering of a published course that the account is not learning in. `active`: how many
    are in the offering; `learners`: how many learn or have learned in the course."""

    offering: Offering
    subject_id: int | None
    active: int
    learners: int


class Recommendation(Struct, frozen=True, kw_only=True):
    """A course to join, by which offering."""

    course_id: int
    course_offering_id: int
    reason: Reason


def recommended(
    candidates: Iterable[Candidate], preferences: Sequence[int], now: datetime
) -> list[Recommendation]:
    """At most five courses that can be joined now, each by its first offering of those: by the
    order of the preferred subjects (ids, the most wanted first), then by learners, then by id."""
    place = {subject_id: at for at, subject_id in enumerate(dict.fromkeys(preferences))}
    open_now: dict[int, Candidate] = {}
    for each in sorted(candidates, key=lambda one: one.offering.id):
        if _is_open(each, now):
            open_now.setdefault(each.offering.course_id, each)

    def rank(each: Candidate) -> tuple[int, int, int]:
        wanted = len(place) if each.subject_id is None else place.get(each.subject_id, len(place))
        return wanted, -each.learners, each.offering.course_id

    return [
        Recommendation(
            course_id=each.offering.course_id,
            course_offering_id=each.offering.id,
            reason=_reason(each, is_preferred=each.subject_id in place),
        )
        for each in sorted(open_now.values(), key=rank)[:MAX_RECOMMENDED]
    ]


def _is_open(each: Candidate, now: datetime) -> bool:
    if each.offering.visibility is not Visibility.PUBLIC:
        return False
    try:
        require_window(each.offering, each.active, now)
    except Conflict:
        return False
    return True


def _reason(each: Candidate, *, is_preferred: bool) -> Reason:
    if is_preferred:
        return Reason.SUBJECT_PREFERENCE
    return Reason.POPULAR if each.learners else Reason.OPEN_NOW
