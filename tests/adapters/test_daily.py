"""Daily work: once a day, by one process at a time, and again after a failure."""

import asyncio
import contextlib
import fcntl
import logging
import time
from pathlib import Path

import pytest

from twosigma.adapters.system.daily import DAY, every_day, once_a_day


class Work:
    """Counts how often it was done; the first `failures` times it fails."""

    def __init__(self, failures: int = 0) -> None:
        self.done = 0
        self._failures = failures

    async def __call__(self) -> None:
        if self._failures:
            self._failures -= 1
            raise OSError("not now")
        self.done += 1


async def test_work_is_done_once_a_day(tmp_path: Path) -> None:
    work, mark = Work(), tmp_path / "var" / "mark"
    assert await once_a_day(work, mark)
    assert not await once_a_day(work, mark)
    mark.write_text(f"{time.time() - DAY - 1:.0f}")
    assert await once_a_day(work, mark)
    assert work.done == 2


async def test_a_mark_that_cannot_be_read_is_an_old_one(tmp_path: Path) -> None:
    work, mark = Work(), tmp_path / "mark"
    mark.write_text("yesterday")
    assert await once_a_day(work, mark)
    assert not await once_a_day(work, mark)


async def test_while_another_process_works_nothing_is_done(tmp_path: Path) -> None:
    work, mark = Work(), tmp_path / "mark"
    with mark.open("a") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert not await once_a_day(work, mark)
    assert work.done == 0
    assert await once_a_day(work, mark)


async def test_work_that_fails_is_logged_and_done_at_the_next_look(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    work = Work(failures=2)
    with caplog.at_level(logging.WARNING), contextlib.suppress(TimeoutError):
        async with asyncio.timeout(0.5):
            await every_day(work, tmp_path / "mark", first=0, look=0.01)
    assert work.done == 1
    assert [record.message for record in caplog.records] == ["the daily work failed"] * 2
