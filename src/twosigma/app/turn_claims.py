"""Claim a session's turn: read the context in one snapshot, then decide in one transaction."""

from msgspec import Struct

from twosigma.app.access import active_user, owned
from twosigma.app.context import Contexts, ItemKey, Scene
from twosigma.app.limits import Limits
from twosigma.app.spending import Spending
from twosigma.app.turn_writes import Asked, Claimed, TurnWrites
from twosigma.domain.cache_tree import (
    Alone,
    CacheState,
    CacheUse,
    Found,
    Lead,
    Position,
    Replay,
    Tree,
    parent_of,
    plan,
)
from twosigma.domain.chat import (
    NewTurn,
    Session,
    SessionTurn,
    StoredTurn,
    history,
    history_window,
)
from twosigma.domain.context import changed_parts
from twosigma.domain.errors import Conflict, Forbidden
from twosigma.domain.llm import TutorRequest
from twosigma.domain.steps import (
    GREETING_TEXT,
    Free,
    Greeting,
    QuizAnswer,
    Step,
    canonical_text,
    fit_step,
    note_of,
    parse,
)
from twosigma.ports.clock import Clock
from twosigma.ports.store import Read, Store, Write


class Message(Struct, frozen=True, kw_only=True):
    """What a client sent. `must_greet`: it asked for the greeting, whatever came before."""

    content: object
    key: str | None
    must_greet: bool = False


Claim = Claimed | StoredTurn | SessionTurn
"""Claimed now; or answered already; or running already, to be read along with."""


class TurnClaims:
    def __init__(
        self,
        *,
        store: Store,
        contexts: Contexts,
        clock: Clock,
        writes: TurnWrites,
        limits: Limits,
        spending: Spending,
        owner: str,
        lease: float,
    ) -> None:
        self._store = store
        self._contexts = contexts
        self._clock = clock
        self._writes = writes
        self._limits = limits
        self._spending = spending
        self._owner = owner
        self._lease = lease

    async def claim(self, user_id: int, session_id: int, message: Message, turn_id: str) -> Claim:
        """Claim the session's turn for this message, or say what answers it already.

        Raises as `ChatTurns.send` says.
        """
        async with self._store.read() as tx:
            user = await active_user(tx, user_id)
            session = owned(await tx.chat.get(session_id), user_id)
            text, step = _read(session, message)
            known = await _known(tx, session, text, step, message.key)
            if known is not None:
                return known
            key = ItemKey(item_id=session.content_item_id, course_id=session.course_id)
            scene = await self._contexts.scene(tx, user, key, session.locale)
        return await self._decide(user_id, session_id, message, turn_id, scene)

    async def _decide(
        self, user_id: int, session_id: int, message: Message, turn_id: str, scene: Scene
    ) -> Claim:
        """All that is decided about the session, from its locked row."""
        async with self._store.write() as tx:
            tree = await _held_tree(tx, scene)
            session = owned(await tx.chat.lock(session_id), user_id)
            text, step = _read(session, message)
            known = await _known(tx, session, text, step, message.key)
            if known is not None:
                return known
            if not scene.as_staff and not await tx.enrollments.is_learner(
                user_id, session.course_id
            ):
                raise Forbidden("You are not enrolled in this course")
            if isinstance(step, QuizAnswer):
                step = fit_step(step, scene.questions)
            asked = Asked(
                session_id=session_id,
                user_id=user_id,
                turn_id=turn_id,
                text=text,
                step=step,
                key=message.key,
                scene=scene,
            )
            planned = await _planned(tx, session, step, scene, tree)
            if isinstance(planned, Replay):
                return await self._writes.replay(tx, session, planned, asked)
            await self._admit(tx, asked)
            await tx.chat.start_turn(session_id, self._new_turn(asked))
            request = await _request(tx, session, step, scene)
            return Claimed(asked=asked, planned=planned, request=request)

    async def _admit(self, tx: Read, asked: Asked) -> None:
        """Raise TooMany where the account, or the course, may have no call of the model now."""
        self._limits.model_turn(asked.user_id)
        await self._spending.require(tx, asked.payer)

    def _new_turn(self, asked: Asked) -> NewTurn:
        return NewTurn(
            id=asked.turn_id,
            content=asked.text,
            key=asked.key,
            owner=self._owner,
            lease=self._lease,
            started_at=self._clock.now(),
        )


