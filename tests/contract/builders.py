"""Small worlds in a store: accounts, a course with a lesson, a session, cached replies."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from itertools import count

from msgspec import Struct, structs

from twosigma.domain.activity import ActivityEvent, Outcome
from twosigma.domain.actor import Role
from twosigma.domain.cache_tree import ROOT, NewNode, Node, Position, Tree
from twosigma.domain.catalog import Course, CourseFields, Offering, OfferingFields
from twosigma.domain.chat import Message, NewExchange, NewSession, NewTurn, Session
from twosigma.domain.content import ContentTypeFields, Item, ItemFields
from twosigma.domain.context import Stamp
from twosigma.domain.enrollments import Enrollment
from twosigma.domain.llm import Graded
from twosigma.domain.modules import Module, ModuleFields
from twosigma.domain.places import Department, DepartmentFields, Subject
from twosigma.domain.replies import reply_of
from twosigma.domain.users import NewUser, User
from twosigma.ports.chat import HitRequest
from twosigma.ports.store import Store, Write

NOW = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
LATER = NOW + timedelta(hours=1, microseconds=1)
SETTINGS = "settings"
GREETING = b"g" * 32
ANSWER = b"a" * 32
NOBODY = 10**9
"""An id that no row has."""

_numbers = count(1)


class Abandoned(Exception):
    """What a test ends a transaction with."""


@asynccontextmanager
async def rolled_back(store: Store) -> AsyncIterator[Write]:
    """A transaction that fails at its end."""
    with suppress(Abandoned):
        async with store.write() as tx:
            yield tx
            raise Abandoned


def new_user(email: str, role: Role = Role.STUDENT) -> NewUser:
    return NewUser(
        email=email, full_name="Ada Lovelace", password_hash="hash", role=role, locale="de",
        time_zone="Europe/Berlin", created_at=NOW,
    )  # fmt: skip


async def add_user(store: Store, role: Role = Role.STUDENT) -> User:
    async with store.write() as tx:
        user = await tx.accounts.add(new_user(f"user{next(_numbers)}@example.org", role))
    assert user is not None
    return user


async def course_fields(store: Store, **changes: object) -> CourseFields:
    """A course of the one test university, not stored."""
    async with store.write() as tx:
        university = await tx.places.named_university("École des tests", NOW)
    fields = CourseFields(
        title="Algebra", code=f"ALG {next(_numbers)}", university_id=university.id,
        is_published=True,
    )  # fmt: skip
    return structs.replace(fields, **changes)


async def add_course(store: Store, **changes: object) -> Course:
    fields = await course_fields(store, **changes)
    async with store.write() as tx:
        course = await tx.catalog.add_course(fields, None, NOW)
    assert course is not None
    return course


async def add_department(store: Store, university_id: int, name: str = "Algebra") -> Department:
    async with store.write() as tx:
        added = await tx.places.add_department(university_id, DepartmentFields(name=name), NOW)
    assert added is not None
    return added


async def add_subject(store: Store, name: str = "Algebra", slug: str = "algebra") -> Subject:
    async with store.write() as tx:
        added = await tx.places.add_subject(name, slug)
    assert added is not None
    return added


async def add_offering(store: Store, course: Course) -> Offering:
    async with store.write() as tx:
        return await tx.catalog.add_offering(course.id, OfferingFields(term_name="Spring"), NOW)


async def enroll(store: Store, user: User, offering: Offering) -> Enrollment:
    async with store.write() as tx:
        enrollment = await tx.enrollments.add(user.id, offering.id, NOW)
    assert enrollment is not None
    return enrollment


async def add_module(store: Store, course: Course, **changes: object) -> Module:
    fields = structs.replace(ModuleFields(course_id=course.id, title="Unit"), **changes)
    async with store.write() as tx:
        return await tx.modules.add(fields, None, NOW)


async def item_fields(store: Store, module: Module, **changes: object) -> ItemFields:
    """An item of this module, not stored."""
    async with store.write() as tx:
        kinds = {kind.name: kind for kind in await tx.content.types()}
        kind = kinds.get("test") or await tx.content.add_type(
            ContentTypeFields(name="test", label="Test")
        )
    assert kind is not None
    fields = ItemFields(
        course_id=module.course_id, module_id=module.id, content_type_id=kind.id, title="Item"
    )
    return structs.replace(fields, **changes)


async def add_item(store: Store, module: Module, **changes: object) -> Item:
    fields = await item_fields(store, module, **changes)
    async with store.write() as tx:
        return await tx.content.add(fields, None, NOW)


def new_tree(item: Item, fingerprint: bytes = b"f" * 32) -> Tree:
    return Tree(
        id=0, content_item_id=item.id, prompt_version_id=1, model="offline/1", locale="en",
        fingerprint=fingerprint, parts={"model": "abc"}, created_at=NOW,
    )  # fmt: skip


async def add_tree(store: Store, item: Item, fingerprint: bytes = b"f" * 32) -> Tree:
    async with store.write() as tx:
        tree = await tx.cache.lock_or_add_tree(new_tree(item, fingerprint))
    assert tree is not None
    return tree


async def add_reply(store: Store, *chunks: str) -> int:
    """The id of a stored reply, which nobody refers to yet."""
    async with store.write() as tx:
        return (await tx.chat.add_reply(reply_of(chunks))).id


async def add_node(
    store: Store, tree: Tree, digest: bytes, *chunks: str, parent: Node | None = None,
    graded: Graded | None = None,
) -> Node:  # fmt: skip
    async with store.write() as tx:
        reply = await tx.chat.add_reply(reply_of(chunks))
        node = await tx.cache.add_node(
            NewNode(
                tree_id=tree.id, parent_id=ROOT if parent is None else parent.id, digest=digest,
                depth=0 if parent is None else parent.depth + 1, message="Start.",
                graded=graded, reply_id=reply.id, created_at=NOW,
            )
        )  # fmt: skip
    assert node is not None
    return node


class Lesson(Struct, frozen=True, kw_only=True):
    """A learner enrolled in a course with one item."""

    user: User
    course: Course
    offering: Offering
    enrollment: Enrollment
    item: Item


async def make_lesson(store: Store) -> Lesson:
    user, course = await add_user(store), await add_course(store)
    offering = await add_offering(store, course)
    enrollment = await enroll(store, user, offering)
    item = await add_item(store, await add_module(store, course))
    return Lesson(user=user, course=course, offering=offering, enrollment=enrollment, item=item)


def new_session(lesson: Lesson, **changes: object) -> NewSession:
    session = NewSession(
        user_id=lesson.user.id, content_item_id=lesson.item.id, course_id=lesson.course.id,
        locale="en", content_context={"course_title": "Algebra", "module_path": ["One", "Zwei"]},
        title="Item", position=Position(), stamp=None, created_at=NOW,
    )  # fmt: skip
    return structs.replace(session, **changes)


async def add_session(store: Store, lesson: Lesson, **changes: object) -> Session:
    async with store.write() as tx:
        return await tx.chat.add(new_session(lesson, **changes))


def new_turn(turn_id: str, lease: float = 30, **changes: object) -> NewTurn:
    turn = NewTurn(id=turn_id, content="Why?", key=None, owner="here", lease=lease, started_at=NOW)
    return structs.replace(turn, **changes)


async def start_turn(store: Store, session: Session, turn: NewTurn) -> None:
    async with store.write() as tx:
        await tx.chat.lock(session.id)
        await tx.chat.start_turn(session.id, turn)


def new_exchange(session: Session, turn_id: str, reply_id: int, **changes: object) -> NewExchange:
    exchange = NewExchange(
        session_id=session.id, turn_id=turn_id, key=None, content="Why?", canonical=None,
        user_meta={}, reply_id=reply_id, reply_meta={"source": "llm"}, at=LATER,
    )  # fmt: skip
    return structs.replace(exchange, **changes)


async def add_exchange(
    store: Store, session: Session, turn_id: str, *chunks: str, is_greeting: bool = False,
    **changes: object,
) -> Message | None:  # fmt: skip
    """A completed turn with a reply of its own (or `reply_id`)."""
    async with store.write() as tx:
        await tx.chat.lock(session.id)
        if "reply_id" not in changes:
            changes["reply_id"] = (await tx.chat.add_reply(reply_of(chunks))).id
        exchange = structs.replace(new_exchange(session, turn_id, 0), **changes)
        return await tx.chat.add_exchange(exchange, is_greeting=is_greeting)


async def get_session(store: Store, session: Session) -> Session:
    """The session as it is now."""
    async with store.read() as tx:
        found = await tx.chat.get(session.id)
    assert found is not None
    return found


class Path(Lesson, frozen=True, kw_only=True):
    """A lesson whose greeting and first answer are cached, and a new session that may replay
    them: a hit for `greet(path)`, and after it for `answer(path)`."""

    tree: Tree
    root: Node
    child: Node
    session: Session


async def make_path(store: Store, **changes: object) -> Path:
    """`changes` are the session's."""
    lesson = await make_lesson(store)
    tree = await add_tree(store, lesson.item)
    root = await add_node(store, tree, GREETING, "Hel", "lo — ", "«é»")
    graded = Graded(question_id=1, correct=True)
    child = await add_node(store, tree, ANSWER, "Right", "!", parent=root, graded=graded)
    async with store.read() as tx:
        platform, course = await tx.epochs.read(lesson.course.id)
    stamp = Stamp(platform=platform, course=course, settings=SETTINGS)
    session = await add_session(
        store, lesson, **{"position": Position(tree_id=tree.id), "stamp": stamp, **changes}
    )
    return Path(**structs.asdict(lesson), tree=tree, root=root, child=child, session=session)


