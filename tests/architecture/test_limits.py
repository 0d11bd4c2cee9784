"""Limits of size, weight and form that hold for the whole source."""

import ast
import io
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src" / "twosigma"
MAX_FILE = 300
MAX_FUNCTION = 40
LONG = re.compile(r"# long: \S")
# Folders that are made here, not written.
MADE = re.compile(
    r"\.git|\.venv|var|dist|build|htmlcov|__pycache__|\.\w+_cache|\.hypothesis|.*\.egg-info"
)
MACHINE_PATHS = tuple(
    "/".join(("", *parts))
    for parts in (
        ("work", "main"), ("work", "shared"), ("work", "brief"), ("root", ""), ("tmp", "bash_jobs"),
    )
)  # fmt: skip
REASONED = {
    "type:": re.compile(r"# type: ignore\[[a-z, -]+\]  # \S.*"),
    "noqa": re.compile(r"# noqa: [A-Z]+[0-9]+(, [A-Z]+[0-9]+)*( --|  #) \S.*"),
}
WAIVER = re.compile(r"# *(type:(?= *ignore)|noqa)")


def python_files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def is_excused(lines: list[str]) -> bool:
    return any(LONG.search(line) for line in lines)


def long_functions(path: Path) -> Iterator[str]:
    """Those over the limit whose comment just above gives no reason."""
    lines = path.read_text().splitlines()
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        first = min([node.lineno, *(mark.lineno for mark in node.decorator_list)])
        length = (node.end_lineno or node.lineno) - node.lineno + 1
        if length > MAX_FUNCTION and not is_excused(lines[max(first - 2, 0) : first - 1]):
            yield f"{path.name} {node.name}: {length} lines"


def comments(path: Path) -> Iterator[tuple[int, str]]:
    """Each comment with its line."""
    for token in tokenize.generate_tokens(io.StringIO(path.read_text()).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def unreasoned(comment: str) -> bool:
    """Whether the comment silences a tool and does not say why."""
    waiver = WAIVER.search(comment)
    return waiver is not None and not REASONED[waiver[1]].match(comment[waiver.start() :])


def run(code: str) -> str:
    """What a fresh interpreter prints."""
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, cwd=SRC.parent, check=True, capture_output=True, text=True)
    return done.stdout


def written_files() -> Iterator[Path]:
    """All files of the repository that are not made here."""
    stack = [ROOT]
    while stack:
        for path in stack.pop().iterdir():
            if path.is_dir() and not path.is_symlink():
                stack += [] if MADE.fullmatch(path.name) else [path]
            elif not path.name.startswith(".coverage") and path.is_file():
                yield path


def test_a_file_has_at_most_300_lines_or_says_why() -> None:
    lines_of = {path: path.read_text().splitlines() for path in python_files("src", "tests")}
    assert len(lines_of) > 100
    assert [
        f"{path.relative_to(ROOT)}: {len(lines)}"
        for path, lines in lines_of.items()
        if len(lines) > MAX_FILE and not is_excused(lines[:5])
    ] == []


def test_a_function_has_at_most_40_lines_or_says_why() -> None:
    assert [one for path in python_files("src") for one in long_functions(path)] == []


@pytest.mark.parametrize(
    ("above", "statements", "is_long"),
    [
        ("", 39, False), ("", 40, True), ("# long: a table\n", 40, False),
        ("# long: a table\n@cache\n", 40, False), ("# long:\n", 40, True), ("# so\n", 40, True),
        ("# long: a table\n\n", 40, True),
    ],
)  # fmt: skip
def test_a_long_function_is_found_and_a_reason_just_above_excuses_it(
    above: str, statements: int, is_long: bool, tmp_path: Path
) -> None:
    path = tmp_path / "one.py"
    path.write_text(f"{above}def f():\n" + "    x = 1\n" * statements)
    assert list(long_functions(path)) == [f"one.py f: {statements + 1} lines"] * is_long


def test_every_silenced_warning_has_a_reason() -> None:
    assert [
        f"{path.relative_to(ROOT)}:{line} {comment}"
        for path in python_files("src", "tests", "bench")
        for line, comment in comments(path)
        if unreasoned(comment)
    ] == []


@pytest.mark.parametrize(
    ("comment", "is_bad"),
    [
        ("no" + "qa", True), ("no" + "qa: E501", True), ("no" + "qa: E501 --", True),
        ("no" + "qa: E501, S101 -- why", False), ("type: " + "ignore", True),
        ("type: " + "ignore[misc]", True), ("type: " + "ignore[misc]  # why", False),
        ("an ordinary remark", False),
    ],
)  # fmt: skip
def test_a_reason_is_told_from_none(comment: str, is_bad: bool) -> None:
    assert unreasoned(f"# {comment}") == is_bad


DOMAIN = """
import sys
import time
import msgspec, msgspec.json
from pathlib import Path
before, began = set(sys.modules), time.process_time()
import twosigma.domain
folder = Path(twosigma.domain.__path__[0])
for path in sorted(folder.glob("*.py")):
    if path.stem != "__init__":
        __import__(f"twosigma.domain.{path.stem}")
spent = time.process_time() - began
names = {name.partition(".")[0] for name in set(sys.modules) - before}
names = {name for name in names if not name.startswith("_sysconfigdata")}  # the standard library's
print(sorted(names - set(sys.stdlib_module_names) - {"twosigma", "msgspec"}), end="")
ours = {name for name in sys.modules if name.startswith("twosigma.")}
print(sorted(name for name in ours if ".domain" not in name))
print(spent)
"""


def test_the_domain_needs_only_msgspec_and_is_imported_in_a_tenth_of_a_second() -> None:
    # Of CPU: a busy machine would be measured by the clock on the wall.
    answers = [run(DOMAIN).splitlines() for _ in range(5)]
    assert {names for names, _ in answers} == {"[][]"}
    assert min(float(spent) for _, spent in answers) < 0.1


LAZY = """
import sys
import twosigma
print(sorted(name for name in sys.modules if name.startswith(("twosigma.", "msgspec", "litestar"))))
print(twosigma.Actor.__module__, "twosigma.app" in sys.modules)
print(all(getattr(twosigma, name) for name in twosigma.__all__))
try:
    twosigma.nothing
except AttributeError as error:
    print(error)
"""


def test_the_package_loads_nothing_before_it_is_asked_for() -> None:
    assert run(LAZY).splitlines() == [
        "[]",
        "twosigma.domain.actor False",
        "True",
        "module 'twosigma' has no attribute 'nothing'",
    ]


def test_the_package_says_that_it_is_typed() -> None:
    assert (SRC / "py.typed").is_file()


def test_no_file_names_a_place_on_the_machine_it_was_written_on() -> None:
    files = list(written_files())
    assert ROOT / "pyproject.toml" in files
    named = [
        f"{path.relative_to(ROOT)}: {place}"
        for path in files
        for place in MACHINE_PATHS
        if place.encode() in path.read_bytes()
    ]
    assert named == []
