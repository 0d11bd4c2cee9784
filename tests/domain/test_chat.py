"""Sessions: the last turn, the history a model is sent, and links that show a session."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from twosigma.domain.cache_tree import Position
from twosigma.domain.chat import (
    Message,
    Session,
    SessionTurn,
    Share,
    TurnStatus,
    as_shown,
    history,
    history_window,
    is_share_open,
    last_turn,
    new_share,
)
from twosigma.domain.llm import Graded, Said

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
RUNNING = SessionTurn(
    id="t", status=TurnStatus.RUNNING, content="Hi", started_at=NOW, key="k", owner="p"
)


def message(ordinal: int, **fields: Any) -> Message:
    given = {
        "id": ordinal, "session_id": 1, "ordinal": ordinal, "content": f"m{ordinal}", "meta": {},
        "role": "user" if ordinal % 2 == 0 else "assistant", "turn_id": "t", "created_at": NOW,
        **fields,
    }  # fmt: skip
    return Message(**given)


def test_a_turn_runs_until_it_ends_or_its_lease_does() -> None:
    assert RUNNING.is_running
    assert not structs.replace(RUNNING, is_lost=True).is_running
    for status in (TurnStatus.COMPLETED, TurnStatus.FAILED, TurnStatus.STOPPED):
        assert not structs.replace(RUNNING, status=status).is_running


def test_a_turn_whose_process_is_gone_has_failed() -> None:
    assert last_turn(None) is None
    assert last_turn(RUNNING) is RUNNING
    done = structs.replace(RUNNING, status=TurnStatus.COMPLETED, is_lost=True)
    assert last_turn(done) is done
    told = last_turn(structs.replace(RUNNING, is_lost=True))
    assert told == structs.replace(
        RUNNING, status=TurnStatus.FAILED, is_lost=True,
        detail="The answer was interrupted. Please send it again.",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("count", "window"), [(0, (0, 0)), (2, (0, 2)), (42, (0, 42)), (44, (2, 40)), (1000, (2, 40))]
)
def test_a_model_is_sent_the_greeting_and_the_last_40_messages(
    count: int, window: tuple[int, int]
) -> None:
    assert history_window(count) == window


@settings(max_examples=50)
@given(st.integers(0, 200))
def test_f91_the_roles_of_a_history_alternate_and_end_with_the_assistant(turns: int) -> None:
    first, last = history_window(2 * turns)
    listed = [message(ordinal) for ordinal in range(2 * turns)]
    sent = history([*listed[:first], *listed[len(listed) - last :]])
    assert [said.role for said in sent] == ["user", "assistant"] * (len(sent) // 2)
    assert len(sent) == min(2 * turns, 42)
    assert sent[:2] == history(listed[:2])


def test_a_model_sees_canonical_forms_and_verdicts() -> None:
    answer = message(0, canonical="{}", meta={"graded": {"question_id": 1, "correct": True}})
    plain = message(1, meta={"source": "llm"})
    assert history([answer, plain]) == (
        Said(role="user", content="{}", graded=Graded(question_id=1, correct=True)),
        Said(role="assistant", content="m1"),
    )


def test_a_link_is_open_until_it_ends() -> None:
    link = Share(token="t", shared_at=NOW, message_count=2, expires_at=NOW + DAY)
    assert is_share_open(link, NOW + DAY - timedelta(microseconds=1))
    assert not is_share_open(link, NOW + DAY)
    assert is_share_open(structs.replace(link, expires_at=None), NOW + 999 * DAY)
    assert not is_share_open(None, NOW)


def test_sharing_again_keeps_an_open_link_and_shows_more() -> None:
    first = new_share(None, "one", 2, None, NOW)
    assert first == Share(token="one", shared_at=NOW, message_count=2)
    assert new_share(first, "two", 4, None, NOW + DAY) == Share(
        token="one", shared_at=NOW + DAY, message_count=4
    )
    dated = new_share(first, "two", 4, 7, NOW)
    assert (dated.token, dated.expires_at) == ("one", NOW + 7 * DAY)
    kept = new_share(dated, "two", 6, None, NOW + DAY)
    assert (kept.token, kept.expires_at, kept.message_count) == ("one", NOW + 7 * DAY, 6)
    sooner = new_share(dated, "two", 6, 1, NOW + DAY)
    assert (sooner.token, sooner.expires_at) == ("one", NOW + 2 * DAY)


def test_sharing_after_the_end_gives_a_new_link() -> None:
    over = Share(token="one", shared_at=NOW, message_count=2, expires_at=NOW)
    assert new_share(over, "two", 4, None, NOW) == Share(
        token="two", shared_at=NOW, message_count=4
    )
    assert new_share(over, "two", 4, 3, NOW).expires_at == NOW + 3 * DAY


@pytest.mark.parametrize(("ends", "is_told"), [(None, True), (NOW + DAY, True), (NOW, False)])
def test_its_owner_is_told_of_a_link_until_it_is_over(ends: Any, is_told: bool) -> None:
    share = Share(token="t", shared_at=NOW - DAY, message_count=2, expires_at=ends)
    session = Session(
        id=1, user_id=1, content_item_id=1, course_id=1, locale="en", content_context={},
        title="T", position=Position(), stamp=None, created_at=NOW, updated_at=NOW, share=share,
    )  # fmt: skip
    assert as_shown(session, NOW) == structs.replace(session, share=share if is_told else None)
