"""Which of the shipped prompts an installation is given."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from tests.domain.prompt_versions import NOW, version
from twosigma.domain.prompt_incoming import Incoming
from twosigma.domain.prompts import NewPromptVersion, PromptVersion
from twosigma.domain.tutor_prompts import AUTHOR, editions_due

NEW = NewPromptVersion(
    name="Tutor", prompt="Teach.", labels=("production",), tags=("tutor",), created_by=AUTHOR,
    created_at=NOW,
)  # fmt: skip
SHIPPED = [Incoming(source="Tutor/1.md", loc=("Tutor/1.md", 1), new=NEW)]


def stored(number: int, text: str, *labels: str, by: str = AUTHOR) -> PromptVersion:
    return structs.replace(version("Tutor", text, number), labels=labels, created_by=by)


def labels_due(*there: PromptVersion) -> list[tuple[str, ...]]:
    return [one.labels for one in editions_due(SHIPPED, there)]


def test_a_name_that_is_not_there_gets_what_is_shipped() -> None:
    assert editions_due(SHIPPED, [version("Another", "Teach.", 1)]) == [NEW]


@pytest.mark.parametrize(
    ("there", "due"),
    [
        # Ours is in use: the next edition takes its place.
        ([stored(1, "Old.", "production", "latest")], [("production",)]),
        # They use their own words: the edition is there to be looked at.
        (
            [stored(1, "Old."), stored(2, "Mine.", "production", "latest", by="7")],
            [()],
        ),
        # The edition was installed, and they went back to the one before.
        ([stored(1, "Old.", "production"), stored(2, "Teach.", "latest")], []),
        # The name is theirs, whatever it says.
        ([stored(1, "Mine.", "production", "latest", by="7")], []),
        ([stored(2, "Teach.", "latest", by="operator")], []),
    ],
)  # fmt: skip
def test_a_new_edition_is_added_once_and_takes_no_one_s_words_away(
    there: list[PromptVersion], due: list[tuple[str, ...]]
) -> None:
    assert labels_due(*there) == due


def test_an_edition_leaves_the_tags_of_the_name_alone() -> None:
    (due,) = editions_due(SHIPPED, [stored(1, "Old.", "production", "latest")])
    assert due.tags is None


@pytest.mark.parametrize("change", [{"config": {"a": 1}}, {"type": "chat"}])
def test_an_edition_is_told_by_all_that_it_says(change: dict[str, object]) -> None:
    there = structs.replace(stored(1, "Teach.", "latest"), **change)
    assert labels_due(there) == [()]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Teach.", "Old.", "Mine."]), st.sampled_from([AUTHOR, "7"]),
            st.booleans(),
        ),
        max_size=5,
    )
)  # fmt: skip
def test_what_was_added_is_not_due_again_and_a_label_of_theirs_never_moves(
    rows: list[tuple[str, str, bool]],
) -> None:
    bearer = max((at for at, (_, _, bears) in enumerate(rows) if bears), default=None)
    there = [
        stored(at + 1, text, *(("production",) if at == bearer else ()), by=by)
        for at, (text, by, _) in enumerate(rows)
    ]
    due = editions_due(SHIPPED, there)
    if any("production" in one.labels and one.created_by != AUTHOR for one in there):
        assert all("production" not in one.labels for one in due)
    after = [*there, *(stored(9, one.prompt, *one.labels) for one in due)]
    assert editions_due(SHIPPED, after) == []
