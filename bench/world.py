"""What the servers are measured on: one lesson whose whole path is cached, and its learners."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec
from msgspec import Struct

from twosigma.adapters.offline.llm import OfflineLlm
from twosigma.adapters.security.tokens import JwtTokens
from twosigma.adapters.sql.store import SqlStore
from twosigma.adapters.system.clock import SystemClock
from twosigma.adapters.tutor_prompts.shipped import tutor_prompts
from twosigma.app.access import active_user
from twosigma.app.context import Contexts, ItemKey, Scene
from twosigma.app.installation import Installation
from twosigma.domain.actor import Role
from twosigma.domain.cache_tree import NewNode, Position, Tree
from twosigma.domain.catalog import CourseFields, OfferingFields
from twosigma.domain.chat import NewSession
from twosigma.domain.content import ItemFields
from twosigma.domain.modules import ModuleFields
from twosigma.domain.quiz import questions_of
from twosigma.domain.replies import reply_of
from twosigma.domain.steps import GREETING_TEXT, Greeting, QuizAnswer, fit_step, parse
from twosigma.domain.tokens import mint
from twosigma.domain.users import NewUser
from twosigma.ports.store import Write

KEY = "the key of a measurement, which guards nothing"
LEARNERS = 500
ANSWERS = 50
"""As deep as a tree may be: a session walks its greeting and these."""
QUESTIONS = 10
"""Each is answered wrong and right in turn until the walk is over."""
WORDS = 60
"""In a reply, three to a piece."""
LIFE = timedelta(hours=1)

Cached = Greeting | QuizAnswer


class World(Struct, frozen=True, kw_only=True):
    """The lesson's ids, and each learner's account with an access token. `contents` are the
    messages along the path, the greeting first."""

    course_id: int
    item_id: int
    module_id: int
    type_id: int
    tree_id: int
    scene: Scene
    accounts: tuple[tuple[int, str], ...]
    contents: tuple[object, ...]
    steps: tuple[Cached, ...]

    @property
    def settings(self) -> str:
        """The service's part of a session's stamp."""
        assert self.scene.stamp is not None
        return self.scene.stamp.settings


async def make_world(store: SqlStore) -> World:
    """Write the lesson, its tree and its learners into a new database."""
    clock = SystemClock()
    now = clock.now()
    await Installation(store, clock, tutor_prompts()).install()
    async with store.write() as tx:
        course_id, module_id, type_id = await _add_course(tx, now)
        item_id = (await tx.content.add(_item(course_id, module_id, type_id), None, now)).id
        offering = await tx.catalog.add_offering(course_id, OfferingFields(term_name="Now"), now)
        users = [await _add_learner(tx, number, offering.id, now) for number in range(LEARNERS)]
    async with store.read() as tx:
        user = await active_user(tx, users[0])
        key = ItemKey(item_id=item_id, course_id=course_id)
        scene = await Contexts(OfflineLlm()).scene(tx, user, key, "en")
    contents = [GREETING_TEXT, *(_answer(number) for number in range(ANSWERS))]
    steps = [_step(content, scene) for content in contents]
    async with store.write() as tx:
        tree_id = await _add_tree(tx, scene, steps, now)
    return World(
        course_id=course_id, item_id=item_id, module_id=module_id, type_id=type_id,
        tree_id=tree_id, scene=scene, contents=tuple(contents), steps=tuple(steps),
        accounts=tuple((user, _token(user, now)) for user in users),
    )  # fmt: skip


async def add_cold_item(store: SqlStore, world: World) -> int:
    """Another item, of which nothing is cached yet."""
    item = _item(world.course_id, world.module_id, world.type_id)
    async with store.write() as tx:
        return (await tx.content.add(item, None, datetime.now(UTC))).id


async def add_sessions(
    store: SqlStore, world: World, users: Sequence[int], item_id: int | None = None
) -> list[int]:
    """A session before its greeting for each of these; of another item: without a tree."""
    now = datetime.now(UTC)
    warm = item_id is None
    session_of = [
        NewSession(
            user_id=user, content_item_id=item_id or world.item_id, course_id=world.course_id,
            locale="en", content_context={"course_title": "Sums"}, title="Adding up",
            position=Position(tree_id=world.tree_id if warm else None),
            stamp=world.scene.stamp if warm else None, created_at=now,
        )
        for user in users
    ]  # fmt: skip
    async with store.write() as tx:
        return [(await tx.chat.add(session)).id for session in session_of]


def body_of(content: object) -> bytes:
    """A message's body as a client sends it."""
    return msgspec.json.encode({"content": content})


