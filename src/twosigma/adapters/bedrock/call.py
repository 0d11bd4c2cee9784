"""A call that works in a thread, and is read in the event loop, piece by piece."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import suppress

from msgspec import Struct

from twosigma.adapters.bedrock.failures import refusal_of
from twosigma.adapters.bedrock.line import Line
from twosigma.domain.llm import ModelRefused, Piece

AHEAD = 64
"""Pieces that may be there before they are read."""

Work = Callable[[], Generator[Piece, None, None]]


class _Over(Struct, frozen=True):
    refusal: ModelRefused | None


class Call:
    """Run `run` in a thread, read `pieces`, and `cancel` in the end, whatever happened."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._loop = asyncio.get_running_loop()
        self._given: asyncio.Queue[Piece | _Over] = asyncio.Queue()
        self._room = threading.Semaphore(AHEAD)
        self._line = Line()

    def run(self) -> None:
        """Work until there is no more, it fails, or it is cancelled. Never raises."""
        has_begun = False
        over = _Over(None)
        with self._line.held():
            pieces = self._work()
            try:
                for piece in pieces:
                    self._room.acquire()
                    if self._line.is_cut:
                        break
                    has_begun = True
                    self._give(piece)
            except Exception as error:
                over = _Over(refusal_of(error, has_begun=has_begun))
            finally:
                pieces.close()
        self._give(over)

    async def pieces(self) -> AsyncGenerator[Piece, None]:
        """What the work gives. Raises ModelRefused where it fails."""
        while True:
            given = await self._given.get()
            self._room.release()
            if isinstance(given, _Over):
                if given.refusal is not None:
                    raise given.refusal
                return
            yield given

    def cancel(self) -> None:
        """End the work now, wherever it waits."""
        self._line.cut()
        self._room.release()

    def _give(self, piece: Piece | _Over) -> None:
        with suppress(RuntimeError):  # the loop has ended: nobody reads any more
            self._loop.call_soon_threadsafe(self._given.put_nowait, piece)
