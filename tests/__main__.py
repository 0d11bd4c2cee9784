"""The whole suite in two runs beside each other, one for each core: what runs in memory, with the
domain's coverage as its gate, and what needs databases, processes or loopback servers.

The second is shown as it goes, the first when it has ended; the last line counts what was skipped
in both. Exits with 1 if anything failed.
"""

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from typing import IO

PYTEST = (sys.executable, "-W", "error", "-m", "pytest", "-m", "not chaos")
# The domain's own tests reach all of it; the others would only run twice as long under coverage.
DOMAIN = (
    "tests/domain", "--cov=twosigma.domain", "--cov-branch",
    "--cov-report=term-missing:skip-covered", "--cov-fail-under=100",
)  # fmt: skip
IN_MEMORY = (
    "tests/app", "tests/http", "tests/pages", "tests/security", "tests/mutation",
    "tests/architecture",
)  # fmt: skip
_SKIPPED = re.compile(r"^skipped: (\d+)(?: \((.*)\))?$", re.MULTILINE)


def in_memory(output: IO[str]) -> Iterator[subprocess.Popen[str]]:
    """The runs in memory, one after another."""
    for chosen in (DOMAIN, IN_MEMORY):
        yield subprocess.Popen([*PYTEST, *chosen], stdout=output, stderr=output, text=True)


def with_services() -> subprocess.Popen[str]:
    others = [f"--ignore={folder}" for folder in ("tests/domain", *IN_MEMORY)]
    return subprocess.Popen([*PYTEST, *others], stdout=subprocess.PIPE, text=True)


def main() -> int:
    with tempfile.TemporaryFile("w+") as kept:
        waiting = in_memory(kept)
        beside: subprocess.Popen[str] | None = next(waiting)
        codes, said = [], []
        with with_services() as services:
            assert services.stdout is not None
            for line in services.stdout:
                print(line, end="", flush=True)
                said.append(line)
                if beside is not None and beside.poll() is not None:
                    codes.append(beside.returncode)
                    beside = next(waiting, None)
        codes.append(services.returncode)
        while beside is not None:
            codes.append(beside.wait())
            beside = next(waiting, None)
        kept.seek(0)
        told = kept.read()
    print(told, end="")
    skips = _SKIPPED.findall(told + "".join(said))
    reasons = "; ".join(why for _, why in skips if why)
    total = sum(int(count) for count, _ in skips)
    print(f"skipped in all: {total}" + (f" ({reasons})" if reasons else ""))
    return int(any(codes))


if __name__ == "__main__":
    sys.exit(main())
