"""Turns that run in this process, and the streams that read them.

A response, a client that reconnects and a learner who waits are one thing: a reader of a log.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable

from msgspec import Struct

from twosigma.domain.replies import KEEP_ALIVE
from twosigma.domain.turn import Turn
from twosigma.ports.clock import Clock


class LiveTurn:
    """A turn and those who read it. Its task drives it; readers wait for it to move."""

    def __init__(self, turn_id: str, session_id: int, key: str | None) -> None:
        self.turn = Turn(turn_id)
        self.session_id = session_id
        self.key = key
        self.is_claimed = False
        self._moved = asyncio.Event()
        self._leave: Callable[[], None] = _nothing

    def show(self, chunk: str) -> None:
        self.turn.show(chunk)
        self._wake()

    def complete(self, message_id: int) -> None:
        self.turn.complete(message_id)
        self._wake()

    def fail(self, detail: str) -> None:
        self.turn.fail(detail)
        self._wake()

    def on_stop(self, leave: Callable[[], None]) -> None:
        """What else is to be done when it is stopped; at once, if it was."""
        self._leave = leave
        if self.turn.is_over:
            leave()

    def stop(self) -> None:
        self.turn.stop()
        self._leave()
        self._wake()

    def abandon(self, detail: str) -> None:
        """It fails, and what it waits for goes on without it."""
        self.turn.fail(detail)
        self._leave()
        self._wake()

    async def first(self) -> None:
        """Wait for the first event."""
        while not self.turn.events:
            await self._moved.wait()

    async def over(self) -> None:
        """Wait for the end."""
        while not self.turn.is_over:
            await self._moved.wait()

    async def follow(
        self, after: int, clock: Clock, keep_alive: float
    ) -> AsyncGenerator[bytes, None]:
        """The events after the first `after`, as they come; a comment line in long silence.

        A reader that fell behind gets all there is in one piece.
        """
        at = after
        while True:
            events = self.turn.events
            if at < len(events):
                piece, at = b"".join(events[at:]), len(events)
                yield piece
            elif self.turn.is_over:
                return
            elif not await self._moves(clock, keep_alive):
                yield KEEP_ALIVE

    async def _moves(self, clock: Clock, seconds: float) -> bool:
        try:
            async with clock.timeout(seconds):
                await self._moved.wait()
        except TimeoutError:
            return False
        return True

    def _wake(self) -> None:
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()


def _nothing() -> None:
    """A turn that reads no flight yet has none to leave."""


class Ready(Struct, frozen=True):
    """A turn's events, all there: `body` ends with `done`."""

    turn_id: str
    body: bytes


class Streaming(Struct, frozen=True):
    """A turn's events as they come."""

    turn_id: str
    events: AsyncGenerator[bytes, None]


TurnStream = Ready | Streaming
