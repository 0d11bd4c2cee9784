"""Passwords kept as bcrypt, worked out in threads of their own.

What bcrypt is given is base64(HMAC-SHA-384(label, password)): 64 characters, never NUL, so that
none of its 72 bytes is lost and a leaked hash of another application does not help. The label is
part of every stored hash and must never change.
"""

import asyncio
import base64
import hmac
import re
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

import bcrypt
import structlog

from twosigma.domain.errors import Unavailable

T = TypeVar("T")

_LABEL = b"twosigma.password.v1"
_HASH = re.compile(r"\$2[aby]\$(0[4-9]|1[0-6])\$[./A-Za-z0-9]{53}")
"""What can be read: cost 4 to 16 (a mangled row must not keep a thread busy for hours)."""
RETRY_AFTER = 2

_log = structlog.get_logger(__name__)


class BcryptHasher:
    """`cost` as bcrypt has it (2**cost rounds), `threads` at work at once, and `queue` callers at
    most who wait for one of them."""

    def __init__(self, cost: int = 12, threads: int = 2, queue: int = 32) -> None:
        self._cost = cost
        self._limit = threads + queue
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="bcrypt")
        self._jobs: set[Future[Any]] = set()
        # Well formed, so it costs what a real one does; nobody knows a password for it.
        self._nobody = f"$2b${cost:02}$" + "." * 53

    async def hash(self, password: str) -> str:
        salted = await self._work(lambda: bcrypt.hashpw(_digest(password), self._salt()))
        return salted.decode()

    async def verify(self, password: str, hashed: str | None) -> bool:
        known = hashed
        if hashed is not None and not _HASH.fullmatch(hashed):
            _log.error("a stored password hash cannot be read")
            known = None
        against = (known or self._nobody).encode()
        fits = await self._work(lambda: bcrypt.checkpw(_digest(password), against))
        return fits and known is not None

    def _salt(self) -> bytes:
        return bcrypt.gensalt(self._cost)

    async def _work(self, work: Callable[[], T]) -> T:
        if len(self._jobs) >= self._limit:
            detail = "Too many people are signing in right now. Please try again in a moment."
            raise Unavailable(detail, retry_after=RETRY_AFTER)
        job = self._executor.submit(work)
        # The job's own end counts, not its caller's, who may go away while it still runs.
        self._jobs.add(job)
        job.add_done_callback(self._jobs.discard)
        return await asyncio.wrap_future(job)


def _digest(password: str) -> bytes:
    # Lone surrogates are refused at sign-up; at login they are only a wrong password.
    plain = password.encode("utf-8", "surrogatepass")
    return base64.b64encode(hmac.digest(_LABEL, plain, "sha384"))
