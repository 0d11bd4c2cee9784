"""A learner in a lesson whose greeting and first answer are cached."""

import asyncio
from datetime import UTC, datetime

from msgspec import Struct, structs

from twosigma.adapters.sql.store import SqlStore
from twosigma.domain.actor import Role
from twosigma.domain.cache_tree import NewNode, Node, Position, Tree
from twosigma.domain.catalog import Course, CourseFields, OfferingFields
from twosigma.domain.chat import NewExchange, NewSession, NewTurn, Session
from twosigma.domain.content import ContentTypeFields, ItemFields
from twosigma.domain.context import Stamp
from twosigma.domain.llm import Graded
from twosigma.domain.modules import ModuleFields
from twosigma.domain.replies import reply_of
from twosigma.domain.users import NewUser
from twosigma.ports.chat import HitRequest
from twosigma.ports.store import Write

NOW = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
SETTINGS = "settings"
ROOT = b"r" * 32
ANSWER = b"a" * 32


class Lesson(Struct, frozen=True, kw_only=True):
    """Ids of what was made; `root` and `answer` are the two nodes."""

    user_id: int
    course: Course
    item_id: int
    tree: Tree
    root: Node
    answer: Node
    session: Session


async def make_lesson(store: SqlStore) -> Lesson:
    async with store.write() as tx:
        user_id = await add_user(tx, "ada@example.org")
        course, item_id = await _add_course(tx, user_id)
        tree = await add_tree(tx, item_id)
        root = await add_node(tx, tree.id, 0, ROOT, "Hello!", None)
        graded = Graded(question_id=1, correct=True)
        answer = await add_node(tx, tree.id, root.id, ANSWER, "Right!", graded)
        session = await add_session(tx, user_id, course.id, item_id, tree.id)
    return Lesson(
        user_id=user_id, course=course, item_id=item_id, tree=tree, root=root, answer=answer,
        session=session,
    )  # fmt: skip


async def add_user(tx: Write, email: str) -> int:
    user = await tx.accounts.add(
        NewUser(
            email=email, full_name="Ada", password_hash="hash", role=Role.STUDENT, locale="en",
            time_zone="Europe/Berlin", created_at=NOW,
        )
    )  # fmt: skip
    assert user is not None
    return user.id


async def _add_course(tx: Write, user_id: int) -> tuple[Course, int]:
    university = await tx.places.named_university("École", NOW)
    fields = CourseFields(title="Algebra", code="ALG", university_id=university.id)
    course = await tx.catalog.add_course(fields, None, NOW)
    assert course is not None
    offering = await tx.catalog.add_offering(course.id, OfferingFields(term_name="Spring"), NOW)
    await tx.enrollments.add(user_id, offering.id, NOW)
    module = await tx.modules.add(ModuleFields(course_id=course.id, title="One"), None, NOW)
    kind = await tx.content.add_type(ContentTypeFields(name="quiz", label="Quiz"))
    assert kind is not None
    item = await tx.content.add(
        ItemFields(course_id=course.id, module_id=module.id, content_type_id=kind.id, title="Q"),
        None,
        NOW,
    )
    return course, item.id


async def add_tree(tx: Write, item_id: int, fingerprint: bytes = b"f" * 32) -> Tree:
    tree = await tx.cache.lock_or_add_tree(
        Tree(
            id=0, content_item_id=item_id, prompt_version_id=1, model="offline/1", locale="en",
            fingerprint=fingerprint, parts={"model": "m"}, created_at=NOW,
        )
    )  # fmt: skip
    assert tree is not None
    return tree


async def add_node(
    tx: Write, tree_id: int, parent_id: int, digest: bytes, text: str, graded: Graded | None
) -> Node:
    reply = await tx.chat.add_reply(reply_of([text[:2], text[2:]]))
    node = await tx.cache.add_node(
        NewNode(
            tree_id=tree_id, parent_id=parent_id, digest=digest, depth=int(parent_id != 0),
            message="m", graded=graded, reply_id=reply.id, created_at=NOW,
        )
    )  # fmt: skip
    assert node is not None
    return node


async def add_session(
    tx: Write, user_id: int, course_id: int, item_id: int, tree_id: int | None
) -> Session:
    platform, course = await tx.epochs.read(course_id)
    return await tx.chat.add(
        NewSession(
            user_id=user_id, content_item_id=item_id, course_id=course_id, locale="en",
            content_context={"course_title": "Algebra"}, title="Q",
            position=Position(tree_id=tree_id),
            stamp=Stamp(platform=platform, course=course, settings=SETTINGS), created_at=NOW,
        )
    )  # fmt: skip


def greet(lesson: Lesson, turn_id: str = "t1", **changes: object) -> HitRequest:
    """The hit that replays the greeting."""
    hit = HitRequest(
        session_id=lesson.session.id, user_id=lesson.user_id, turn_id=turn_id, key=None,
        content="Start.", canonical=None, digest=ROOT, is_greeting=True, question_id=None,
        answer=None, settings=SETTINGS, now=NOW,
    )  # fmt: skip
    return structs.replace(hit, **changes)


def reply_to(lesson: Lesson, turn_id: str = "t2", **changes: object) -> HitRequest:
    """The hit that replays the answer to the first question."""
    hit = structs.replace(
        greet(lesson, turn_id), content='{"answer": 4, "questionId": 1}',
        canonical='{"answer":4,"questionId":1}', digest=ANSWER, is_greeting=False,
        question_id="1", answer="4",
    )  # fmt: skip
    return structs.replace(hit, **changes)


def turn(turn_id: str, lease: float = 30.0) -> NewTurn:
    return NewTurn(id=turn_id, content="Why?", key=None, owner="here", lease=lease, started_at=NOW)


def exchange(lesson: Lesson, turn_id: str, reply_id: int, key: str | None = None) -> NewExchange:
    return NewExchange(
        session_id=lesson.session.id, turn_id=turn_id, key=key, content="Why?", canonical=None,
        user_meta={}, reply_id=reply_id, reply_meta={"source": "llm"}, at=NOW,
    )  # fmt: skip


async def within(seconds: float, *waiting: "asyncio.Task[None]") -> None:
    """Wait for tasks that must end soon."""
    async with asyncio.timeout(seconds):
        await asyncio.gather(*waiting)
