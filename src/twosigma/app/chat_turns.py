"""One exchange: from the tree in one step, or from the model in a task of its own.

The order of a turn is `docs/architecture.md`'s tour; the rules are `domain.cache_tree` and
`domain.turn`. No transaction is open while the model speaks, and none waits for another task.
"""

import asyncio
from collections.abc import AsyncGenerator

from twosigma.app.access import acting, owned
from twosigma.app.context import Contexts
from twosigma.app.generations import Generations, NodePlan
from twosigma.app.limits import Limits
from twosigma.app.live_turns import LiveTurn, Ready, Streaming, TurnStream
from twosigma.app.policy import Policy
from twosigma.app.spending import Spending
from twosigma.app.turn_claims import Message, TurnClaims
from twosigma.app.turn_tasks import TurnTasks
from twosigma.app.turn_writes import Claimed, TurnWrites
from twosigma.domain.cache_tree import Lead
from twosigma.domain.chat import StoredTurn, TurnStatus, last_turn
from twosigma.domain.errors import Missing, Unavailable
from twosigma.domain.repeats import require_key
from twosigma.domain.replies import done_event, error_event, events_after
from twosigma.domain.steps import GREETING_TEXT, Greeting, QuizAnswer, canonical_text, parse
from twosigma.domain.turn import AWAY, Phase
from twosigma.ports.chat import HitRequest
from twosigma.ports.clock import Clock
from twosigma.ports.flights import Flights
from twosigma.ports.llm import Llm
from twosigma.ports.secrets import Random
from twosigma.ports.store import Store


