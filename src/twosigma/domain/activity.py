"""Activity events: the append-only record that streaks, hits and analytics are counted from."""

from datetime import datetime
from enum import StrEnum
from typing import Literal

from msgspec import Struct

Active = tuple[datetime, str]
"""An instant and the time zone that its learner was in."""


class Outcome(StrEnum):
    """What a turn cost (`chat_turn` events)."""

    HIT = "hit"
    MISS = "miss"
    FREE = "free"
    OFF = "off"


Kind = Literal["chat_turn", "progress"]


class ActivityEvent(Struct, frozen=True, kw_only=True):
    """Something a learner did. `module_id`: of what was done with a module as a whole. The fields
    below `as_staff` are a chat turn's, and each of those has the first three."""

    user_id: int
    occurred_at: datetime
    time_zone: str
    kind: Kind
    course_id: int | None = None
    module_id: int | None = None
    content_item_id: int | None = None
    as_staff: bool
    session_id: int | None = None
    turn_id: str | None = None
    outcome: Outcome | None = None
    reason: str | None = None
    node_id: int | None = None
    question_id: str | None = None
    answer: str | None = None
    correct: bool | None = None
