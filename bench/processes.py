"""The processes that are measured: started, asked for their CPU time, ended."""

import asyncio
import math
import os
import re
import sys
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from time import perf_counter

import asyncpg
import msgspec
from msgspec import Struct

from bench.load import Job, Report
from bench.world import KEY

START_SECONDS = 20
_ADDRESS = re.compile(rb"http://127\.0\.0\.1:(\d+)")


class Server(Struct, frozen=True, kw_only=True):
    """A server that is ready. `started`: seconds from its start until it answered, and
    `starting` how much of it was CPU. `name`: of its connections in PostgreSQL."""

    pid: int
    port: int
    name: str
    started: float
    starting: float

    def cpu(self) -> float:
        """Seconds of CPU so far, in all its threads."""
        return cpu_seconds(self.pid)


def cpu_seconds(pid: int) -> float:
    """The CPU time of a process and its threads so far; nan where it cannot be seen.

    Linux's clock of another process (clock_getcpuclockid(3)): nanoseconds, where `/proc`
    counts ticks of 10 ms.
    """
    try:
        return time.clock_gettime((~pid << 3) | 2)
    except OSError:
        return math.nan


class Backends:
    """The CPU time that PostgreSQL spends on the connections of one application."""

    def __init__(self, database: str | None) -> None:
        self._database = database

    async def cpu_seconds(self, name: str) -> float:
        """The sum over the open connections; nan where they are not on this machine."""
        if self._database is None:
            return 0.0
        connection = await asyncpg.connect(self._database)
        try:
            rows = await connection.fetch(
                "SELECT pid FROM pg_stat_activity"
                " WHERE datname = current_database() AND application_name = $1",
                name,
            )
        finally:
            await connection.close()
        return sum(_backend_seconds(row["pid"]) for row in rows)


def _backend_seconds(pid: int) -> float:
    comm = Path(f"/proc/{pid}/comm")
    is_here = comm.exists() and comm.read_text().startswith("postgres")
    return cpu_seconds(pid) if is_here else math.nan


@asynccontextmanager
async def service(
    database: str, folder: Path, settings: Mapping[str, str]
) -> AsyncIterator[Server]:
    """`twosigma serve` over this database, with these settings besides its defaults."""
    environ = {
        "TWOSIGMA_DATABASE_URL": database,
        "TWOSIGMA_SECRET_KEY": KEY,
        "TWOSIGMA_VAR_DIR": str(folder),
        **settings,
    }
    command = [sys.executable, "-m", "twosigma", "serve", "--port", "0"]
    async with _serving(command, environ, folder, name="twosigma") as server:
        yield server


@asynccontextmanager
async def limit(
    module: str, database: str, folder: Path, stamp: str, name: str
) -> AsyncIterator[Server]:
    """One of the hand-written servers."""
    command = [sys.executable, "-m", module, database, stamp]
    async with _serving(command, {}, folder, name=name) as server:
        yield server


@asynccontextmanager
async def _serving(
    command: list[str], environ: Mapping[str, str], folder: Path, *, name: str
) -> AsyncIterator[Server]:
    """Run until the block ends. Its log goes into a file, as a service's does."""
    log = folder / f"{name}.log"
    started = perf_counter()
    with log.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.PIPE, stderr=errors, env=_environ(environ)
        )
        try:
            assert process.stdout is not None
            try:
                async with asyncio.timeout(START_SECONDS):
                    port = await _port(process.stdout)
                    await _answers(port)
            except (TimeoutError, ConnectionError) as error:
                raise SystemExit(
                    f"{' '.join(command)} did not start:\n{log.read_text()}"
                ) from error
            ready = perf_counter() - started
            yield Server(
                pid=process.pid, port=port, name=name, started=ready,
                starting=cpu_seconds(process.pid),
            )  # fmt: skip
        finally:
            await _end(process)


def _environ(more: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TWOSIGMA_")}
    return {**kept, **more}


async def _port(output: asyncio.StreamReader) -> int:
    while line := await output.readline():
        if found := _ADDRESS.search(line):
            return int(found[1])
    raise ConnectionError


async def _answers(port: int) -> None:
    """Return when it answers, whatever it answers."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /health/ready HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
    await reader.readline()
    writer.close()


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
    try:
        async with asyncio.timeout(10):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


class Learners:
    """The load generator's process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def drive(self, job: Job) -> Report:
        """What this job gave; ends the measurement where an answer was wrong."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(msgspec.json.encode(job) + b"\n")
        line = await self._process.stdout.readline()
        if not line:
            raise SystemExit("the load generator ended: what it says stands above")
        return msgspec.json.decode(line, type=Report)


@asynccontextmanager
async def learners() -> AsyncIterator[Learners]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.load",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield Learners(process)
    finally:
        await _end(process)


def middle(values: Iterable[float]) -> float:
    """The median."""
    known = sorted(values)
    half = len(known) // 2
    return known[half] if len(known) % 2 else (known[half - 1] + known[half]) / 2
