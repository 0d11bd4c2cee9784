"""Mailed tokens: how long they are good, how often they are mailed, and the letter."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from twosigma.domain.errors import Conflict
from twosigma.domain.mail import password_reset
from twosigma.domain.password_resets import (
    LIFE,
    MAX_MAILS,
    PasswordReset,
    digest_of,
    link_to,
    may_mail,
    require_live,
)

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
A_MOMENT = timedelta(microseconds=1)


def mailed(ago: timedelta, **changes: object) -> PasswordReset:
    reset = PasswordReset(user_id=7, digest=digest_of("token"), created_at=NOW - ago)
    return structs.replace(reset, **changes)


@pytest.mark.parametrize(
    "dead", [None, mailed(LIFE), mailed(LIFE * 2), mailed(A_MOMENT, ended_at=NOW)]
)
def test_used_expired_and_unknown_are_told_alike(dead: PasswordReset | None) -> None:
    with pytest.raises(Conflict, match=r"^This reset link is no longer valid$") as refused:
        require_live(dead, NOW)
    assert refused.value.code == "reset_invalid"


def test_a_token_is_good_for_just_under_half_an_hour() -> None:
    assert timedelta(minutes=30) == LIFE
    for ago in (timedelta(), LIFE - A_MOMENT):
        assert require_live(mailed(ago), NOW) == mailed(ago)


@given(st.lists(st.timedeltas(timedelta(0), timedelta(hours=3)), max_size=8))
def test_never_more_than_three_are_mailed_within_an_hour(waits: list[timedelta]) -> None:
    at, sent = NOW, list[PasswordReset]()
    for wait in waits:
        at += wait
        if may_mail(sent, at):
            sent.append(mailed(timedelta(), created_at=at))
    times = [each.created_at for each in sent]
    for begin, end in zip(times, times[MAX_MAILS:], strict=False):
        assert end - begin >= timedelta(hours=1)


def test_ended_ones_count_too_and_old_ones_do_not() -> None:
    hour = timedelta(hours=1)
    assert not may_mail([mailed(A_MOMENT, ended_at=NOW)] * 3, NOW)
    assert may_mail([mailed(hour), *[mailed(A_MOMENT)] * 2], NOW)
    assert not may_mail([mailed(hour - A_MOMENT), *[mailed(A_MOMENT)] * 2], NOW)


@given(st.text(), st.text())
def test_digests_tell_tokens_apart(one: str, other: str) -> None:
    assert (digest_of(one) == digest_of(other)) == (one == other)
    assert len(digest_of(one)) == 32


def test_what_no_token_holds_has_a_digest_too() -> None:
    assert digest_of("\ud800") != digest_of("?")


@pytest.mark.parametrize("url", ["https://x.example/app", "https://x.example/app/"])
def test_the_token_stands_where_browsers_send_it_to_no_server(url: str) -> None:
    assert link_to(url, "t-1") == "https://x.example/app/reset-password#token=t-1"


def test_f120_the_letter_holds_the_link_and_shows_it_nowhere_else() -> None:
    letter = password_reset("ada@x.example", "https://x.example/#token=canary", 30)
    assert (letter.to, "30 minutes" in letter.text) == ("ada@x.example", True)
    assert "\n\nhttps://x.example/#token=canary\n\n" in letter.text
    assert repr(letter) == "Letter(…)"
    assert repr(mailed(LIFE)) == "PasswordReset(user_id=7)"
