"""Break each rule in a copy of the project, and say which test caught it."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.mutation.mutants import MUTANTS, Mutant

ROOT = Path(__file__).parents[2]


def caught_by(mutant: Mutant, copy: Path) -> str | None:
    """The first test that fails with this rule broken."""
    file = copy / "src/twosigma" / mutant.file
    whole = file.read_text()
    file.write_text(whole.replace(mutant.old, mutant.new, 1))
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-x", "-q", "-m", "not chaos", *mutant.tests],
            cwd=copy,
            env={**os.environ, "PYTHONPATH": f"{copy}/src:{copy}"},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
    finally:
        file.write_text(whole)
    found = re.search(r"^(?:FAILED|ERROR) (\S+)", done.stdout, re.MULTILINE)
    return found[1] if found is not None else None


def main() -> int:
    """0 if every broken rule was caught."""
    wanted = " ".join(sys.argv[1:])
    survivors = 0
    print("| rule | broken in | caught by |\n| --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for part in ("src", "tests"):
            shutil.copytree(ROOT / part, copy / part)
        shutil.copy(ROOT / "pyproject.toml", copy)
        for mutant in MUTANTS:
            if wanted in mutant.rule:
                test = caught_by(mutant, copy)
                survivors += test is None
                name = "**nobody**" if test is None else f"`{test.removeprefix('tests/')}`"
                print(f"| {mutant.rule} | `{mutant.file}` | {name} |", flush=True)
    return min(survivors, 1)


if __name__ == "__main__":
    sys.exit(main())
