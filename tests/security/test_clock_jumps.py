"""A clock that jumps: tokens live no longer for it, and none is refused for being of tomorrow."""

from datetime import UTC, datetime, timedelta

import pytest

from twosigma.adapters.security.tokens import JwtTokens
from twosigma.domain.errors import Unauthenticated
from twosigma.domain.tokens import mint

NOW = datetime(2026, 3, 29, 0, 59, 30, tzinfo=UTC)
LIVES = (timedelta(minutes=30), timedelta(days=30))


@pytest.mark.parametrize("jump", [timedelta(hours=-1), timedelta(days=-1), timedelta(minutes=29)])
def test_f105_a_token_is_not_refused_for_being_issued_in_the_future(jump: timedelta) -> None:
    tokens = JwtTokens(b"a key that is long enough for HS256")
    token = tokens.sign(mint(7, ("a", "b"), NOW, LIVES).access)
    assert tokens.verify(token, "access", NOW + jump).user_id == 7


@pytest.mark.parametrize("jump", [timedelta(hours=1), timedelta(days=1)])
def test_f105_a_token_is_dead_after_its_time_however_that_came(jump: timedelta) -> None:
    tokens = JwtTokens(b"a key that is long enough for HS256")
    token = tokens.sign(mint(7, ("a", "b"), NOW, LIVES).access)
    with pytest.raises(Unauthenticated):
        tokens.verify(token, "access", NOW + jump)
    # The clock set right again, it is what it was.
    assert tokens.verify(token, "access", NOW).user_id == 7
