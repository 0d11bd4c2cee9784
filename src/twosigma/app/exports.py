"""Everything that is kept about an account, for its owner."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from twosigma.app.access import active_user
from twosigma.domain.activity import ActivityEvent
from twosigma.domain.actor import Actor
from twosigma.domain.api_keys import ApiKey
from twosigma.domain.catalog import Page, StaffRole
from twosigma.domain.chat import Message, Session, as_shown
from twosigma.domain.enrollments import Enrollment
from twosigma.domain.feature_requests import FeatureRequest
from twosigma.domain.message_meta import as_told
from twosigma.domain.profiles import Profile
from twosigma.domain.progress import Progress, Target
from twosigma.domain.spending import DaySpent, Purse, PurseKind
from twosigma.domain.tokens import SignIn
from twosigma.domain.users import User
from twosigma.ports.clock import Clock
from twosigma.ports.store import Read, Store

Reader = Callable[[Read, int, datetime], Awaitable[Any]]

_ALL = Page(limit=2**31 - 1)


class Transcript(Struct, frozen=True, kw_only=True):
    """A session as its owner sees it, with all its messages."""

    session: Session
    messages: Sequence[Message]


class Export(Struct, frozen=True, kw_only=True):
    """What is kept about an account, as it may see it itself."""

    exported_at: datetime
    account: User
    profile: Profile
    subject_preferences: Sequence[int]
    course_roles: Mapping[int, StaffRole]
    enrollments: Sequence[Enrollment]
    content_progress: Sequence[Progress]
    module_progress: Sequence[Progress]
    transcripts: Sequence[Transcript]
    feature_requests: Sequence[FeatureRequest]
    activity: Sequence[ActivityEvent]
    sign_ins: Sequence[SignIn]
    api_keys: Sequence[ApiKey]
    tokens_spent: Sequence[DaySpent]


async def _enrollments(tx: Read, user_id: int, _: datetime) -> Sequence[Enrollment]:
    rows, _total = await tx.enrollments.of_user(user_id, None, _ALL)
    return rows


def _progress(target: Target) -> Reader:
    async def read(tx: Read, user_id: int, _: datetime) -> Sequence[Progress]:
        rows, _total = await tx.progress.of_user(target, user_id, None, _ALL)
        return rows

    return read


async def _transcripts(tx: Read, user_id: int, now: datetime) -> Sequence[Transcript]:
    sessions, _total = await tx.chat.of_user(user_id, None, _ALL)
    messages: dict[int, list[Message]] = {}
    for message in await tx.chat.messages_of_user(user_id):
        messages.setdefault(message.session_id, []).append(as_told(message))
    return [
        Transcript(session=as_shown(session, now), messages=messages.get(session.id, ()))
        for session in sessions
    ]


async def _feature_requests(tx: Read, user_id: int, _: datetime) -> Sequence[FeatureRequest]:
    rows, _total = await tx.feature_requests.of_user(user_id, _ALL)
    return rows


async def _sign_ins(tx: Read, user_id: int, now: datetime) -> Sequence[SignIn]:
    rows, _total = await tx.refresh_tokens.sign_ins(user_id, now, _ALL)
    return rows


async def _tokens_spent(tx: Read, user_id: int, _: datetime) -> Sequence[DaySpent]:
    return await tx.spending.history(Purse(kind=PurseKind.LEARNER, id=user_id))


READERS: Mapping[str, Reader] = {
    "profile": lambda tx, user_id, _: tx.profiles.get(user_id),
    "subject_preferences": lambda tx, user_id, _: tx.profiles.subject_preferences(user_id),
    "course_roles": lambda tx, user_id, _: tx.catalog.staff_roles(user_id),
    "enrollments": _enrollments,
    "content_progress": _progress(Target.CONTENT),
    "module_progress": _progress(Target.MODULE),
    "transcripts": _transcripts,
    "feature_requests": _feature_requests,
    "activity": lambda tx, user_id, _: tx.activity.of_user(user_id),
    "sign_ins": _sign_ins,
    "api_keys": lambda tx, user_id, _: tx.api_keys.of_user(user_id),
    "tokens_spent": _tokens_spent,
}
"""How each part of an `Export` is read: in as many statements however much there is."""


class Exports:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def mine(self, actor: Actor) -> Export:
        """All that is kept about the actor, of one moment."""
        now = self._clock.now()
        async with self._store.read() as tx:
            user = await active_user(tx, actor.user_id)
            parts = {name: await read(tx, user.id, now) for name, read in READERS.items()}
        return Export(exported_at=now, account=user, **parts)
