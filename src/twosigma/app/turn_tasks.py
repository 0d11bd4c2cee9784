"""The turns of this process: their tasks, their leases, and their end when the process stops."""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import TypeVar

from twosigma.app.live_turns import LiveTurn
from twosigma.app.policy import Policy
from twosigma.domain.chat import StoredTurn, TurnStatus, last_turn
from twosigma.domain.errors import Unavailable
from twosigma.domain.replies import KEEP_ALIVE, error_event
from twosigma.domain.turn import AWAY, BROKEN_OFF
from twosigma.ports.clock import Clock
from twosigma.ports.store import Store

T = TypeVar("T")

MAX_ERRANDS = 1_000

_log = logging.getLogger(__name__)


class TurnTasks:
    """Keeps what runs. `owner` names the process in the leases of its turns."""

    def __init__(self, store: Store, clock: Clock, policy: Policy, owner: str) -> None:
        self._store = store
        self._clock = clock
        self._policy = policy
        self.owner = owner
        self._live: dict[str, LiveTurn] = {}
        self._doubtful: list[LiveTurn] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._errands: set[asyncio.Task[None]] = set()
        self._group: asyncio.TaskGroup | None = None
        self._is_closing = False

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Tasks run within this block. Leaving it: no new turns, running ones get
        `policy.drain` seconds to end, the rest fails."""
        failure: BaseException | None = None
        async with asyncio.TaskGroup() as group:
            self._group, self._is_closing = group, False
            self.start(self._renew_forever())
            try:
                yield
            except BaseException as error:  # raised again below, out of the task group's wrapping
                failure = error
            await self.close()
            for task in list(self._tasks):
                task.cancel()
        self._group = None
        if failure is not None:
            raise failure

    async def close(self) -> None:
        """Take no more turns; let the running ones and the errands end, or fail them when their
        time is up."""
        self._is_closing = True
        try:
            async with self._clock.timeout(self._policy.drain):
                while running := self._running():
                    await running[0].over()
                await self.settled()
        except TimeoutError:
            for live in self._running():
                await self._give_up(live)

    def _running(self) -> list[LiveTurn]:
        return [live for live in self._live.values() if not live.turn.is_over]

    def require_open(self) -> None:
        """Raise Unavailable while the process stops."""
        if self._is_closing or self._group is None:
            raise Unavailable("The service is restarting", retry_after=5)

    def start(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Run in the background; what goes wrong in it is logged."""
        if self._group is None:
            work.close()
            raise Unavailable("The service is not running", retry_after=5)
        task = self._group.create_task(_logged(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        # A task that is cancelled before its first step never gets to await its work.
        task.add_done_callback(lambda _: work.close())
        return task

    def errand(self, work: Callable[[], Coroutine[None, None, None]]) -> None:
        """Something small that no request waits for; it gets its time when the process stops.
        Where too many wait it is dropped, and the log says so."""
        if len(self._errands) >= MAX_ERRANDS:
            _log.warning("an errand was dropped: too many wait")
            return
        task = self.start(_run(work))
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

    async def settled(self) -> None:
        """Come back when no errand is left."""
        while self._errands:
            await asyncio.wait(self._errands)

    def ask(self, work: Coroutine[None, None, T]) -> asyncio.Future[T]:
        """Run in the background, for somebody who may go away before its result is there."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        # Read the error, or the loop would complain of a result that nobody waited for.
        future.add_done_callback(lambda done: done.cancelled() or done.exception())
        task = self.start(_into(future, work))
        task.add_done_callback(lambda _: work.close())
        task.add_done_callback(lambda _: future.cancel())
        return future

    def add(self, live: LiveTurn) -> None:
        self._live[live.turn.id] = live

    def remove(self, live: LiveTurn) -> None:
        self._live.pop(live.turn.id, None)

    def doubt(self, live: LiveTurn) -> None:
        """Its claim failed, and whether the store has it all the same is not known yet."""
        self.remove(live)
        self._doubtful.append(live)

    def get(self, turn_id: str) -> LiveTurn | None:
        return self._live.get(turn_id)

    def stop(self, turn_id: str) -> None:
        """The turn was stopped in the store; stop it here, if it runs here."""
        live = self._live.get(turn_id)
        if live is not None:
            live.stop()

    async def watch(
        self, session_id: int, turn_id: str
    ) -> AsyncGenerator[bytes | StoredTurn, None]:
        """A turn that another process runs: comment lines while it does, then the stored turn
        or its error event."""
        waited = 0.0
        while True:
            async with self._store.read() as tx:
                stored = await tx.chat.turn(session_id, turn_id)
                session = await tx.chat.get(session_id)
            if stored is not None:
                yield stored
                return
            turn = last_turn(session.turn) if session is not None else None
            if turn is None or turn.id != turn_id or turn.status is not TurnStatus.RUNNING:
                detail = turn.detail if turn is not None and turn.id == turn_id else None
                yield error_event(detail or AWAY)
                return
            await self._clock.sleep(self._policy.poll)
            waited += self._policy.poll
            if waited >= self._policy.keep_alive:
                waited = 0.0
                yield KEEP_ALIVE

    async def _renew_forever(self) -> None:
        while True:
            await self._clock.sleep(self._policy.renewal)
            try:
                await self._renew()
            except Exception:
                _log.warning("the leases of running turns could not be renewed", exc_info=True)

    async def _renew(self) -> None:
        claimed = [live for live in self._live.values() if live.is_claimed]
        running = await self._store.renew(self.owner, self._policy.lease)
        for live in claimed:
            if live.turn.id not in running and not live.turn.is_over:
                await self._look_after(live)
        doubtful, self._doubtful = self._doubtful, []
        for live in doubtful:
            if live.turn.id in running:
                await self._settle_doubt(live)

    async def _look_after(self, live: LiveTurn) -> None:
        """Not among the running: it has just been completed, or it was stopped or lost."""
        async with self._store.read() as tx:
            stored = await tx.chat.turn(live.session_id, live.turn.id)
        if stored is None:
            live.stop()

    async def _settle_doubt(self, live: LiveTurn) -> None:
        """A turn that runs in our name though its claim failed here."""
        async with self._store.write() as tx:
            await tx.chat.end_turn(live.session_id, live.turn.id, TurnStatus.FAILED, AWAY)

    async def _give_up(self, live: LiveTurn) -> None:
        try:
            async with self._store.write() as tx:
                await tx.chat.end_turn(live.session_id, live.turn.id, TurnStatus.FAILED, BROKEN_OFF)
        except Unavailable:
            _log.warning("a turn could not be ended in the store; its lease will end it")
        live.abandon(BROKEN_OFF)


async def _run(work: Callable[[], Coroutine[None, None, None]]) -> None:
    await work()


async def _logged(work: Coroutine[None, None, None]) -> None:
    try:
        await work
    except Exception:
        # Left alone it would end the task group, and every other turn with it.
        _log.exception("a task failed")


async def _into(future: asyncio.Future[T], work: Coroutine[None, None, T]) -> None:
    try:
        result = await work
    except Exception as error:
        if not future.done():
            future.set_exception(error)
    else:
        if not future.done():
            future.set_result(result)
