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


class ActivityEvent(Struct, frozen=True, kw_only=True):
    """Something a learner did. The fields below `as_staff` are a chat turn's."""

    user_id: int
    occurred_at: datetime
    time_zone: str
    kind: Literal["chat_turn"]
    course_id: int
    content_item_id: int
    as_staff: bool
    session_id: int
    turn_id: str
    outcome: Outcome
    reason: str | None = None
    node_id: int | None = None
    question_id: str | None = None
    answer: str | None = None
    correct: bool | None = None
