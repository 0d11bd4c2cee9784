"""The list of broken rules still fits the code."""

from pathlib import Path

import pytest

from tests.mutation.mutants import MUTANTS, Mutant

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.rule)
def test_a_rule_that_can_be_broken_is_there(mutant: Mutant) -> None:
    assert (ROOT / "src/twosigma" / mutant.file).read_text().count(mutant.old) == 1
    for test in mutant.tests:
        assert (ROOT / test.partition("::")[0]).exists()


def test_every_broken_rule_has_its_row_in_the_docs() -> None:
    page = (ROOT / "docs/testing.md").read_text()
    assert "**nobody**" not in page
    assert [mutant.rule for mutant in MUTANTS if f"| {mutant.rule} |" not in page] == []
