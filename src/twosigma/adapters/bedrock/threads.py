"""Threads for calls that block, never the event loop's own: a bounded number, a bounded queue."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any, TypeVar

from twosigma.domain.llm import ModelRefused

T = TypeVar("T")
BUSY = "Busy"


class Threads:
    """`threads` calls at once; `queue` more may wait, `wait` seconds each, for one to end."""

    def __init__(self, threads: int = 16, queue: int = 32, wait: float = 10) -> None:
        self.count = threads
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="bedrock")
        self._free = asyncio.Semaphore(threads)
        self._queue = queue
        self._wait = wait
        self._waiting = 0

    async def start(self, work: Callable[[], T]) -> asyncio.Future[T]:
        """Begin this work; what it will give. Raises ModelRefused where too many wait."""
        await self._take()
        loop = asyncio.get_running_loop()

        def give_back(_: Future[Any]) -> None:
            with suppress(RuntimeError):  # the loop has ended, and all that waited with it
                loop.call_soon_threadsafe(self._free.release)

        job = self._executor.submit(work)
        # The work's own end counts, not its caller's, who may go away while it still runs.
        job.add_done_callback(give_back)
        return asyncio.wrap_future(job)

    async def _take(self) -> None:
        if self._free.locked() and self._waiting >= self._queue:
            raise ModelRefused(BUSY)
        self._waiting += 1
        try:
            async with asyncio.timeout(self._wait):
                await self._free.acquire()
        except TimeoutError:
            raise ModelRefused(BUSY) from None
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Take no more work; what runs goes on to its end."""
        self._executor.shutdown(wait=False, cancel_futures=True)
