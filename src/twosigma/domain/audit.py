"""The audit log: who did which administrative act, when, to what, and why.

Entries are only ever added. They say what changed in names and ids, never in secrets or in what
a learner wrote.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from twosigma.domain import values
from twosigma.domain.errors import Loc

MAX_REASON = 500


class Action(StrEnum):
    """What was done: to what kind of thing, and what."""

    USER_ROLE_CHANGED = "user.role_changed"
    USER_SWITCHED_ON = "user.switched_on"
    USER_SWITCHED_OFF = "user.switched_off"
    USER_ERASED = "user.erased"
    STAFF_APPOINTED = "course_staff.appointed"
    STAFF_REMOVED = "course_staff.removed"
    COURSE_DELETED = "course.deleted"
    UNIVERSITY_CREATED = "university.created"
    UNIVERSITY_UPDATED = "university.updated"
    UNIVERSITY_DELETED = "university.deleted"
    DEPARTMENT_CREATED = "department.created"
    DEPARTMENT_UPDATED = "department.updated"
    DEPARTMENT_DELETED = "department.deleted"
    SUBJECT_CREATED = "subject.created"
    SUBJECT_UPDATED = "subject.updated"
    SUBJECT_DELETED = "subject.deleted"
    CONTENT_TYPE_CREATED = "content_type.created"
    CONTENT_TYPE_UPDATED = "content_type.updated"
    CONTENT_TYPE_DELETED = "content_type.deleted"
    PROMPT_CREATED = "prompt.created"
    PROMPT_LABELED = "prompt.labeled"
    PROMPT_TAGGED = "prompt.tagged"
    PROMPT_VERSION_DELETED = "prompt.version_deleted"
    PROMPT_DELETED = "prompt.deleted"
    CREDENTIALS_STORED = "aws_credentials.stored"
    CREDENTIALS_DELETED = "aws_credentials.deleted"
    CREDENTIALS_TESTED = "aws_credentials.tested"
    API_KEY_CREATED = "api_key.created"
    API_KEY_REVOKED = "api_key.revoked"
    KEYS_ROTATED = "encryption_keys.rotated"
    TRANSCRIPT_READ = "chat_session.read"
    TREE_DELETED = "cache_tree.deleted"


OF_PROMPTS = frozenset(action for action in Action if action.startswith("prompt."))
"""What is done to a prompt; its target is the prompt's name."""


class NewEntry(Struct, frozen=True, kw_only=True):
    """An act. `actor_id`: the account that did it, None for the operator's command line;
    `target_id`: the id or name of what it was done to; `details`: what changed, as JSON;
    `reason`: what the actor gave as one, where one is asked for."""

    occurred_at: datetime
    actor_id: int | None
    action: Action
    target_id: str | None = None
    details: Mapping[str, object] = {}
    reason: str | None = None


class Entry(NewEntry, frozen=True, kw_only=True):
    """An act as it stands in the log."""

    id: int


class EntryFilter(Struct, frozen=True, kw_only=True):
    """Which entries a list shows: of this actor, this action (or any of `actions`), this
    target."""

    actor_id: int | None = None
    action: Action | None = None
    actions: frozenset[Action] | None = None
    target_id: str | None = None


def checked_reason(reason: str, loc: Loc) -> str:
    """Why somebody looks at what is not theirs: trimmed, not blank, 500 characters at most.
    Raises Invalid."""
    return values.title(reason, loc, MAX_REASON)


def changes(before: Struct, after: Struct) -> dict[str, object]:
    """The details of an update: for each field that differs, what it was and what it is.

    Both are of one kind, and every field is fit for JSON (`updated_at` apart, which is left out).
    """
    pairs = {
        name: (getattr(before, name), getattr(after, name))
        for name in before.__struct_fields__
        if name != "updated_at"
    }
    return {name: {"from": old, "to": new} for name, (old, new) in pairs.items() if old != new}
