"""Streaks: how many local calendar days in a row a learner was active.

The day of an event is the one of the user's time zone at that moment.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from operator import itemgetter
from zoneinfo import ZoneInfo

from msgspec import Struct

_TRAVEL = timedelta(hours=48)
_DAY = timedelta(days=1)


class StreakState(Struct, frozen=True, kw_only=True):
    """A streak as it was after the last event; the empty state has no dates."""

    days: int = 0
    last_date: date | None = None
    last_instant: datetime | None = None
    last_zone: str = "UTC"


EMPTY = StreakState()


@lru_cache(maxsize=1024)
def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown, no name of a zone, a directory of zones
        return UTC


def local_date(instant: datetime, zone: str) -> date:
    """The calendar day of an aware instant in an IANA zone; UTC's where the zone is unknown or
    the calendar ends."""
    try:
        return instant.astimezone(_zone(zone)).date()
    except OverflowError:
        return instant.date()


def advance(state: StreakState, instant: datetime, zone: str) -> StreakState:
    """The state after an activity at `instant` (aware) in `zone`.

    The same local day, or an earlier one (travel west, a clock set back), changes no count; the
    next day adds one; a later one starts again at 1, unless days were skipped only because the
    zone changed and less than 48 h passed: that adds one too.
    """
    today = local_date(instant, zone)
    if state.last_date is None or state.last_instant is None:
        return StreakState(days=1, last_date=today, last_instant=instant, last_zone=zone)
    is_later = instant >= state.last_instant
    return StreakState(
        days=_days(state, state.last_date, today, is_travel=_is_travel(state, instant, zone)),
        last_date=max(state.last_date, today),
        last_instant=instant if is_later else state.last_instant,
        last_zone=zone if is_later else state.last_zone,
    )


def _days(state: StreakState, last: date, today: date, *, is_travel: bool) -> int:
    if today <= last:
        return state.days
    return state.days + 1 if today - last == _DAY or is_travel else 1


def _is_travel(state: StreakState, instant: datetime, zone: str) -> bool:
    """Whether no day would have been skipped had the learner stayed in the last zone."""
    if state.last_date is None or state.last_instant is None or zone == state.last_zone:
        return False
    skipped_at_home = local_date(instant, state.last_zone) - state.last_date > _DAY
    return instant - state.last_instant < _TRAVEL and not skipped_at_home


def streak(events: Iterable[tuple[datetime, str]]) -> StreakState:
    """The state after these activities (aware instant, zone name), in any order but for events of
    one instant, which count as they come."""
    state = EMPTY
    for instant, zone in sorted(events, key=itemgetter(0)):
        state = advance(state, instant, zone)
    return state


def shown(state: StreakState, now: datetime, zone: str) -> tuple[int, date | None]:
    """The streak to show now in the user's zone, and the last active day.

    A streak stands while its last day is today or yesterday; also while it is yet to come, which
    only those see who flew west.
    """
    if state.last_date is None:
        return 0, None
    is_alive = local_date(now, zone) - state.last_date <= _DAY
    return (state.days if is_alive else 0), state.last_date
