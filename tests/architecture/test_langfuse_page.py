"""The page about Langfuse names the tests that show its faults are not here."""

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
PAGE = TESTS.parent / "docs" / "langfuse.md"
# What the public API does as Langfuse does it.
LIKE_LANGFUSE = {
    "test_langfuse_labels_that_are_there_change_nothing",
    "test_langfuse_a_label_names_what_is_deleted",
    "test_langfuse_a_list_gives_the_config_of_the_highest_version_that_fits",
}


def test_the_page_and_the_tests_name_the_same_faults() -> None:
    written = "".join(path.read_text("utf-8") for path in TESTS.rglob("test_*.py"))
    defined = set(re.findall(r"def (test_\w+)\(", written))
    named = set(re.findall(r"`(test_\w+)`", PAGE.read_text("utf-8")))
    assert named - defined == set()
    about = {name for name in defined if name.startswith("test_langfuse_")}
    assert about - named == LIKE_LANGFUSE