def greet(path: Path, turn_id: str = "t1", **changes: object) -> HitRequest:
    """The hit that replays the greeting."""
    hit = HitRequest(
        session_id=path.session.id, user_id=path.user.id, turn_id=turn_id, key=None,
        content=" Start.", canonical="Start.", digest=GREETING, is_greeting=True,
        question_id=None, answer=None, settings=SETTINGS, now=LATER,
    )  # fmt: skip
    return structs.replace(hit, **changes)


def answer(path: Path, turn_id: str = "t2", **changes: object) -> HitRequest:
    """The hit that replays the answer to the first question."""
    hit = structs.replace(
        greet(path, turn_id), content='{"questionId": 1, "answer": 4}',
        canonical='{"answer":4,"questionId":1}', digest=ANSWER, is_greeting=False,
        question_id="1", answer="4",
    )  # fmt: skip
    return structs.replace(hit, **changes)


def event_of(lesson: Lesson, session: Session, turn_id: str, **changes: object) -> ActivityEvent:
    event = ActivityEvent(
        user_id=lesson.user.id, occurred_at=NOW, time_zone="Europe/Berlin", kind="chat_turn",
        course_id=lesson.course.id, content_item_id=lesson.item.id, as_staff=False,
        session_id=session.id, turn_id=turn_id, outcome=Outcome.FREE,
    )  # fmt: skip
    return structs.replace(event, **changes)
