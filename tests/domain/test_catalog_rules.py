"""What a course and an offering may say, with all their faults at once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twosigma.domain.catalog import CourseFields, Level, OfferingFields, require_other_owners
from twosigma.domain.catalog_rules import (
    CourseChanges,
    checked_changes,
    checked_course,
    checked_offering,
    sent,
)
from twosigma.domain.errors import Conflict, Invalid

DAY = datetime(2026, 3, 1, tzinfo=UTC)


def course(**fields: Any) -> CourseFields:
    return CourseFields(**{"title": "Algebra", "code": "ALG", "university_id": 1, **fields})


def term(**fields: Any) -> OfferingFields:
    return OfferingFields(**{"term_name": "Spring", **fields})


def locs(*check: Any) -> list[tuple[str | int, ...]]:
    rule, value = check
    with pytest.raises(Invalid) as refused:
        rule(value)
    assert all(fault.loc[0] == "body" for fault in refused.value.faults)
    return [fault.loc[1:] for fault in refused.value.faults]


def test_a_plain_course_is_kept_as_it_is() -> None:
    assert checked_course(course()) == course()
    assert checked_course(course(credit_hours=0)).credit_hours == 0
    assert checked_course(course(credit_hours=30)).credit_hours == 30


def test_titles_are_normalised_and_long_texts_kept_exactly() -> None:
    kept = checked_course(
        course(
            title=" Alge\u0300bre ", code=" A1 ", description=" d\u0300 ", license=" MIT ",
            attribution=" x ", prompt_name=" T ", prompt_label=" beta ", llm_model=" m ",
            locales=("EN-us", "de", "en-US"),
        )
    )  # fmt: skip
    assert (kept.title, kept.code, kept.description) == ("Algèbre", "A1", " d\u0300 ")
    assert (kept.license, kept.attribution, kept.prompt_name) == (" MIT ", " x ", "T")
    assert (kept.prompt_label, kept.llm_model, kept.locales) == ("beta", "m", ("en-US", "de"))


def test_all_faults_of_a_course_are_told_at_once() -> None:
    broken = course(
        title=" ", code="c" * 33, credit_hours=31, description="d" * 10_001,
        locales=("en", "no locale", "x"), llm_model="", prompt_name="p" * 256, prompt_label=" ",
        license="l" * 2001, attribution="\0",
    )  # fmt: skip
    assert sorted(locs(checked_course, broken), key=str) == sorted(
        [
            ("title",), ("code",), ("credit_hours",), ("description",), ("locales", 1),
            ("locales", 2), ("llm_model",), ("prompt_name",), ("prompt_label",), ("license",),
            ("attribution",),
        ],
        key=str,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value"),
    [("credit_hours", -1), ("credit_hours", 31), ("locales", ()), ("locales", ("en",) * 21)],
)
def test_numbers_and_lists_have_their_bounds(field: str, value: object) -> None:
    assert locs(checked_course, course(**{field: value})) == [(field,)]


def test_an_update_holds_what_was_sent_and_null_is_something() -> None:
    assert sent(CourseChanges()) == {}
    changes = CourseChanges(title="T", level=Level.ADVANCED, credit_hours=None, is_open=False)
    assert sent(changes) == {
        "title": "T", "level": Level.ADVANCED, "credit_hours": None, "is_open": False,
    }  # fmt: skip


def test_of_an_update_only_what_was_sent_is_checked_and_normalised() -> None:
    assert checked_changes(CourseChanges()) == {}
    changes = CourseChanges(title=" T ", locales=("EN-us",), prompt_name=None)
    assert checked_changes(changes) == {"title": "T", "locales": ("en-US",), "prompt_name": None}
    broken = CourseChanges(title=" ", credit_hours=31)
    assert sorted(locs(checked_changes, broken)) == [("credit_hours",), ("title",)]


def test_a_term_without_bounds_is_open() -> None:
    assert checked_offering(term(term_name=" Spring ")) == term()
    assert checked_offering(term(capacity=1)).capacity == 1


def test_all_faults_of_an_offering_are_told_at_once_at_the_later_field() -> None:
    broken = term(
        term_name="", capacity=0, starts_at=DAY, ends_at=DAY, enrollment_start=DAY,
        enrollment_end=DAY - timedelta(1),
    )  # fmt: skip
    assert locs(checked_offering, broken) == [
        ("term_name",), ("capacity",), ("ends_at",), ("enrollment_end",),
    ]  # fmt: skip
    late = term(ends_at=DAY, enrollment_end=DAY + timedelta(1))
    assert locs(checked_offering, late) == [("ends_at",)]


moments = st.none() | st.integers(0, 3).map(lambda days: DAY + timedelta(days))


@settings(max_examples=80)
@given(moments, moments, moments, moments)
def test_an_offering_is_refused_if_and_only_if_its_dates_are_out_of_order(
    starts: datetime | None, ends: datetime | None, opens: datetime | None, closes: datetime | None
) -> None:
    fields = term(starts_at=starts, ends_at=ends, enrollment_start=opens, enrollment_end=closes)
    wrong = [
        starts is not None and ends is not None and starts >= ends,
        opens is not None and closes is not None and opens >= closes,
        closes is not None and ends is not None and closes > ends,
    ]
    if any(wrong):
        assert len(locs(checked_offering, fields)) == sum(wrong)
    else:
        assert checked_offering(fields) == fields


owners = st.dictionaries(st.integers(1, 3), st.sets(st.integers(1, 3), min_size=1).map(sorted))


@given(owners)
def test_a_course_keeps_an_owner(of_courses: dict[int, list[int]]) -> None:
    """`of_courses`: of all there are; an account is told of those that it owns."""
    own = {course: names for course, names in of_courses.items() if 1 in names}
    left = [[name for name in names if name != 1] for names in own.values()]
    if all(left):
        require_other_owners(1, own)
    else:
        with pytest.raises(Conflict) as refused:
            require_other_owners(1, own)
        assert refused.value.code == "last_owner"
