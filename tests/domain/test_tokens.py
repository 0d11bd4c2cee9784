"""Tokens over time: fresh, used a moment ago, used long ago."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from tests import strategies as some
from twosigma.domain.tokens import Pair, RefreshToken, Repeat, Revoke, Rotate, mint, rotation

NOW = datetime(2026, 3, 1, 12, 0, 0, 999_999, tzinfo=UTC)
LIVES = (timedelta(minutes=30), timedelta(days=30))
PAIR = mint(7, ("a1", "r1"), NOW, LIVES)
FRESH = RefreshToken(
    jti="r0", family_id="f", user_id=7, expires_at=NOW + LIVES[1], family_revoked=False
)
USED = structs.replace(FRESH, rotated_at=NOW, successor=PAIR)


def test_a_pair_is_minted_in_whole_seconds() -> None:
    start = NOW.replace(microsecond=0)
    access, refresh = PAIR.access, PAIR.refresh
    assert (access.user_id, access.audience, access.jti) == (7, "access", "a1")
    assert (refresh.user_id, refresh.audience, refresh.jti) == (7, "refresh", "r1")
    assert (access.issued_at, access.expires_at) == (start, start + LIVES[0])
    assert (refresh.issued_at, refresh.expires_at) == (start, start + LIVES[1])


@given(some.instants, st.integers(0, 999_999))
def test_every_instant_of_a_second_mints_the_same_pair(now: datetime, fraction: int) -> None:
    def at(moment: datetime) -> Pair:
        return mint(7, ("a1", "r1"), moment, LIVES)

    assert at(now + timedelta(microseconds=fraction)) == at(now)
    assert at(now + timedelta(seconds=1)) != at(now)


def test_an_unknown_token_and_one_of_a_revoked_family_are_no_good() -> None:
    assert rotation(None, NOW) is None
    for token in (FRESH, USED):
        assert rotation(structs.replace(token, family_revoked=True), NOW) is None


def test_f35_a_fresh_token_rotates() -> None:
    assert rotation(FRESH, NOW) == Rotate()
    assert rotation(structs.replace(FRESH, rotated_at=NOW), NOW) == Rotate()


@pytest.mark.parametrize(
    ("after", "leads_to"),
    [
        (0, Repeat(PAIR)), (5, Repeat(PAIR)), (10, Repeat(PAIR)), (10.000001, Revoke()),
        (60, Revoke()), (-10, Repeat(PAIR)), (-10.000001, Revoke()),
    ],
)  # fmt: skip
def test_f35_a_used_token_gives_the_same_pair_for_10_seconds_and_then_revokes(
    after: float, leads_to: Repeat | Revoke
) -> None:
    assert rotation(USED, NOW + timedelta(seconds=after)) == leads_to


@settings(max_examples=50)
@given(st.lists(st.floats(0, 30), max_size=6))
def test_f35_a_family_lives_until_its_first_late_reuse_and_never_after(waits: list[float]) -> None:
    token, now, is_late = FRESH, NOW, False
    for wait in [0.0, *waits]:
        now += timedelta(seconds=wait)
        result = rotation(token, now)
        late_now = token.rotated_at is not None and now - token.rotated_at > timedelta(seconds=10)
        if is_late:
            assert result is None
        elif late_now:
            assert result == Revoke()
            token, is_late = structs.replace(token, family_revoked=True), True
        elif token.rotated_at is None:
            assert result == Rotate()
            token = structs.replace(token, rotated_at=now, successor=PAIR)
        else:
            assert result == Repeat(PAIR)
