"""Reports of work: what is refused, and how they are merged."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twosigma.domain.errors import Invalid
from twosigma.domain.progress import MAX_AHEAD, Report, State, checked_report, merged

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
ENROLLED = NOW - timedelta(days=30)
MOMENT = timedelta(microseconds=1)


def faults(percent: float, completed_at: datetime | None = None) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refused:
        checked_report(percent, completed_at, NOW)
    return [(str(fault.loc[1]), fault.type) for fault in refused.value.faults]


@pytest.mark.parametrize(
    ("sent", "kept"), [(0, 0), (0.9, 0), (50, 50), (50.999, 50), (99.999, 99), (100.0, 100)]
)
def test_a_percent_loses_its_fraction(sent: float, kept: int) -> None:
    assert checked_report(sent, None, NOW) == Report(progress_percent=kept)


@pytest.mark.parametrize(
    ("sent", "kind"),
    [(-0.1, "not_ge"), (-1, "not_ge"), (100.1, "not_le"), (1e300, "not_le"),
     (float("nan"), "not_ge"), (float("inf"), "not_le")],
)  # fmt: skip
def test_f06_a_percent_is_between_0_and_100_before_it_loses_its_fraction(
    sent: float, kind: str
) -> None:
    assert faults(sent) == [("progress_percent", f"value_error.number.{kind}")]


def test_only_what_is_at_100_percent_was_completed_and_not_in_the_future() -> None:
    assert faults(99.9, NOW) == [("completed_at", "value_error")]
    assert faults(100, NOW + MAX_AHEAD + MOMENT) == [("completed_at", "value_error")]
    assert len(faults(50, NOW + timedelta(days=1))) == 2
    assert len(faults(101, NOW + timedelta(days=1))) == 2
    ahead = NOW + MAX_AHEAD
    assert checked_report(100, ahead, NOW) == Report(progress_percent=100, completed_at=ahead)


def report(percent: int, completed_at: datetime | None = None) -> Report:
    return Report(progress_percent=percent, completed_at=completed_at)


def told(*reports: Report, state: State | None = None) -> State:
    """The state after these reports, a minute after one another."""
    for at, each in enumerate(reports):
        state = merged(state, each, enrolled_at=ENROLLED, now=NOW + timedelta(minutes=at))
    assert state is not None
    return state


def test_the_first_report_starts_whatever_it_says() -> None:
    assert told(report(0)) == State(
        progress_percent=0, started_at=NOW, completed_at=None, updated_at=NOW
    )
    assert told(report(30), report(70)) == State(
        progress_percent=70, started_at=NOW, completed_at=None,
        updated_at=NOW + timedelta(minutes=1),
    )  # fmt: skip


def test_what_is_at_100_percent_is_complete_from_now_unless_it_says_since_when() -> None:
    assert told(report(100)).completed_at == NOW
    assert told(report(0), report(100)).completed_at == NOW + timedelta(minutes=1)
    earlier = NOW - timedelta(days=2)
    assert told(report(100, earlier)).completed_at == earlier
    assert told(report(100, earlier), report(100, NOW)).completed_at == earlier
    assert told(report(100, NOW), report(100, earlier)).completed_at == NOW, "the first value stays"


def test_nothing_is_complete_before_its_learner_was_there() -> None:
    assert told(report(100, ENROLLED - MOMENT)).completed_at == ENROLLED
    state = merged(None, report(100), enrolled_at=ENROLLED, now=ENROLLED - timedelta(days=1))
    assert state.completed_at == ENROLLED, "a clock set back"


percents = st.sampled_from([0, 1, 50, 99, 100]) | st.integers(0, 100)


@st.composite
def reports(draw: st.DrawFn) -> Report:
    percent = draw(percents)
    days = draw(st.none() | st.integers(0, 60)) if percent == 100 else None
    return report(percent, None if days is None else NOW - timedelta(days=days))


many = st.lists(reports(), min_size=1, max_size=8)


@given(many)
def test_f66_nothing_that_was_reached_is_ever_lost(sent: list[Report]) -> None:
    states = [told(*sent[: at + 1]) for at in range(len(sent))]
    for before, after in pairwise(states):
        assert after.progress_percent >= before.progress_percent
        assert after.completed_at == before.completed_at or before.completed_at is None
        assert after.started_at == before.started_at
        assert after.updated_at >= before.updated_at
    for state in states:
        assert (state.completed_at is not None) == (state.progress_percent == 100)
        assert state.completed_at is None or state.completed_at >= ENROLLED


@given(many)
def test_f66_the_same_report_again_changes_nothing(sent: list[Report]) -> None:
    state = told(*sent)
    later = NOW + timedelta(days=1)
    for each in sent:
        assert merged(state, each, enrolled_at=ENROLLED, now=later) == state


@given(many, st.randoms(use_true_random=False))
def test_f66_the_order_of_reports_does_not_matter_but_to_the_first_completion(
    sent: list[Report], chance: Random
) -> None:
    mixed = list(sent)
    chance.shuffle(mixed)
    one, other = told(*sent), told(*mixed)
    assert (
        one.progress_percent
        == other.progress_percent
        == max(each.progress_percent for each in sent)
    )
    assert (one.completed_at is None) == (other.completed_at is None)
    assert one.started_at == other.started_at
    whole = next((each for each in mixed if each.progress_percent == 100), None)
    if whole is not None and whole.completed_at is not None:
        assert other.completed_at == max(whole.completed_at, ENROLLED)


@given(percents, percents, percents)
def test_f66_merging_is_associative(first: int, second: int, third: int) -> None:
    """Two devices that merge on their own and then together reach what one would have."""
    both = merged(None, report(second), enrolled_at=ENROLLED, now=NOW).progress_percent
    both = told(report(both), report(third)).progress_percent
    apart = told(report(first), report(both)).progress_percent
    assert apart == told(report(first), report(second), report(third)).progress_percent
