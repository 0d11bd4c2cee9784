"""The command as its users run it: a process of its own, or many calls in one process."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from msgspec import Struct

from tests import leaks

WAIT_SECONDS = 30
COMMAND = (sys.executable, "-W", "error", "-m", "twosigma")


class Outcome(Struct, frozen=True):
    """How a command ended and what it wrote."""

    code: int
    out: str
    err: str


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """This process's, with these settings (their names without the prefix) and no others."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("TWOSIGMA_")}
    return kept | {f"TWOSIGMA_{name}": text for name, text in settings.items()}


def command(settings: Mapping[str, str], *arguments: str, stdin: str = "") -> Outcome:
    """Run the command to its end."""
    done = subprocess.run(
        [*COMMAND, *arguments],
        env=environment(settings),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=WAIT_SECONDS,
        check=False,
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


@dataclass
class Server:
    """A process that serves; `lines` are what it wrote until it was ready."""

    process: subprocess.Popen[str]
    log: Path
    url: str = ""
    lines: list[str] = field(default_factory=list)

    def wait_until_ready(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            if line.startswith("2Sigma listens on"):
                self.url = line.split()[-1]
            if line.startswith("Documentation"):
                return
        raise AssertionError(f"it ended with {self.process.wait()}: {self.log.read_text()}")

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal; the exit code."""
        self.process.send_signal(number)
        return self.process.wait(WAIT_SECONDS)


@contextmanager
def serving(settings: Mapping[str, str], folder: Path, *arguments: str) -> Iterator[Server]:
    """`twosigma serve` on a free port, killed in the end if it still runs. Its standard error
    goes into a file in the folder."""
    log = folder / "serve.log"
    with log.open("a") as errors:
        process = subprocess.Popen(
            [*COMMAND, "serve", "--port", "0", *arguments],
            env=environment(settings),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    server = Server(process, log)
    with process:
        try:
            server.wait_until_ready()
            yield server
        finally:
            process.kill()
            leaks.look("the service's log", log.read_text())
