"""What a call took, as told or estimated; what a day allows, and when the next one begins."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tutoring import answer, request, verdict
from twosigma.domain.llm import MOST_COUNTED, Delta, End, Piece, Said, Usage, counted
from twosigma.domain.rendering import system_prompt
from twosigma.domain.spending import (
    BYTES_A_TOKEN,
    KEPT_DAYS,
    Meter,
    Payer,
    PurseKind,
    day_of,
    estimate,
    kept_since,
    may_spend,
    until_next_day,
)

COUNTS = st.integers(0, 10**12)
USAGES = st.builds(Usage, input=COUNTS, output=COUNTS)
INSTANTS = st.datetimes(timezones=st.timezones(), allow_imaginary=False).filter(
    lambda at: datetime(2, 1, 1, tzinfo=UTC) < at < datetime(9998, 1, 1, tzinfo=UTC)
)
TOLD = Usage(input=5, output=2)


def metered(*pieces: Piece, refused: bool = False) -> Usage:
    meter = Meter(request())
    for piece in pieces:
        meter.take(piece)
    if refused:
        meter.refuse()
    return meter.usage


@given(USAGES, USAGES)
def test_usages_add_up(one: Usage, other: Usage) -> None:
    both = one + other
    assert both == other + one
    assert both.total == one.total + other.total
    assert both.output == one.output + other.output


@pytest.mark.parametrize(
    ("spent", "budget", "may"),
    [(0, None, True), (10**15, None, True), (0, 0, False), (0, 1, True), (9, 10, True),
     (10, 10, False), (11, 10, False)],
)  # fmt: skip
def test_what_is_spent_is_below_the_budget_or_it_is_over(
    spent: int, budget: int | None, may: bool
) -> None:
    assert may_spend(Usage(input=spent), budget) is may
    assert may_spend(Usage(output=spent), budget) is may


@given(USAGES, USAGES, st.none() | COUNTS)
def test_who_may_not_will_not_be_allowed_by_spending_more(
    spent: Usage, more: Usage, budget: int | None
) -> None:
    assert may_spend(spent, budget) or not may_spend(spent + more, budget)


@given(INSTANTS)
def test_the_next_day_begins_when_the_wait_is_over_and_not_a_second_before(now: datetime) -> None:
    wait = until_next_day(now)
    assert 1 <= wait <= 86_400
    later = now.astimezone(UTC) + timedelta(seconds=wait)
    assert day_of(later) == day_of(now) + timedelta(days=1)
    assert day_of(later - timedelta(seconds=1)) == day_of(now)


def test_a_day_is_utcs_wherever_one_is() -> None:
    now = datetime(2026, 3, 1, 23, 30, tzinfo=timezone(timedelta(hours=-2)))
    assert (day_of(now), until_next_day(now)) == (date(2026, 3, 2), 22 * 3600 + 1800)
    assert until_next_day(datetime(2026, 3, 1, tzinfo=UTC)) == 86_400
    assert kept_since(now) == date(2026, 3, 2) - timedelta(days=KEPT_DAYS)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [("", 0), ("a", 1), ("abcd", 1), ("abcde", 2), ("жёлтый", 3), ("四季", 2), ("\ud800", 1)],
)
def test_four_bytes_are_taken_for_a_token(text: str, tokens: int) -> None:
    assert estimate(text) == tokens


@given(st.lists(st.text()))
def test_an_estimate_is_of_all_texts_together_and_grows_with_them(texts: list[str]) -> None:
    whole = estimate(*texts)
    assert whole == estimate("".join(texts))
    assert whole <= sum(estimate(text) for text in texts) < whole + max(len(texts), 1)
    assert (whole - 1) * BYTES_A_TOKEN < len("".join(texts).encode("utf-8", "surrogatepass"))


def test_a_call_took_what_its_service_says() -> None:
    assert metered(Delta("a" * 99), End(), TOLD) == TOLD
    assert metered(Usage(input=1), Delta("a"), End(), Usage(input=4), TOLD) == TOLD
    assert metered(End("max_tokens"), Usage()) == Usage()


def test_a_count_that_comes_before_a_piece_does_not_cover_it() -> None:
    assert metered(Delta("a"), TOLD, Delta("b"), End()) == metered(Delta("a"), Delta("b"), End())


def test_a_call_without_a_count_is_estimated_by_all_that_was_sent_and_said() -> None:
    history = (Said(role="user", content="Start."), Said(role="assistant", content="Welcome!"))
    asked = request(answer(1, "a"), history=history, note=verdict(1, correct=True))
    meter = Meter(asked)
    for piece in (Delta("Hello "), Delta("you"), End()):
        meter.take(piece)
    sent = system_prompt(asked) + "Start." + "Welcome!" + asked.message
    assert meter.usage == Usage(input=estimate(sent), output=estimate("Hello you"))
    assert "correct" in sent


def test_a_call_that_broke_off_is_estimated_as_far_as_it_came() -> None:
    sent = metered().input
    assert sent > 0
    assert metered() == Usage(input=sent), "cut, or given up, before it said anything"
    assert metered(Delta("12345")) == Usage(input=sent, output=2)
    assert metered(Delta("12345"), refused=True) == Usage(input=sent, output=2)


def test_a_call_that_was_refused_before_its_first_piece_took_nothing() -> None:
    assert metered(refused=True) == Usage()
    assert metered(TOLD, refused=True) == TOLD, "or what its service says"


@pytest.mark.parametrize(
    ("read", "said"),
    [(None, 1), (1, None), ("1", 1), (1, 1.5), (-1, 1), (1, -1), (MOST_COUNTED + 1, 1),
     (1, MOST_COUNTED + 1)],
)  # fmt: skip
def test_what_is_no_count_is_none(read: object, said: object) -> None:
    assert list(counted(read, said)) == []


def test_a_count_is_one() -> None:
    assert list(counted(0, MOST_COUNTED)) == [Usage(input=0, output=MOST_COUNTED)]


def test_an_account_and_a_course_of_one_number_have_purses_of_their_own() -> None:
    payer = Payer(user_id=7, course_id=7)
    assert (payer.learner.kind, payer.course.kind) == (PurseKind.LEARNER, PurseKind.COURSE)
    assert payer.learner != payer.course
