"""Tables that a transaction may change while others still read them as they were."""

import json
from collections.abc import Hashable, Iterator, Mapping
from datetime import date, datetime
from typing import Generic, TypeVar

from msgspec import Struct

from twosigma.domain.activity import ActivityEvent
from twosigma.domain.api_keys import ApiKey
from twosigma.domain.audit import Entry
from twosigma.domain.cache_tree import Node, Tree
from twosigma.domain.catalog import Course, Offering, StaffRole
from twosigma.domain.chat import Message, Session
from twosigma.domain.content import ContentType, Item
from twosigma.domain.credentials import CredentialsTest, StoredCredentials
from twosigma.domain.enrollments import Enrollment
from twosigma.domain.feature_requests import FeatureRequest, RequestChange
from twosigma.domain.invitations import Invitation
from twosigma.domain.llm import Usage
from twosigma.domain.modules import Module
from twosigma.domain.password_resets import PasswordReset
from twosigma.domain.places import Department, Subject, University
from twosigma.domain.profiles import Profile
from twosigma.domain.progress import Progress, Target
from twosigma.domain.prompts import PromptVersion
from twosigma.domain.repeats import Kept
from twosigma.domain.replies import Reply
from twosigma.domain.spending import Purse
from twosigma.domain.tokens import RefreshToken
from twosigma.domain.users import User
from twosigma.ports.clock import Clock

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

_SHARDS = 64


class Table(Generic[K, V]):
    """A map that is branched in no time: a branch copies only those of its shards that it
    writes to. Only a branch that is not sealed can be written."""

    __slots__ = ("_is_open", "_own", "_shards")

    def __init__(self) -> None:
        self._shards: list[dict[K, V]] = [{}] * _SHARDS
        self._own: set[int] = set()
        self._is_open = False

    def branch(self) -> "Table[K, V]":
        other: Table[K, V] = Table.__new__(Table)
        other._shards, other._own, other._is_open = self._shards, set(), True
        return other

    def seal(self) -> None:
        self._is_open = False

    def get(self, key: K) -> V | None:
        return self._shards[hash(key) % _SHARDS].get(key)

    def __getitem__(self, key: K) -> V:
        return self._shards[hash(key) % _SHARDS][key]

    def __contains__(self, key: K) -> bool:
        return key in self._shards[hash(key) % _SHARDS]

    def values(self) -> Iterator[V]:
        """All values, in no order."""
        for shard in self._shards:
            yield from shard.values()

    def items(self) -> Iterator[tuple[K, V]]:
        """All pairs, in no order."""
        for shard in self._shards:
            yield from shard.items()

    def put(self, key: K, value: V) -> None:
        self._writable(key)[key] = value

    def pop(self, key: K) -> V | None:
        """Take the key out; None where it is not there."""
        return self._writable(key).pop(key) if key in self else None

    def _writable(self, key: K) -> dict[K, V]:
        if not self._is_open:
            raise RuntimeError("written to outside of a write transaction")
        at = hash(key) % _SHARDS
        if at not in self._own:
            if not self._own:
                self._shards = list(self._shards)
            self._shards[at] = dict(self._shards[at])
            self._own.add(at)
        return self._shards[at]


def append(table: Table[K, tuple[V, ...]], key: K, value: V) -> None:
    """One more value for a key that has many."""
    table.put(key, (*(table.get(key) or ()), value))


def take_from(table: Table[K, tuple[V, ...]], key: K, value: V) -> None:
    """One value less for a key that has many."""
    table.put(key, tuple(each for each in table.get(key) or () if each != value))


class Family(Struct, frozen=True, kw_only=True):
    """One sign-in and all that was refreshed from it."""

    user_id: int
    created_at: datetime
    revoked_at: datetime | None = None


class Lease(Struct, frozen=True, kw_only=True):
    """How long a running turn is believed to run."""

    turn_id: str
    owner: str
    ends_at: datetime


class Line(Struct, frozen=True, kw_only=True):
    """A message, with what only the store knows of it."""

    message: Message
    key: str | None = None
    reply_id: int | None = None


class PromptName(Struct, frozen=True, kw_only=True):
    """A prompt's name: the number its next version gets, its tags, the versions there are."""

    next_version: int = 1
    tags: tuple[str, ...] = ()
    versions: tuple[int, ...] = ()


class Use(Struct, frozen=True, kw_only=True):
    """How often a node was hit, and when last."""

    hits: int
    last: datetime


