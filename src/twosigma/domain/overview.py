"""What somebody sees first: what they did last."""

from datetime import datetime

from msgspec import Struct

from twosigma.domain.activity import Kind

MAX_RECENT = 10


class RecentActivity(Struct, frozen=True, kw_only=True):
    """Something that an account did, with what it did it in. Where that is gone, it has no
    title."""

    type: Kind
    course_id: int | None
    module_id: int | None
    content_item_id: int | None
    title: str | None
    occurred_at: datetime
