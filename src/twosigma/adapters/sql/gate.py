"""SQLite has one writer at a time: in this process they queue here, first come first served,
instead of waiting for one another inside the database by polling."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from twosigma.adapters.sql.failures import DETAIL, RETRY_AFTER
from twosigma.domain.errors import Unavailable

QUEUE_SECONDS = 20.0
"""How long one waits in line. A lecture hall that opens a cold lesson is a line of hundreds that
moves: to be told to come back would cost each of them more than to wait."""


class Gate:
    """Lets one in at a time. Belongs to one event loop."""

    def __init__(self) -> None:
        self._is_held = False
        self._waiting: deque[Callable[[], None]] = deque()

    def request(self, granted: Callable[[], None]) -> None:
        """Call `granted` when it is this caller's turn, who must then `release`."""
        if self._is_held:
            self._waiting.append(granted)
        else:
            self._is_held = True
            granted()

    def release(self) -> None:
        if self._waiting:
            self._waiting.popleft()()
        else:
            self._is_held = False

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Hold the gate. Raises Unavailable after `QUEUE_SECONDS`."""
        await self._enter()
        try:
            yield
        finally:
            self.release()

    async def _enter(self) -> None:
        entered: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def granted() -> None:
            if entered.done():
                self.release()
            else:
                entered.set_result(None)

        self.request(granted)
        try:
            async with asyncio.timeout(QUEUE_SECONDS):
                await entered
        except BaseException as error:
            if entered.done() and not entered.cancelled():
                self.release()
            if isinstance(error, TimeoutError):
                raise Unavailable(DETAIL, retry_after=RETRY_AFTER) from error
            raise
