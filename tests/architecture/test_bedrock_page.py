"""The page about Bedrock says what the tests show."""

from pathlib import Path

from tests.bedrock_scenarios import ELSEWHERE, SCENARIOS

TESTS = Path(__file__).parents[1]
PAGE = TESTS.parent / "docs" / "bedrock.md"


def test_the_page_has_every_scenario_with_its_outcome() -> None:
    rows = [(name, s.comes, s.outcome) for name, s in SCENARIOS.items()]
    rows += [(name, comes, outcome) for name, (comes, outcome, _) in ELSEWHERE.items()]
    lines = [f"| {name} | {comes} | {outcome} |" for name, comes, outcome in rows]
    shown = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| ")]
    assert shown[2:] == lines, "write these rows:\n" + "\n".join(lines)


def test_what_is_shown_elsewhere_is_shown() -> None:
    files = TESTS.rglob("test_bedrock*.py")
    written = "".join(path.read_text("utf-8") for path in files)
    assert [test for *_, test in ELSEWHERE.values() if f"def {test}(" not in written] == []
