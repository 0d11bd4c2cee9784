"""Every fault of finished work has a test that carries its number."""

import re
from pathlib import Path

from tests.faults_index import LATER, ROWS

TESTS = Path(__file__).parents[1]
NAMED = re.compile(r"def test_f(\d+)_")


def covered() -> set[int]:
    files = TESTS.rglob("test_*.py")
    return {int(number) for file in files for number in NAMED.findall(file.read_text())}


def test_every_row_has_a_test_or_an_issue_to_come() -> None:
    assert [row for row in ROWS if row not in covered() and row not in LATER] == []


def test_no_row_waits_that_is_there() -> None:
    assert covered() & LATER.keys() == set()


def test_a_test_carries_the_number_of_a_row() -> None:
    assert covered() <= set(ROWS)