def _answer(number: int) -> dict[str, object]:
    return {"questionId": number // 2 % QUESTIONS + 1, "answer": "ab"[number % 2]}


async def _add_course(tx: Write, now: datetime) -> tuple[int, int, int]:
    university = await tx.places.named_university("University of Measures", now)
    fields = CourseFields(
        title="Sums", code="SUM 1", university_id=university.id, is_published=True
    )
    course = await tx.catalog.add_course(fields, None, now)
    assert course is not None
    module = await tx.modules.add(ModuleFields(course_id=course.id, title="Adding"), None, now)
    kind = next(kind for kind in await tx.content.types() if kind.name == "quiz")
    return course.id, module.id, kind.id


def _item(course_id: int, module_id: int, type_id: int) -> ItemFields:
    options = [{"id": "a", "text": "one less"}, {"id": "b", "text": "the sum"}]
    questions = [
        {
            "id": n + 1, "type": "single", "prompt": f"What is {n} + {n}?", "options": options,
            "correct": "b", "explanation": f"It is {n + n}.",
        }
        for n in range(QUESTIONS)
    ]  # fmt: skip
    return ItemFields(
        course_id=course_id, module_id=module_id, content_type_id=type_id, title="Adding up",
        data_json={"body": "Adding is counting on.", "questions": questions},
    )  # fmt: skip


async def _add_learner(tx: Write, number: int, offering_id: int, now: datetime) -> int:
    user = await tx.accounts.add(
        NewUser(
            email=f"learner{number}@example.org", full_name=f"Learner {number}",
            password_hash="none", role=Role.STUDENT, locale="en", time_zone="Europe/Berlin",
            created_at=now,
        )
    )  # fmt: skip
    assert user is not None
    await tx.enrollments.add(user.id, offering_id, now)
    return user.id


def _step(content: object, scene: Scene) -> Cached:
    _, step = parse(content, has_turns=False, has_greeting=True)
    assert isinstance(step, Greeting | QuizAnswer)
    if isinstance(step, Greeting):
        return step
    questions = questions_of(_item(0, 0, 0).data_json)
    assert len(questions) == len(scene.questions)
    return fit_step(step, questions)


async def _add_tree(tx: Write, scene: Scene, steps: Sequence[Cached], now: datetime) -> int:
    tree = await tx.cache.lock_or_add_tree(
        Tree(
            id=0, content_item_id=scene.context.content_item_id,
            prompt_version_id=scene.context.prompt_version_id, model=scene.context.model,
            locale=scene.context.locale, fingerprint=scene.fingerprint, parts=scene.parts,
            created_at=now,
        )
    )  # fmt: skip
    assert tree is not None
    parent_id = 0
    for depth, step in enumerate(steps):
        words = [f"word{depth}.{n} " for n in range(WORDS)]
        pieces = ["".join(words[n : n + 3]) for n in range(0, WORDS, 3)]
        reply = await tx.chat.add_reply(reply_of(pieces))
        node = await tx.cache.add_node(
            NewNode(
                tree_id=tree.id, parent_id=parent_id, digest=step.digest, depth=depth,
                message=step.canonical, graded=getattr(step, "graded", None), reply_id=reply.id,
                created_at=now,
            )
        )  # fmt: skip
        assert node is not None
        parent_id = node.id
    return tree.id


def _token(user_id: int, now: datetime) -> str:
    pair = mint(user_id, (f"a{user_id}", f"r{user_id}"), now, (LIFE, LIFE))
    return JwtTokens(KEY.encode()).sign(pair.access)
