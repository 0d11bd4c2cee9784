"""Birthdays, profiles and preferred subjects."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from twosigma.domain.errors import Invalid
from twosigma.domain.profiles import (
    MAX_PREFERENCES,
    Grade,
    LearningGoal,
    Onboarding,
    Profile,
    ProfileChanges,
    StudyLevel,
    age_on,
    birthday,
    changed,
    preferences,
)

TODAY = date(2026, 1, 5)
LOC = ("body", "subject_ids")
days = st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 12, 31))


def fault_of(born: date, today: date = TODAY, minimum: int = 13) -> tuple[object, str] | None:
    try:
        assert birthday(born, today, minimum) == born
    except Invalid as refused:
        (fault,) = refused.faults
        return fault.loc, fault.type
    return None


@pytest.mark.parametrize(
    ("born", "is_good"),
    [
        (date(2013, 1, 5), True), (date(2013, 1, 6), False), (date(1900, 1, 1), True),
        (date(1899, 12, 31), False), (TODAY, False), (date(2026, 1, 6), False),
    ],
)  # fmt: skip
def test_a_learner_is_old_enough_from_the_birthday_on(born: date, is_good: bool) -> None:
    wanted = None if is_good else (("body", "date_of_birth"), "value_error.date")
    assert fault_of(born) == wanted


def test_without_a_minimum_today_is_a_birthday_and_tomorrow_is_none() -> None:
    assert fault_of(TODAY, minimum=0) is None
    assert fault_of(TODAY + timedelta(days=1), minimum=0) is not None


@pytest.mark.parametrize(
    ("day", "age"),
    [(date(2025, 2, 28), 12), (date(2025, 3, 1), 13), (date(2028, 2, 28), 15),
     (date(2028, 2, 29), 16)],
)  # fmt: skip
def test_a_leap_days_child_has_its_birthday_in_march_of_common_years(day: date, age: int) -> None:
    assert age_on(day, date(2012, 2, 29)) == age


@given(days, days)
def test_an_age_grows_by_one_a_year_and_never_shrinks(born: date, day: date) -> None:
    age = age_on(day, born)
    assert age_on(day + timedelta(days=1), born) - age in (0, 1)
    assert (
        age_on(day.replace(year=day.year + 1, day=1), born.replace(day=1))
        == age_on(day.replace(day=1), born.replace(day=1)) + 1
    )
    assert (age >= 0) == (day >= born)


WHOLE = Profile(
    date_of_birth=date(2000, 1, 1), learning_goal=LearningGoal.OTHER,
    study_level=StudyLevel.DOCTORAL, grade=Grade.GRADE_9,
)  # fmt: skip


@given(st.sets(st.sampled_from(Profile.__struct_fields__)), st.booleans())
def test_just_what_is_sent_is_changed_and_none_takes_it_away(names: set[str], gone: bool) -> None:
    before = Profile() if not gone else WHOLE
    wanted = WHOLE if not gone else Profile()
    sent = {name: getattr(wanted, name) for name in names}
    after = changed(before, ProfileChanges(**sent), TODAY, 13)
    assert after == structs.replace(before, **sent)


def test_a_birthday_that_is_sent_is_looked_at_and_one_that_stays_is_not() -> None:
    young = Profile(date_of_birth=date(2020, 1, 1))
    with pytest.raises(Invalid):
        changed(Profile(), ProfileChanges(date_of_birth=date(2020, 1, 1)), TODAY, 13)
    after = changed(young, ProfileChanges(grade=Grade.OTHER), TODAY, 13)
    assert after == structs.replace(young, grade=Grade.OTHER)


@given(st.lists(st.integers(1, 20), max_size=MAX_PREFERENCES))
def test_preferences_are_named_once_in_the_order_of_their_first_mention(ids: list[int]) -> None:
    kept = preferences(ids, LOC)
    assert set(kept) == set(ids)
    assert [ids.index(each) for each in kept] == sorted({ids.index(each) for each in kept})


def test_there_are_at_most_50_preferences_as_sent() -> None:
    assert len(preferences(range(1, 51), LOC)) == 50
    for ids in (range(1, 52), [1] * 51):
        with pytest.raises(Invalid) as refused:
            preferences(ids, LOC)
        (fault,) = refused.value.faults
        assert (fault.loc, fault.type) == (LOC, "value_error.list.max_items")


def test_f120_what_learners_say_is_in_no_repr() -> None:
    changes = ProfileChanges(date_of_birth=date(2000, 1, 1))
    for said in (WHOLE, changes, Onboarding(profile=WHOLE)):
        assert "2000" not in repr(said)
        assert "DOCTORAL" not in repr(said)
