"""Feature requests: what they may say, how they move, and the trail they leave."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import UNSET, structs

from tests.strategies import texts
from twosigma.domain.errors import Conflict, Invalid
from twosigma.domain.feature_requests import (
    FeatureRequest,
    RequestFields,
    RequestStatus,
    RequestUpdate,
    changed,
    checked_request,
    checked_update,
    require_pending,
)

NOW = datetime(2026, 3, 1, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
STAFF = 7
REQUEST = FeatureRequest(
    id=3, user_id=1, title="Dark mode", description="At night.", created_at=NOW, updated_at=NOW
)
statuses = st.sampled_from(RequestStatus)
updates = st.builds(
    RequestUpdate,
    status=st.just(UNSET) | statuses,
    admin_notes=st.just(UNSET) | st.none() | texts,
)


def faults(title: str, description: str) -> list[tuple[object, str]]:
    with pytest.raises(Invalid) as refused:
        checked_request(RequestFields(title=title, description=description))
    return [(fault.loc[-1], fault.type) for fault in refused.value.faults]


def test_a_title_is_trimmed_and_composed_and_a_description_kept_exactly() -> None:
    given_so = RequestFields(title=" Cafe\u0301 ", description="  Cafe\u0301\r\n<b> ")
    assert checked_request(given_so) == RequestFields(
        title="Café", description="  Cafe\u0301\r\n<b> "
    )
    longest = RequestFields(title="é" * 200, description="é" * 5000)
    assert checked_request(longest) == longest


def test_all_faults_of_a_request_are_told_at_once() -> None:
    short, long = "value_error.any_str.min_length", "value_error.any_str.max_length"
    assert faults(" ", " \n") == [("title", short), ("description", short)]
    assert faults("", "") == [("title", short), ("description", short)]
    assert faults("x" * 201, "x" * 5001) == [("title", long), ("description", long)]
    assert faults("a\0", "\ud800") == [("title", "value_error"), ("description", "value_error")]


def test_notes_have_at_most_5000_characters_and_may_be_empty_or_none() -> None:
    for notes in ("", " as it is ", "x" * 5000, None, UNSET):
        update = RequestUpdate(admin_notes=notes)
        assert checked_update(update) == update
    for bad in ("x" * 5001, "\0"):
        with pytest.raises(Invalid) as refused:
            checked_update(RequestUpdate(admin_notes=bad))
        assert [fault.loc for fault in refused.value.faults] == [("body", "admin_notes")]


@pytest.mark.parametrize("before", RequestStatus)
@pytest.mark.parametrize("to", RequestStatus)
def test_any_status_may_follow_any(before: RequestStatus, to: RequestStatus) -> None:
    request = structs.replace(REQUEST, status=before)
    after, step = changed(request, RequestUpdate(status=to), STAFF, LATER)
    assert after.status is to
    assert (step is None) == (before is to)
    if step is not None:
        assert (step.from_status, step.to_status) == (before, to)
        assert (step.feature_request_id, step.changed_by, step.changed_at) == (3, STAFF, LATER)


def test_notes_of_none_are_taken_away_and_notes_not_sent_stay() -> None:
    noted = structs.replace(REQUEST, admin_notes="Soon.")
    cleared, step = changed(noted, RequestUpdate(admin_notes=None), STAFF, LATER)
    assert cleared == structs.replace(REQUEST, updated_at=LATER)
    assert step is not None
    assert (step.from_notes, step.to_notes) == ("Soon.", None)
    planned, _ = changed(noted, RequestUpdate(status=RequestStatus.PLANNED), STAFF, LATER)
    assert planned.admin_notes == "Soon."


@settings(max_examples=80)
@given(st.lists(updates, max_size=6))
def test_the_trail_leads_from_the_first_state_to_the_last_without_a_gap(
    sent: list[RequestUpdate],
) -> None:
    request, trail = REQUEST, []
    for at, update in enumerate(sent, 1):
        before = request
        request, step = changed(request, update, STAFF, NOW + timedelta(hours=at))
        assert (step is None) == (request == before)
        if step is not None:
            assert request.updated_at == step.changed_at
            trail.append(step)
    ends = [
        (REQUEST.status, REQUEST.admin_notes),
        *((step.to_status, step.to_notes) for step in trail),
    ]
    assert [(step.from_status, step.from_notes) for step in trail] == ends[:-1]
    assert ends[-1] == (request.status, request.admin_notes)
    assert all(one != next_one for one, next_one in pairwise(ends))
    assert structs.replace(request, status=REQUEST.status, admin_notes=None, updated_at=NOW) == (
        REQUEST
    )


@pytest.mark.parametrize("status", RequestStatus)
def test_f55_a_request_is_taken_back_only_while_it_is_pending(status: RequestStatus) -> None:
    request = structs.replace(REQUEST, status=status)
    if status is RequestStatus.PENDING:
        require_pending(request)
        return
    with pytest.raises(Conflict) as refused:
        require_pending(request)
    assert refused.value.code == "request_taken_up"
