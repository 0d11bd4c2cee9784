"""Progress: what learners report of their work, merged so that nothing that was reached is lost."""

from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct, structs

from twosigma.domain.checks import Checks
from twosigma.domain.errors import Fault

WHOLE = 100
MAX_AHEAD = timedelta(minutes=5)
"""How far a learner's clock may be ahead of ours."""


class Target(StrEnum):
    """What progress is made in."""

    CONTENT = "content"
    MODULE = "module"


class Report(Struct, frozen=True, kw_only=True):
    """What a learner says: how far, and, of what is complete, since when."""

    progress_percent: int
    completed_at: datetime | None = None


class State(Struct, frozen=True, kw_only=True):
    """How far somebody is; `completed_at` is there if and only if the percent is 100."""

    progress_percent: int
    started_at: datetime
    completed_at: datetime | None
    updated_at: datetime


class Progress(State, frozen=True, kw_only=True):
    """One row for each account, target (an item or a module, `target_id`) and offering."""

    id: int
    user_id: int
    target_id: int
    course_offering_id: int


def checked_report(percent: float, completed_at: datetime | None, now: datetime) -> Report:
    """The report with its percent's fraction dropped; raises Invalid with all faults."""
    checks, at = Checks(), ("body", "completed_at")
    is_known = 0 <= percent <= WHOLE
    kind = "not_le" if percent > WHOLE else "not_ge"
    checks.that(
        is_known,
        Fault(
            ("body", "progress_percent"), "Must be between 0 and 100", f"value_error.number.{kind}"
        ),
    )
    if completed_at is not None:
        checks.that(
            not is_known or percent == WHOLE,
            Fault(at, "Only what is at 100 percent is complete", "value_error"),
        )
        checks.that(
            completed_at - now <= MAX_AHEAD, Fault(at, "Must not be in the future", "value_error")
        )
    checks.done()
    return Report(progress_percent=int(percent), completed_at=completed_at)


def merged(before: State | None, report: Report, *, enrolled_at: datetime, now: datetime) -> State:
    """The state after a report: the highest percent, the first completion (never before the
    enrollment), the first start. A report that raises nothing changes nothing."""
    completed_at = None
    if report.progress_percent == WHOLE:
        completed_at = max(report.completed_at or now, enrolled_at)
    if before is None:
        return State(
            progress_percent=report.progress_percent,
            started_at=now,
            completed_at=completed_at,
            updated_at=now,
        )
    after = State(
        progress_percent=max(before.progress_percent, report.progress_percent),
        started_at=before.started_at,
        completed_at=before.completed_at or completed_at,
        updated_at=before.updated_at,
    )
    if after.progress_percent == before.progress_percent:
        return after
    return structs.replace(after, updated_at=max(before.updated_at, now))
