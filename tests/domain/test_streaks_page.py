"""The tables of docs/streaks.md, run row by row."""

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from msgspec import Struct

from twosigma.domain.streaks import EMPTY, advance, shown

PAGE = Path(__file__).parents[2] / "docs" / "streaks.md"
HEAD = ["local time", "zone", "does", "streak", "last day"]


class Row(Struct, frozen=True):
    """One row of a table: when and where somebody works or looks, and what is shown then."""

    local: str
    zone: str
    does: str
    streak: int
    last: date | None

    @property
    def instant(self) -> datetime:
        here = datetime.fromisoformat(self.local).replace(tzinfo=ZoneInfo(self.zone))
        return here.astimezone(UTC)


def tables() -> dict[str, list[Row]]:
    """The rows under each heading that has a table."""
    found: dict[str, list[Row]] = {}
    heading = ""
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            heading = line[3:]
        elif line.startswith("|") and not line.startswith("| ---"):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            if cells == HEAD:
                found[heading] = []
                continue
            local, zone, does, streak, last = cells
            day = date.fromisoformat(last) if last else None
            found[heading].append(Row(local, zone, does, int(streak), day))
    return found


def test_the_page_has_a_learner_of_each_kind() -> None:
    zones = {heading: {row.zone for row in rows} for heading, rows in tables().items()}
    assert list(zones.values()) == [
        {"America/New_York"},
        {"Pacific/Kiritimati"},
        {"America/New_York", "Pacific/Kiritimati"},
    ]
    assert all({row.does for row in rows} == {"works", "looks"} for rows in tables().values())


@pytest.mark.parametrize("heading", tables())
def test_f73_each_row_is_what_happens(heading: str) -> None:
    state, before = EMPTY, datetime.min.replace(tzinfo=UTC)
    for row in tables()[heading]:
        assert row.instant > before, f"{row} comes before what is above it"
        before = row.instant
        if row.does == "works":
            state = advance(state, row.instant, row.zone)
        assert shown(state, row.instant, row.zone) == (row.streak, row.last), row