class ChatTurns:
    """Send, greet, stop, follow. Takes account ids, not actors: the hit path reads the account
    in its one statement, and everything else reads it in its own transaction."""

    def __init__(
        self,
        *,
        store: Store,
        flights: Flights,
        llm: Llm,
        clock: Clock,
        random: Random,
        contexts: Contexts,
        tasks: TurnTasks,
        limits: Limits,
        spending: Spending,
        policy: Policy,
    ) -> None:
        self._store = store
        self._flights = flights
        self._clock = clock
        self._random = random
        self._contexts = contexts
        self._policy = policy
        self._tasks = tasks
        self._writes = TurnWrites(store, clock)
        self._claims = TurnClaims(
            store=store,
            contexts=contexts,
            clock=clock,
            writes=self._writes,
            limits=limits,
            spending=spending,
            owner=tasks.owner,
            lease=policy.lease,
        )
        self._generations = Generations(
            store=store,
            llm=llm,
            clock=clock,
            limits=policy.limits,
            spending=spending,
            start=self._tasks.start,
        )

    async def send(
        self, user_id: int, session_id: int, content: object, key: str | None = None
    ) -> TurnStream:
        """Answer a message; gives the turn's events once the first is there.

        Raises Invalid, Unauthenticated, Missing, Forbidden; Conflict while another turn runs
        or for a key that was used with other content; TooMany; Unavailable where the tutor cannot
        answer (nothing is kept then).
        """
        if key is not None:
            require_key(key)
        self._tasks.require_open()
        hit = await self._hit(user_id, session_id, content, key)
        if hit is not None:
            return hit
        # A task of its own: a client that goes away must not leave a turn claimed and unled.
        return await asyncio.shield(
            self._tasks.ask(self._answer(user_id, session_id, content, key))
        )

    async def greet(self, user_id: int, session_id: int, key: str | None = None) -> TurnStream:
        """The session's greeting: made, read along with, or replayed.

        Raises as `send`; Conflict in a session that began otherwise.
        """
        if key is not None:
            require_key(key)
        self._tasks.require_open()
        hit = await self._hit(user_id, session_id, GREETING_TEXT, key)
        if hit is not None:
            return hit
        return await asyncio.shield(
            self._tasks.ask(self._answer(user_id, session_id, GREETING_TEXT, key, greet=True))
        )

    async def stop(self, user_id: int, session_id: int) -> None:
        """Stop the running turn; nothing of it is kept. Raises Missing where none runs."""
        async with self._store.write() as tx:
            await acting(tx, user_id)
            session = owned(await tx.chat.lock(session_id), user_id)
            turn = session.turn
            if turn is None or not turn.is_running:
                raise Missing("No turn is running")
            await tx.chat.end_turn(session_id, turn.id, TurnStatus.STOPPED, None)
        self._tasks.stop(turn.id)

    async def stream(
        self, user_id: int, session_id: int, turn_id: str | None, after: int
    ) -> TurnStream | None:
        """A turn's events after the first `after`; without an id, the running or last one's.

        None: nothing is left to give, or there is no turn yet. Raises Missing for a turn that
        is not this session's.
        """
        async with self._store.read() as tx:
            await acting(tx, user_id)
            session = owned(await tx.chat.get(session_id), user_id)
            turn = last_turn(session.turn)
            wanted = turn_id or (turn.id if turn is not None else None)
            stored = await tx.chat.turn(session_id, wanted) if wanted is not None else None
        live = self._tasks.get(wanted or "")
        if live is not None and live.session_id == session_id:
            return self._follow(live, after)
        if stored is not None:
            return _replayed(stored, after)
        if wanted is None:
            return None
        if turn is None or turn.id != wanted:
            raise Missing("Turn not found")
        if turn.status is TurnStatus.RUNNING:
            return Streaming(wanted, self._elsewhere(session_id, wanted, after))
        return Ready(wanted, error_event(turn.detail or AWAY))

    async def _hit(
        self, user_id: int, session_id: int, content: object, key: str | None
    ) -> Ready | None:
        """The reply from the tree, in one call of the store."""
        text, step = parse(content, has_turns=False, has_greeting=True)
        if not isinstance(step, Greeting | QuizAnswer):
            return None
        answer = step if isinstance(step, QuizAnswer) else None
        hit = await self._store.advance(
            HitRequest(
                session_id=session_id,
                user_id=user_id,
                turn_id=self._random.uuid(),
                key=key,
                content=text,
                canonical=None if step.canonical == text else step.canonical,
                digest=step.digest,
                is_greeting=answer is None,
                question_id=None if answer is None else str(answer.question_id),
                answer=None if answer is None else answer.canonical,
                settings=self._contexts.settings,
                now=self._clock.now(),
            )
        )
        return None if hit is None else Ready(hit.turn_id, hit.body + done_event(hit.message_id))

    async def _answer(
        self,
        user_id: int,
        session_id: int,
        content: object,
        key: str | None,
        *,
        greet: bool = False,
    ) -> TurnStream:
        """The slow path: claim the session's turn, then fly or replay."""
        message = Message(content=content, key=key, must_greet=greet)
        live = LiveTurn(self._random.uuid(), session_id, key)
        self._tasks.add(live)
        try:
            claim = await self._claims.claim(user_id, session_id, message, live.turn.id)
        except Unavailable:
            self._tasks.doubt(live)
            raise
        except BaseException:
            self._tasks.remove(live)
            raise
        if isinstance(claim, Claimed):
            live.is_claimed = True
            await self._fly(live, claim)
            return await self._first(live)
        self._tasks.remove(live)
        if isinstance(claim, StoredTurn):
            return Ready(claim.turn_id, claim.reply.body + done_event(claim.message_id))
        other = self._tasks.get(claim.id)
        if other is not None:
            return await self._first(other)
        return Streaming(claim.id, self._elsewhere(session_id, claim.id, 0))

    async def _fly(self, live: LiveTurn, claim: Claimed) -> None:
        """Join the flight to this node, or lead it; then show what comes of it."""
        planned = claim.planned
        edge = planned.edge if isinstance(planned, Lead) else None
        flight, leads = await self._flights.join(edge, live.turn.id)
        if leads:
            node = None
            if isinstance(planned, Lead):
                step = claim.asked.step
                node = NodePlan(
                    lead=planned,
                    scene=claim.asked.scene,
                    message=canonical_text(step),
                    graded=step.graded if isinstance(step, QuizAnswer) else None,
                )
            self._generations.launch(flight, claim.request, node)
        self._generations.board(flight, live.turn.id, claim.asked.payer)

        def leave() -> None:
            if flight.leave(live.turn.id):
                self._generations.cancel(flight)

        live.on_stop(leave)
        self._tasks.start(self._writes.show(live, flight, claim, self._tasks.remove))

    async def _first(self, live: LiveTurn) -> TurnStream:
        """The turn's events, once the first is there; a failure before it is an error."""
        await live.first()
        if live.turn.is_silent and live.turn.phase is Phase.FAILED:
            raise Unavailable(live.turn.detail or AWAY, retry_after=5)
        stream = self._follow(live, 0)
        assert stream is not None  # noqa: S101 -- the first event was there
        return stream

    def _follow(self, live: LiveTurn, after: int) -> TurnStream | None:
        if live.turn.is_over:
            body = b"".join(live.turn.events[after:])
            return Ready(live.turn.id, body) if body else None
        events = live.follow(after, self._clock, self._policy.keep_alive)
        return Streaming(live.turn.id, events)

    async def _elsewhere(
        self, session_id: int, turn_id: str, after: int
    ) -> AsyncGenerator[bytes, None]:
        """The events of a turn that another process runs: all at once, when it has ended."""
        async for piece in self._tasks.watch(session_id, turn_id):
            if isinstance(piece, StoredTurn):
                replay = _replayed(piece, after)
                yield replay.body if replay is not None else b""
            else:
                yield piece


def _replayed(stored: StoredTurn, after: int) -> Ready | None:
    events = events_after(stored.reply.body + done_event(stored.message_id), after)
    return Ready(stored.turn_id, events) if events else None
