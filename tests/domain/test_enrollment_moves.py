"""From which status to which, by whom: all pairs."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from msgspec import structs

from twosigma.domain.catalog import Offering
from twosigma.domain.enrollments import By, Enrollment, EnrollmentStatus, Opening, moved
from twosigma.domain.errors import Conflict

NOW = datetime(2026, 3, 1, tzinfo=UTC)
JOINED = NOW - timedelta(days=30)
ACTIVE, COMPLETED, DROPPED = EnrollmentStatus
OPEN = Offering(id=1, course_id=1, term_name="Spring", created_at=JOINED, updated_at=JOINED)
OPENINGS = {
    "open": Opening(offering=OPEN, active=10**6),
    "not yet": Opening(offering=structs.replace(OPEN, enrollment_start=NOW.max.replace(tzinfo=UTC)),
                       active=0),
    "over": Opening(offering=structs.replace(OPEN, enrollment_end=JOINED), active=0),
    "full": Opening(offering=structs.replace(OPEN, capacity=2), active=2),
}  # fmt: skip
REFUSED = {"not yet": "enrollment_closed", "over": "enrollment_closed", "full": "offering_full"}


def enrollment(status: EnrollmentStatus) -> Enrollment:
    return Enrollment(
        id=1, user_id=1, course_offering_id=1, course_id=1, status=status, enrolled_at=JOINED,
        completed_at=JOINED if status is COMPLETED else None,
        dropped_at=JOINED if status is DROPPED else None,
    )  # fmt: skip


def _wanted(
    before: EnrollmentStatus, to: EnrollmentStatus, by: By, *, is_complete: bool, opening: str
) -> str:
    """The table of the contract: "same", "ok", or the code of the refusal."""
    if before is to:
        return "same"
    if (before, to) == (ACTIVE, DROPPED):
        return "ok"
    if (before, to) == (ACTIVE, COMPLETED):
        return "ok" if is_complete or by is By.STAFF else "not_complete"
    if (before, to) == (DROPPED, ACTIVE):
        return "ok" if by is By.STAFF else REFUSED.get(opening, "ok")
    if (before, to) == (COMPLETED, ACTIVE) and by is By.STAFF:
        return "ok"
    return "status_fixed"


@pytest.mark.parametrize("opening", OPENINGS)
@pytest.mark.parametrize("is_complete", [True, False])
@pytest.mark.parametrize("by", list(By))
@pytest.mark.parametrize(("before", "to"), list(product(EnrollmentStatus, repeat=2)))
def test_f55_a_status_moves_as_the_table_says(
    before: EnrollmentStatus, to: EnrollmentStatus, by: By, is_complete: bool, opening: str
) -> None:
    row = enrollment(before)
    try:
        after = moved(
            row, to, by, is_complete=is_complete, opening=OPENINGS[opening], now=NOW
        )  # fmt: skip
    except Conflict as refused:
        outcome = refused.code
    else:
        outcome = "same" if after == row else "ok"
        assert after.status is to
    assert outcome == _wanted(before, to, by, is_complete=is_complete, opening=opening)


def move(before: EnrollmentStatus, to: EnrollmentStatus) -> Enrollment:
    return moved(
        enrollment(before), to, By.STAFF, is_complete=False, opening=OPENINGS["open"], now=NOW
    )


def test_each_move_leaves_its_time_and_takes_back_what_no_longer_holds() -> None:
    active = enrollment(ACTIVE)
    assert move(ACTIVE, COMPLETED) == structs.replace(active, status=COMPLETED, completed_at=NOW)
    assert move(ACTIVE, DROPPED) == structs.replace(active, status=DROPPED, dropped_at=NOW)
    for before in (DROPPED, COMPLETED):
        assert move(before, ACTIVE) == structs.replace(active, reactivated_at=NOW)