class Tables:
    """All there is. The names say the key: of what, by what."""

    # long: a line a table
    def __init__(self) -> None:  # noqa: PLR0915 -- a line a table
        self.users: Table[int, User] = Table()
        self.password_hashes: Table[int, str] = Table()
        self.user_by_email: Table[str, int] = Table()
        self.families: Table[str, Family] = Table()
        self.refresh_tokens: Table[str, RefreshToken] = Table()
        self.password_resets: Table[int, tuple[PasswordReset, ...]] = Table()
        self.api_keys: Table[int, ApiKey] = Table()
        self.api_key_by_public: Table[str, int] = Table()
        self.profiles: Table[int, Profile] = Table()
        self.subject_preferences: Table[int, tuple[int, ...]] = Table()
        self.universities: Table[int, University] = Table()
        self.university_by_name: Table[str, int] = Table()
        self.departments: Table[int, Department] = Table()
        self.department_by_name: Table[tuple[int, str], int] = Table()
        self.subjects: Table[int, Subject] = Table()
        self.subject_by_name: Table[str, int] = Table()
        self.subject_by_slug: Table[str, int] = Table()
        self.courses: Table[int, Course] = Table()
        self.course_by_code: Table[tuple[int, str], int] = Table()
        self.course_by_origin: Table[tuple[str, str], int] = Table()
        self.staff: Table[tuple[int, int], StaffRole] = Table()
        self.offerings: Table[int, Offering] = Table()
        self.offerings_of_course: Table[int, tuple[int, ...]] = Table()
        self.enrollments: Table[int, Enrollment] = Table()
        self.enrollment_of: Table[tuple[int, int], int] = Table()
        self.enrollments_of_user: Table[int, tuple[int, ...]] = Table()
        self.enrollments_of_offering: Table[int, tuple[int, ...]] = Table()
        self.invitations: Table[tuple[int, str], Invitation] = Table()
        self.modules: Table[int, Module] = Table()
        self.modules_of_course: Table[int, tuple[int, ...]] = Table()
        self.content_types: Table[int, ContentType] = Table()
        self.items: Table[int, Item] = Table()
        self.items_of_course: Table[int, tuple[int, ...]] = Table()
        self.progress: Table[tuple[Target, int, int, int], Progress] = Table()
        self.progress_of_user: Table[tuple[Target, int], tuple[tuple[int, int], ...]] = Table()
        self.sessions: Table[int, Session] = Table()
        self.sessions_of_user: Table[int, tuple[int, ...]] = Table()
        self.session_by_share: Table[str, int] = Table()
        self.leases: Table[int, Lease] = Table()
        self.lines: Table[int, tuple[Line, ...]] = Table()
        self.keys: Table[tuple[int, str], int] = Table()
        self.replies: Table[int, Reply] = Table()
        self.reply_uses: Table[int, int] = Table()
        self.trees: Table[int, Tree] = Table()
        self.tree_by_fingerprint: Table[bytes, int] = Table()
        self.nodes: Table[int, Node] = Table()
        self.nodes_of_tree: Table[int, tuple[int, ...]] = Table()
        self.node_at: Table[tuple[int, int, bytes], int] = Table()
        self.children: Table[tuple[int, int], int] = Table()
        self.node_uses: Table[int, Use] = Table()
        self.epochs: Table[int, int] = Table()
        self.prompt_names: Table[str, PromptName] = Table()
        self.prompt_versions: Table[tuple[str, int], PromptVersion] = Table()
        self.prompt_labels: Table[tuple[str, str], int] = Table()
        self.events_of_user: Table[int, tuple[ActivityEvent, ...]] = Table()
        self.events_of_session: Table[int, tuple[ActivityEvent, ...]] = Table()
        self.sign_in_failures: Table[str, tuple[float, ...]] = Table()
        self.idempotency_keys: Table[tuple[int, str], Kept] = Table()
        self.audit_log: Table[int, Entry] = Table()
        self.feature_requests: Table[int, FeatureRequest] = Table()
        self.feature_request_changes: Table[int, tuple[RequestChange, ...]] = Table()
        self.credentials: Table[int, StoredCredentials] = Table()
        self.credentials_tests: Table[int, CredentialsTest] = Table()
        self.tokens_spent: Table[tuple[Purse, date], Usage] = Table()

    def branch(self) -> "Tables":
        """The same tables, to be written without changing these."""
        other = Tables.__new__(Tables)
        other.__dict__ = {name: table.branch() for name, table in self.__dict__.items()}
        return other

    def seal(self) -> None:
        """No more writes: from now on these are read by many."""
        for table in self.__dict__.values():
            table.seal()


class Ids:
    """Numbers that never come back, not even those of a transaction that was rolled back."""

    def __init__(self) -> None:
        self._last: dict[str, int] = {}

    def next(self, kind: str) -> int:
        self._last[kind] = self._last.get(kind, 0) + 1
        return self._last[kind]


class Transaction(Struct, frozen=True):
    """What every part of the store works on."""

    tables: Tables
    ids: Ids
    clock: Clock


def plain(data: Mapping[str, object]) -> dict[str, object]:
    """The data as it comes back from JSON, shared with nobody.

    Raises TypeError or ValueError for what is no JSON.
    """
    copy: dict[str, object] = json.loads(json.dumps(data, allow_nan=False))
    return copy
