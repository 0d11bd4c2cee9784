"""Entries of the audit log: reasons, and what an update changed."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from twosigma.domain.audit import MAX_REASON, Action, changes, checked_reason
from twosigma.domain.errors import Invalid
from twosigma.domain.places import University

LOC = ("query", "reason")
HELSINKI = University(
    id=1, name="Helsinki", code=None, country="FI", website_url=None,
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
)  # fmt: skip


@pytest.mark.parametrize("reason", ["", "  ", "\u2003", "a\x00b", "\ud800", "x" * (MAX_REASON + 1)])
def test_a_reason_is_given_and_storable(reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked_reason(reason, LOC)
    assert refused.value.faults[0].loc == LOC


def test_a_reason_is_trimmed() -> None:
    assert checked_reason("  Ticket 7 \n", LOC) == "Ticket 7"


def test_an_update_is_told_by_the_fields_that_differ() -> None:
    after = structs.replace(HELSINKI, name="Aalto", code="AA")
    assert changes(HELSINKI, after) == {
        "name": {"from": "Helsinki", "to": "Aalto"}, "code": {"from": None, "to": "AA"},
    }  # fmt: skip


@given(name=st.text(max_size=5), code=st.none() | st.text(max_size=3))
def test_nothing_is_told_of_what_stays(name: str, code: str | None) -> None:
    after = structs.replace(HELSINKI, name=name, code=code)
    told = changes(HELSINKI, after)
    assert set(told) == {
        field for field in ("name", "code") if getattr(after, field) != getattr(HELSINKI, field)
    }


def test_actions_are_told_apart() -> None:
    assert len({action.value for action in Action}) == len(Action)
    assert all(action.value.count(".") == 1 for action in Action)
