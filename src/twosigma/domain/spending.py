"""What models cost, in tokens: what a call took; how much an account, and a course, may take."""

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from math import ceil

from msgspec import Struct

from twosigma.domain.llm import Delta, Piece, TutorRequest, Usage
from twosigma.domain.rendering import conversation, system_prompt

BYTES_A_TOKEN = 4
"""What a token is taken for where nobody counts: four bytes of UTF-8, which is about four letters
of English, two of Russian, and a little more than one sign of Chinese."""
KEPT_DAYS = 400
"""For how many days what was spent is kept: a year, and a month to look back at it."""


class PurseKind(StrEnum):
    LEARNER = "learner"
    COURSE = "course"


class Purse(Struct, frozen=True, kw_only=True):
    """Whose tokens are counted."""

    kind: PurseKind
    id: int


class Payer(Struct, frozen=True, kw_only=True):
    """Who pays for a call: the account that asked, and the course that it asked in."""

    user_id: int
    course_id: int

    @property
    def learner(self) -> Purse:
        return Purse(kind=PurseKind.LEARNER, id=self.user_id)

    @property
    def course(self) -> Purse:
        return Purse(kind=PurseKind.COURSE, id=self.course_id)


class Budgets(Struct, frozen=True, kw_only=True):
    """How many tokens each account, and each course, may take a day; None: as many as they
    like."""

    learner: int | None = None
    course: int | None = None


class DaySpent(Struct, frozen=True, kw_only=True):
    """What a purse spent on one day."""

    day: date
    usage: Usage


def may_spend(spent: Usage, budget: int | None) -> bool:
    """Whether another call may begin. What it will take is not known before it ended, so the
    last one of a day may go beyond."""
    return budget is None or spent.total < budget


def day_of(now: datetime) -> date:
    """The day that tokens are counted for: the same for all, so UTC's."""
    return now.astimezone(UTC).date()


def until_next_day(now: datetime) -> int:
    """In how many seconds (whole, at least 1) the next day begins."""
    tomorrow = datetime.combine(day_of(now) + timedelta(days=1), time(), UTC)
    return ceil((tomorrow - now).total_seconds())


def kept_since(now: datetime) -> date:
    """The first day of which what was spent is kept."""
    return day_of(now) - timedelta(days=KEPT_DAYS)


def estimate(*texts: str) -> int:
    """About how many tokens these texts are, rounded up."""
    size = sum(len(text.encode("utf-8", "surrogatepass")) for text in texts)
    return -(-size // BYTES_A_TOKEN)


class Meter:
    """Counts one call of a model, as far as it comes."""

    def __init__(self, request: TutorRequest) -> None:
        self._request = request
        self._said: list[str] = []
        self._told: Usage | None = None
        self._was_refused = False

    def take(self, piece: Piece) -> None:
        """A piece of the reply came, its end, or what it took."""
        if isinstance(piece, Delta):
            self._said.append(piece.text)
            self._told = None  # a count that came before this piece does not cover it
        elif isinstance(piece, Usage):
            self._told = piece

    def refuse(self) -> None:
        """The service refused, or broke off."""
        self._was_refused = True

    @property
    def usage(self) -> Usage:
        """What the call took: as the service counts; estimated where it did not tell, as of a
        call that was cut or given up. A call refused before its first piece took nothing."""
        if self._told is not None:
            return self._told
        if self._was_refused and not self._said:
            return Usage()
        sent = [content for _, content in conversation(self._request)]
        return Usage(
            input=estimate(system_prompt(self._request), *sent), output=estimate(*self._said)
        )
