"""What an account may change about itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twosigma.domain.errors import Invalid
from twosigma.domain.users import UserChanges, checked_changes

GOOD = {
    "full_name": (" Zoe\u0308 ", "Zoë"), "locale": ("PT-br", "pt-BR"),
    "time_zone": ("Asia/Tokyo", "Asia/Tokyo"),
}  # fmt: skip


@given(st.sets(st.sampled_from(sorted(GOOD))))
def test_just_what_is_sent_is_changed_and_normalised(names: set[str]) -> None:
    changes = UserChanges(**{name: GOOD[name][0] for name in names})
    assert checked_changes(changes) == {name: GOOD[name][1] for name in names}


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(Invalid) as refused:
        checked_changes(UserChanges(full_name=" ", locale="?", time_zone="Mars/Base"))
    assert [fault.loc for fault in refused.value.faults] == [
        ("body", "full_name"), ("body", "locale"), ("body", "time_zone"),
    ]  # fmt: skip
