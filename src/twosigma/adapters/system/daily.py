"""Work that is to be done once a day, by one process at a time."""

import asyncio
import fcntl
import logging
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

DAY = 86_400.0
_LOOK_SECONDS = 3_600.0
_FIRST_SECONDS = 60.0

_log = logging.getLogger(__name__)


async def every_day(
    work: Callable[[], Awaitable[None]],
    mark: Path,
    *,
    first: float = _FIRST_SECONDS,
    look: float = _LOOK_SECONDS,
) -> None:
    """Do the work whenever a day has passed since it was last done, for ever.

    `mark` is a file that all processes share: it is locked while one of them works, and holds
    when that ended, as Unix seconds. It is looked at after `first` seconds, then every `look`.
    Work that fails is logged, and tried again at the next look.
    """
    await asyncio.sleep(first)
    while True:
        try:
            await once_a_day(work, mark)
        except Exception:
            _log.warning("the daily work failed", exc_info=True)
        await asyncio.sleep(look)


async def once_a_day(work: Callable[[], Awaitable[None]], mark: Path) -> bool:
    """Do the work unless it was done within a day or another process is at it; tells which."""
    mark.parent.mkdir(parents=True, exist_ok=True)
    with mark.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        file.seek(0)
        if time.time() - _seconds(file.read()) < DAY:
            return False
        await work()
        file.truncate(0)
        file.write(f"{time.time():.0f}")
    return True


def _seconds(text: str) -> float:
    return float(text) if text.isdigit() else 0.0