def _read(session: Session, message: Message) -> tuple[str, Step]:
    has_turns = session.message_count > 0
    has_greeting = session.greeting_id is not None
    if message.must_greet and has_turns and not has_greeting:
        raise Conflict("This session began without a greeting")
    return parse(message.content, has_turns=has_turns, has_greeting=has_greeting)


async def _known(
    tx: Read, session: Session, text: str, step: Step, key: str | None
) -> StoredTurn | SessionTurn | None:
    """What answers this message already; raises Conflict while another turn runs."""
    if isinstance(step, Greeting) and session.greeting_id is not None:
        return await tx.chat.greeting(session.id)
    stored = await tx.chat.turn_by_key(session.id, key) if key is not None else None
    if stored is not None:
        _require_same(stored.content, text)
        return stored
    turn = session.turn
    if turn is None or not turn.is_running:
        return None
    if key is not None and turn.key == key:
        _require_same(turn.content, text)
        return turn
    if isinstance(step, Greeting) and turn.content.strip() == GREETING_TEXT:
        return turn
    raise busy()


def busy() -> Conflict:
    """Another turn of the session runs."""
    return Conflict("This session is still answering", code="session_busy", retry_after=1)


def _require_same(before: str, now: str) -> None:
    if before != now:
        text = "This Idempotency-Key was used with another message"
        raise Conflict(text, code="idempotency_key_reused")


async def _held_tree(tx: Write, scene: Scene) -> Tree | None:
    """The tree of this context, kept from being pruned; comes before the session's lock."""
    if scene.off is not None:
        return None
    tree = await tx.cache.tree(scene.fingerprint)
    if tree is None or not await tx.cache.hold_tree(tree.id):
        return None
    return tree


async def _planned(
    tx: Read, session: Session, step: Step, scene: Scene, tree: Tree | None
) -> Replay | Lead | Alone:
    # A session without a turn stands at the root of whatever tree is current.
    position = session.position if session.message_count > 0 else Position()
    use = CacheUse(off=scene.off, changed=await _changed(tx, position, scene, tree))
    found = Found()
    is_tracking = position.state is CacheState.TRACKING and scene.off is None
    if is_tracking and not use.changed and not isinstance(step, Free):
        found = await _found(tx, position, step, tree)
    return plan(position, step, use, found, scene.fingerprint)


async def _changed(
    tx: Read, position: Position, scene: Scene, tree: Tree | None
) -> tuple[str, ...]:
    """Which parts of the context are no longer those of the session's tree."""
    if position.tree_id is None or scene.off is not None:
        return ()
    if tree is not None and tree.id == position.tree_id:
        return ()
    before = await tx.cache.get_tree(position.tree_id)
    return changed_parts(before.parts if before is not None else {}, scene.parts)


async def _found(
    tx: Read, position: Position, step: Greeting | QuizAnswer, tree: Tree | None
) -> Found:
    parent_id = parent_of(position, step)
    parent = await tx.cache.get_node(parent_id) if parent_id else None
    depth = 0 if parent is None else parent.depth + 1
    if tree is None:
        return Found(depth=depth)
    return Found(
        node=await tx.cache.node(tree.id, parent_id, step.digest),
        depth=depth,
        siblings=await tx.cache.count_children(tree.id, parent_id),
    )


async def _request(tx: Read, session: Session, step: Step, scene: Scene) -> TutorRequest:
    first, last = history_window(session.message_count)
    opening = await tx.chat.first_messages(session.id, first) if first else ()
    recent = await tx.chat.last_messages(session.id, last) if last else ()
    return TutorRequest(
        context=scene.context,
        history=history([*opening, *recent]),
        cut=session.message_count - first - last,
        message=canonical_text(step),
        note=note_of(step, scene.questions),
    )
