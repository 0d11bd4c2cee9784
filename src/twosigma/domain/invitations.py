"""Invitations: addresses without an account that are enrolled once they have one."""

from datetime import datetime

from msgspec import Struct


class Invitation(Struct, frozen=True, kw_only=True):
    """One row for each address and offering, until its account registers. `invited_by`: the
    account that did."""

    id: int
    course_offering_id: int
    email: str
    invited_by: int
    created_at: datetime
