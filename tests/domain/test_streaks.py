"""Streaks: examples of each rule, then against a plain model."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import strategies as some
from twosigma.domain.streaks import EMPTY, StreakState, advance, local_date, shown, streak

NEW_YORK, KIRITIMATI, PAGO = "America/New_York", "Pacific/Kiritimati", "Pacific/Pago_Pago"


def at(local: str, zone: str = "UTC") -> tuple[datetime, str]:
    return datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC), zone


@pytest.mark.parametrize(
    ("moments", "days"),
    [
        ([], 0),
        (["2026-03-01T12:00"], 1),
        (["2026-03-01T00:00", "2026-03-01T23:59"], 1),
        (["2026-03-01T23:59", "2026-03-02T00:00"], 2),
        (["2026-03-01T00:00", "2026-03-02T23:59", "2026-03-03T00:00"], 3),
        (["2026-03-01T12:00", "2026-03-03T00:00"], 1),
        (["2026-02-28T12:00", "2026-03-01T00:00"], 2),
        (["2026-03-01T12:00", "2026-03-02T12:00", "2026-03-05T12:00", "2026-03-06T12:00"], 2),
    ],
)
def test_days_in_a_row_are_counted(moments: list[str], days: int) -> None:
    assert streak(at(moment) for moment in moments).days == days


def test_f73_the_short_and_the_long_day_of_a_clock_change_are_days_like_others() -> None:
    spring = ["2026-03-07T23:59", "2026-03-08T00:01", "2026-03-08T23:59", "2026-03-09T00:00"]
    autumn = ["2026-10-31T23:59", "2026-11-01T00:30", "2026-11-01T23:30", "2026-11-02T00:00"]
    for moments in (spring, autumn):
        assert streak(at(moment, NEW_YORK) for moment in moments).days == 3


def test_f73_the_day_lost_by_flying_east_breaks_nothing() -> None:
    left, landed = at("2026-03-09T20:00", NEW_YORK), at("2026-03-11T15:30", KIRITIMATI)
    state = streak([left, landed])
    assert (state.days, state.last_date) == (2, date(2026, 3, 11))
    # Three dates later within 48 h: from the eve of one day at -11 h to the third at +14 h.
    assert streak([at("2026-03-09T00:30", PAGO), at("2026-03-12T00:10", KIRITIMATI)]).days == 2


def test_f73_a_day_that_was_skipped_at_home_too_breaks_the_streak() -> None:
    start = at("2026-03-09T00:10", NEW_YORK)
    late = at("2026-03-11T00:05", NEW_YORK)[0]
    assert late - start[0] < timedelta(hours=48)
    assert streak([start, (late, KIRITIMATI)]).days == 1
    assert streak([start, (late, NEW_YORK)]).days == 1
    assert streak([start, at("2026-03-12T01:00", KIRITIMATI)]).days == 1


def test_a_skipped_day_is_forgiven_for_less_than_48_hours_only() -> None:
    start = at("2026-03-09T00:00", NEW_YORK)
    state = StreakState(
        days=5, last_date=date(2026, 3, 10), last_instant=start[0], last_zone=KIRITIMATI
    )
    east = start[0] + timedelta(hours=48)
    assert local_date(east, NEW_YORK) == date(2026, 3, 11)
    assert advance(state, east, NEW_YORK).days == 6
    behind = StreakState(
        days=5, last_date=date(2026, 3, 9), last_instant=start[0], last_zone="Etc/GMT+12"
    )
    assert local_date(east, "Etc/GMT+12") == date(2026, 3, 10)
    assert advance(behind, east, NEW_YORK).days == 1
    assert advance(behind, east - timedelta(seconds=1), KIRITIMATI).days == 6


def test_f73_flying_west_repeats_a_day_and_loses_none() -> None:
    state = streak([at("2026-03-09T12:00", KIRITIMATI), at("2026-03-10T06:00", KIRITIMATI)])
    west = advance(state, *at("2026-03-09T14:00", NEW_YORK))
    assert (west.days, west.last_date) == (2, date(2026, 3, 10))
    assert west.last_zone == NEW_YORK
    assert shown(west, *at("2026-03-09T15:00", NEW_YORK)) == (2, date(2026, 3, 10))
    assert advance(west, *at("2026-03-11T15:00", NEW_YORK)).days == 3


def test_f73_a_clock_set_back_changes_nothing() -> None:
    state = streak([at("2026-03-09T12:00"), at("2026-03-10T12:00")])
    assert advance(state, *at("2026-03-01T12:00", NEW_YORK)) == state


def test_a_streak_is_shown_today_and_tomorrow() -> None:
    state = streak([at("2026-03-09T12:00", NEW_YORK), at("2026-03-10T12:00", NEW_YORK)])
    last = date(2026, 3, 10)
    assert shown(state, *at("2026-03-10T12:00", NEW_YORK)) == (2, last)
    assert shown(state, *at("2026-03-11T23:59", NEW_YORK)) == (2, last)
    assert shown(state, *at("2026-03-12T00:00", NEW_YORK)) == (0, last)
    assert shown(state, at("2026-03-11T23:59", NEW_YORK)[0], KIRITIMATI) == (0, last)
    assert shown(EMPTY, *at("2026-03-12T00:00")) == (0, None)


@pytest.mark.parametrize("zone", ["", "utc/nowhere", "America", "../../etc/passwd", "\0", "\ud800"])
def test_f17_an_unknown_zone_counts_as_utc(zone: str) -> None:
    assert local_date(datetime(2026, 3, 10, 23, 30, tzinfo=UTC), zone) == date(2026, 3, 10)


def test_the_ends_of_the_calendar_are_days_too() -> None:
    assert local_date(datetime.max.replace(tzinfo=UTC), KIRITIMATI) == date.max


def _model(events: list[tuple[datetime, str]]) -> int:
    """The rule of the contract, word for word, over events in order of time."""
    days, last, before = 0, date.min, None
    for instant, zone in events:
        today = instant.astimezone(ZoneInfo(zone)).date()
        if before is None:
            days = 1
        elif today > last:
            home = instant.astimezone(ZoneInfo(before[1])).date()
            flew = before[1] != zone and instant - before[0] < timedelta(hours=48)
            is_next = today == last + timedelta(1) or (flew and home <= last + timedelta(1))
            days = days + 1 if is_next else 1
        last, before = max(last, today), (instant, zone)
    return days


@st.composite
def journeys(draw: st.DrawFn) -> list[tuple[datetime, str]]:
    """Activities of one learner in order of time, often some hours apart, in changing zones."""
    instant = draw(some.instants)
    events = []
    for gap in draw(st.lists(st.integers(1, 60 * 50), max_size=12)):
        events.append((instant, draw(some.zones)))
        instant += timedelta(minutes=gap)
    return events


@given(journeys())
def test_f73_any_journey_counts_as_the_rule_says(events: list[tuple[datetime, str]]) -> None:
    assert streak(events).days == _model(events)
    assert streak(reversed(events)) == streak(events)


@given(st.lists(st.tuples(some.instants, some.zones), min_size=1, max_size=10))
def test_f73_whatever_the_clock_does_a_local_day_adds_one_at_most(
    events: list[tuple[datetime, str]],
) -> None:
    state = EMPTY
    for instant, zone in events:
        after = advance(state, instant, zone)
        assert after.last_date is not None
        assert after.last_instant is not None
        if state.last_date is not None and state.last_instant is not None:
            assert after.last_date >= state.last_date
            assert after.last_instant >= state.last_instant
            if local_date(instant, zone) <= state.last_date:
                assert after.days == state.days
        assert after.days in (state.days, state.days + 1, 1)
        assert shown(after, instant, zone)[0] == after.days
        state = after
    assert state.days <= len({local_date(*event) for event in events})
