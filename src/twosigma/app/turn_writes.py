"""What a turn leaves in the store: both messages, the event, the session's new position."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime

from msgspec import Struct, structs

from twosigma.app.context import Scene
from twosigma.app.live_turns import LiveTurn
from twosigma.domain.activity import ActivityEvent
from twosigma.domain.cache_tree import Alone, CacheState, Lead, Node, Replay
from twosigma.domain.chat import NewExchange, Session, StoredTurn, TurnStatus
from twosigma.domain.errors import Unavailable
from twosigma.domain.llm import Graded, TutorRequest, Usage
from twosigma.domain.message_meta import origin
from twosigma.domain.spending import Payer
from twosigma.domain.steps import Greeting, QuizAnswer, Step, canonical_text
from twosigma.domain.turn import AWAY, BROKEN_OFF, Conclusion, conclude
from twosigma.ports.clock import Clock
from twosigma.ports.flights import Flight, Landed
from twosigma.ports.store import Store, Write

FINISH_TRIES = 4
"""How often a finished turn is written while the database cannot be reached."""

_log = logging.getLogger(__name__)


class Asked(Struct, frozen=True, kw_only=True):
    """A message of a turn, and the scene that the turn started with."""

    session_id: int
    user_id: int
    turn_id: str
    text: str
    step: Step
    key: str | None
    scene: Scene

    @property
    def payer(self) -> Payer:
        """Who pays for the calls that this turn leads."""
        return Payer(user_id=self.user_id, course_id=self.scene.place.course.id)


class Claimed(Struct, frozen=True, kw_only=True):
    """A turn that is claimed: its session's row says that it runs."""

    asked: Asked
    planned: Lead | Alone
    request: TutorRequest


class TurnWrites:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def replay(
        self, tx: Write, session: Session, planned: Replay, asked: Asked
    ) -> StoredTurn:
        """Answer from the tree, within the transaction that found the node."""
        node = planned.node
        # A session without a turn takes the current tree; its own may be none, or an older one.
        position = structs.replace(session.position, tree_id=node.tree_id)
        end = conclude(planned, position, node, node.text, led=False)
        message_id = await self._write(tx, asked, end, node.reply_id)
        if message_id is None:
            # The lock is ours and the key was looked for under it.
            raise Unavailable(AWAY, retry_after=1)
        return StoredTurn(
            turn_id=asked.turn_id, content=asked.text, message_id=message_id, reply=node
        )

    async def show(
        self, live: LiveTurn, flight: Flight, claimed: Claimed, done: Callable[[LiveTurn], None]
    ) -> None:
        """Show the flight as it goes, then write what it came to."""
        try:
            async for chunk in flight.tail(live.turn.id):
                live.show(chunk)
            outcome = flight.outcome(live.turn.id)
            if live.turn.is_over:
                return
            if isinstance(outcome, Landed):
                await self._finish(live, claimed, outcome)
            else:
                await self._fail(live, outcome.detail if outcome is not None else AWAY)
        except Exception:
            _log.exception("a turn could not be finished")
            await self._fail(live, BROKEN_OFF)
        finally:
            done(live)

    async def _finish(self, live: LiveTurn, claimed: Claimed, landed: Landed) -> None:
        """Write the turn; a commit whose outcome is unknown is looked for before it is tried
        again, and before it is called failed."""
        asked = claimed.asked
        for attempt in range(FINISH_TRIES):
            try:
                message_id = await self._commit(claimed, landed) or await self._stored(asked)
            except Unavailable:
                await self._clock.sleep(0.25 * 2**attempt)
                continue
            if message_id is not None:
                live.complete(message_id)
            else:
                # Stopped, deleted, or its lease lost to a successor: nothing of it is kept.
                live.stop()
            return
        await self._fail(live, BROKEN_OFF)

    async def _commit(self, claimed: Claimed, landed: Landed) -> int | None:
        asked = claimed.asked
        async with self._store.write() as tx:
            node = await _held_node(tx, landed.node_id)
            session = await tx.chat.lock(asked.session_id)
            turn = session.turn if session is not None else None
            if session is None or turn is None or turn.id != asked.turn_id:
                return None
            if turn.status is not TurnStatus.RUNNING:
                return None
            led = landed.lead == asked.turn_id
            end = conclude(
                claimed.planned, session.position, node, landed.reply.text,
                led=led, ended=landed.reason, cut=claimed.request.cut,
                origin=_origin(asked.scene, landed.usage if led else Usage()),
            )  # fmt: skip
            if node is not None and end.node_id is not None and node.chunks == landed.reply.chunks:
                reply_id = node.reply_id
            else:
                reply_id = (await tx.chat.add_reply(landed.reply)).id
            return await self._write(tx, asked, end, reply_id)

    async def _stored(self, asked: Asked) -> int | None:
        async with self._store.read() as tx:
            stored = await tx.chat.turn(asked.session_id, asked.turn_id)
        return stored.message_id if stored is not None else None

    async def _fail(self, live: LiveTurn, detail: str) -> None:
        try:
            async with self._store.write() as tx:
                await tx.chat.end_turn(live.session_id, live.turn.id, TurnStatus.FAILED, detail)
        except Unavailable:
            _log.warning("a failed turn could not be ended in the store; its lease will end it")
        live.fail(detail)

    async def _write(self, tx: Write, asked: Asked, end: Conclusion, reply_id: int) -> int | None:
        now = self._clock.now()
        scene, step = asked.scene, asked.step
        canonical = canonical_text(step)
        message = await tx.chat.add_exchange(
            NewExchange(
                session_id=asked.session_id,
                turn_id=asked.turn_id,
                key=asked.key,
                content=asked.text,
                canonical=None if canonical == asked.text else canonical,
                user_meta=_user_meta(step),
                reply_id=reply_id,
                reply_meta=end.meta,
                at=now,
            ),
            is_greeting=isinstance(step, Greeting),
        )
        if message is None:
            return None
        tracking = end.position.state is CacheState.TRACKING
        stamp = scene.stamp if tracking else None
        await tx.chat.move(asked.session_id, end.position, stamp, now)
        await tx.activity.append(_event(asked, end, now))
        return message.id


async def _held_node(tx: Write, node_id: int | None) -> Node | None:
    """The node, its tree kept from being pruned; None where either is gone."""
    node = await tx.cache.get_node(node_id) if node_id is not None else None
    if node is None or not await tx.cache.hold_tree(node.tree_id):
        return None
    return node


def _origin(scene: Scene, usage: Usage) -> Mapping[str, object]:
    return origin(scene.context.model, scene.prompt.name, scene.prompt.version, usage)


def _event(asked: Asked, end: Conclusion, now: datetime) -> ActivityEvent:
    answer = asked.step if isinstance(asked.step, QuizAnswer) else None
    graded = answer.graded if answer is not None else None
    return ActivityEvent(
        user_id=asked.user_id,
        occurred_at=now,
        time_zone=asked.scene.time_zone,
        kind="chat_turn",
        course_id=asked.scene.place.course.id,
        content_item_id=asked.scene.place.item.id,
        as_staff=asked.scene.as_staff,
        session_id=asked.session_id,
        turn_id=asked.turn_id,
        outcome=end.outcome,
        reason=end.reason,
        node_id=end.node_id,
        question_id=None if answer is None else str(answer.question_id),
        answer=None if answer is None else answer.canonical,
        correct=None if graded is None else graded.correct,
    )


def _user_meta(step: Step) -> Mapping[str, object]:
    graded: Graded | None = step.graded if isinstance(step, QuizAnswer) else None
    return {} if graded is None else {"graded": structs.asdict(graded)}
