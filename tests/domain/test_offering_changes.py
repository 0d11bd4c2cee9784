"""What an update of an offering may say, next to what is there already."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from twosigma.domain.catalog import Offering, OfferingFields, Visibility
from twosigma.domain.catalog_rules import OfferingChanges, changed_offering, checked_offering
from twosigma.domain.enrollments import require_seats
from twosigma.domain.errors import Conflict, Invalid

DAY = datetime(2026, 3, 1, tzinfo=UTC)
TIMES = ("starts_at", "ends_at", "enrollment_start", "enrollment_end")


def on(day: int) -> datetime:
    return DAY + timedelta(days=day)


def offering(**fields: Any) -> Offering:
    known = {"term_name": "Spring", "created_at": DAY, "updated_at": DAY}
    return Offering(id=1, course_id=2, **{**known, **fields})


def faults(before: Offering, **sent: Any) -> list[tuple[str | int, str]]:
    with pytest.raises(Invalid) as refused:
        changed_offering(before, OfferingChanges(**sent))
    return [(fault.loc[1], fault.msg) for fault in refused.value.faults]


def test_only_what_is_sent_changes() -> None:
    before = offering(starts_at=on(1), capacity=3, visibility=Visibility.UNLISTED)
    assert changed_offering(before, OfferingChanges()) == before
    after = changed_offering(before, OfferingChanges(term_name=" Fall ", starts_at=None))
    assert after == structs.replace(before, term_name="Fall", starts_at=None)


@pytest.mark.parametrize(
    ("stored", "sent", "fault"),
    [
        ({"starts_at": 5}, {"ends_at": 5}, ("ends_at", "Must be after starts_at")),
        ({"ends_at": 5}, {"starts_at": 5}, ("starts_at", "Must be before ends_at")),
        ({}, {"starts_at": 5, "ends_at": 4}, ("ends_at", "Must be after starts_at")),
        (
            {"enrollment_end": 2}, {"enrollment_start": 3},
            ("enrollment_start", "Must be before enrollment_end"),
        ),
        (
            {"ends_at": 2}, {"enrollment_end": 3},
            ("enrollment_end", "Must not be after ends_at"),
        ),
        (
            {"enrollment_end": 3}, {"ends_at": 2},
            ("ends_at", "Must not be before enrollment_end"),
        ),
    ],
)  # fmt: skip
def test_times_in_the_wrong_order_are_a_fault_of_the_later_or_of_the_one_that_was_sent(
    stored: dict[str, int], sent: dict[str, int], fault: tuple[str, str]
) -> None:
    before = offering(**{name: on(day) for name, day in stored.items()})
    assert faults(before, **{name: on(day) for name, day in sent.items()}) == [fault]


def test_all_faults_are_told_at_once() -> None:
    before = offering(starts_at=on(5), enrollment_start=on(5))
    sent = {"term_name": " ", "capacity": 0, "ends_at": on(1), "enrollment_end": on(2)}
    assert [name for name, _ in faults(before, **sent)] == [
        "term_name", "capacity", "ends_at", "enrollment_end", "ends_at",
    ]  # fmt: skip


days = st.none() | st.integers(0, 3).map(on)
times = st.fixed_dictionaries(dict.fromkeys(TIMES, days))


@settings(max_examples=200)
@given(times, st.fixed_dictionaries({}, optional=dict.fromkeys(TIMES, days)))
def test_an_update_is_refused_if_and_only_if_the_whole_would_be_where_it_was_good(
    stored: dict[str, Any], sent: dict[str, Any]
) -> None:
    before = offering(**stored)
    whole = OfferingFields(term_name="Spring", **{**stored, **sent})

    def is_good(fields: OfferingFields) -> bool:
        try:
            checked_offering(fields)
        except Invalid:
            return False
        return True

    blamed: set[object] = set()
    try:
        changed_offering(before, OfferingChanges(**sent))
    except Invalid as refused:
        blamed = {fault.loc[1] for fault in refused.faults}
    is_taken = not blamed
    assert blamed <= sent.keys()
    if is_good(OfferingFields(term_name="Spring", **stored)):
        assert is_taken == is_good(whole)
    assert not is_good(whole) or is_taken


def test_what_is_not_sent_is_not_blamed() -> None:
    crooked = offering(starts_at=on(3), ends_at=on(1))
    assert changed_offering(crooked, OfferingChanges(term_name="X")).term_name == "X"


@pytest.mark.parametrize(
    ("before", "after", "active", "is_refused"),
    [
        (None, 2, 2, False), (None, 1, 2, True), (5, 1, 2, True), (1, 1, 2, False),
        (1, None, 9, False), (5, 4, 4, False),
    ],
)  # fmt: skip
def test_a_new_capacity_has_a_seat_for_each_who_is_there(
    before: int | None, after: int | None, active: int, is_refused: bool
) -> None:
    old, new = offering(capacity=before), offering(capacity=after)
    if not is_refused:
        return require_seats(old, new, active)
    with pytest.raises(Conflict) as refused:
        require_seats(old, new, active)
    assert refused.value.code == "capacity_too_small"
    return None
