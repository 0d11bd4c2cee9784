"""The whole suite in parts, of which two run beside each other, one for each core.

The parts are taken one after another by whoever is free, the longest first. What the one says is
shown as it goes, what the other says whenever a part of it has ended; the last line counts what
was skipped in all. Exits with 1 if anything failed.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from threading import Lock, Thread

PYTEST = (sys.executable, "-W", "error", "-m", "pytest", "-m", "not chaos")
# The domain's own tests reach all of it; the others would only run twice as long under coverage.
DOMAIN = (
    "tests/domain", "--cov=twosigma.domain", "--cov-branch",
    "--cov-report=term-missing:skip-covered", "--cov-fail-under=100",
)  # fmt: skip
PARTS = (
    ("tests/contract", "tests/sql"),
    ("tests/app", "tests/http", "tests/pages"),
    ("tests/service",),
    ("tests/cli",),
    DOMAIN,
    ("tests/adapters",),
)
# The last part is whatever is in none of these, so that no new folder is forgotten.
_NAMED = {folder for part in PARTS for folder in part if folder.startswith("tests/")}
REST = ("tests", *(f"--ignore={folder}" for folder in sorted(_NAMED)))
_SKIPPED = re.compile(r"^skipped: (\d+)(?: \((.*)\))?$", re.MULTILINE)


class Suite:
    """The parts that are left, and what became of the others."""

    def __init__(self) -> None:
        self._left: Iterator[tuple[str, ...]] = iter((*PARTS, REST))
        self._lock = Lock()
        self.has_failed = False
        self.said: list[str] = []

    def work(self, *, is_shown: bool) -> None:
        """Run one part after another until none is left."""
        while part := self._next():
            lines: list[str] = []
            with subprocess.Popen([*PYTEST, *part], stdout=subprocess.PIPE, text=True) as run:
                assert run.stdout is not None
                for line in run.stdout:
                    lines.append(line)
                    if is_shown:
                        print(line, end="", flush=True)
            with self._lock:
                self.has_failed |= run.returncode != 0
                self.said += lines
                if not is_shown:
                    print("".join(lines), end="", flush=True)

    def _next(self) -> tuple[str, ...] | None:
        with self._lock:
            return next(self._left, None)


def main() -> int:
    suite = Suite()
    beside = Thread(target=suite.work, kwargs={"is_shown": False})
    beside.start()
    suite.work(is_shown=True)
    beside.join()
    skips = _SKIPPED.findall("".join(suite.said))
    reasons = "; ".join(why for _, why in skips if why)
    total = sum(int(count) for count, _ in skips)
    print(f"skipped in all: {total}" + (f" ({reasons})" if reasons else ""))
    return int(suite.has_failed)


if __name__ == "__main__":
    sys.exit(main())
