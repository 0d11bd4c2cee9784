"""Limits: no stretch of the window has more than the count, and nobody waits longer than needed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twosigma.domain.rate_limits import LOGIN_FAILURES, Limit, taken

LIMIT = Limit(3, 10)
STEPS = st.lists(st.floats(0, 12), max_size=30)


def test_the_limit_is_used_up_and_comes_back_one_by_one() -> None:
    times: tuple[float, ...] = ()
    for at in (0.0, 1.0, 2.0):
        times, wait = taken(times, at, LIMIT)
        assert wait == 0
    assert taken(times, 5.0, LIMIT) == ((0.0, 1.0, 2.0), 5.0)
    assert taken(times, 10.0, LIMIT) == ((1.0, 2.0, 10.0), 0.0)
    assert taken((1.0, 2.0, 10.0), 10.5, LIMIT) == ((1.0, 2.0, 10.0), 0.5)


@given(STEPS)
def test_no_window_has_more_than_the_count(steps: list[float]) -> None:
    now, done = 0.0, []
    times: tuple[float, ...] = ()
    for step in steps:
        now += step
        times, wait = taken(times, now, LIMIT)
        if wait == 0:
            done.append(now)
        assert len(times) <= LIMIT.count
    for at in done:
        assert sum(at - LIMIT.seconds < other <= at for other in done) <= LIMIT.count


@given(STEPS)
def test_after_the_wait_it_may_be_done(steps: list[float]) -> None:
    now = 0.0
    times: tuple[float, ...] = ()
    for step in steps:
        now += step
        times, wait = taken(times, now, LIMIT)
        if wait:
            assert 0 < wait <= LIMIT.seconds
            assert taken(times, now + wait + 1e-6, LIMIT)[1] == 0


@given(STEPS, st.floats(0, 1e9))
def test_a_refused_try_costs_nothing(steps: list[float], start: float) -> None:
    now = start
    times: tuple[float, ...] = ()
    for step in steps:
        now += step
        after, wait = taken(times, now, LIMIT)
        if wait:
            assert after == times[-LIMIT.count :]
        times = after


@pytest.mark.parametrize("back", [1.0, 100.0, 1e6])
def test_f105_a_clock_set_back_locks_nobody_out_for_longer_than_the_window(back: float) -> None:
    times: tuple[float, ...] = ()
    for at in range(LOGIN_FAILURES.count):
        times, _ = taken(times, 1e6 + at, LOGIN_FAILURES)
    _, wait = taken(times, 1e6 - back, LOGIN_FAILURES)
    assert 0 < wait <= LOGIN_FAILURES.seconds
