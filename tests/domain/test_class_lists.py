"""Class lists: what is read out of a text, and what becomes of each line."""

from collections import Counter
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twosigma.domain.actor import Role
from twosigma.domain.class_lists import (
    MAX_LINES,
    MAX_TEXT,
    Entry,
    Known,
    Outcome,
    plan_class,
    read_class_list,
)
from twosigma.domain.enrollments import Enrollment, EnrollmentStatus
from twosigma.domain.errors import Invalid
from twosigma.domain.users import User

NOW = datetime(2026, 3, 1, tzinfo=UTC)
NO_EMAIL = "value is not a valid email address"
NO_CSV = "Not a line of CSV"
TOO_LONG = "Must have at most 254 characters"


def good(line: int, email: str) -> Entry:
    return Entry(line, email)


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("", []),
        ("\n \r\n\t\n", []),
        ("email\n", []),
        ("a@x.org", [good(1, "a@x.org")]),
        ("a@x.org\nb@x.org\n", [good(1, "a@x.org"), good(2, "b@x.org")]),
        ("\ufeffA@X.org\r\n\r\n b@x.org \rc@x.org",
         [good(1, "a@x.org"), good(3, "b@x.org"), good(4, "c@x.org")]),
        ('"a@x.org"\n "b@x.org" ', [good(1, "a@x.org"), good(2, "b@x.org")]),
        ("a@x.org,Ada\n", [good(1, "a@x.org")]),
        ('\ufeffName,Email\n"Byron, Ada",a@x.org\n', [good(2, "a@x.org")]),
        ("\n\nE-Mail ;name\nb@x.org;Bob\n", [good(4, "b@x.org")]),
        ("id\temail\n1\tc@x.org", [good(2, "c@x.org")]),
        ("name,email\nAda\n,,\nBob, b@x.org",
         [Entry(2, "", "No e-mail address"), Entry(3, "", "No e-mail address"),
          good(4, "b@x.org")]),
        ('name,email\n"Ada,a@x.org\nBob,b@x.org',
         [Entry(2, '"Ada,a@x.org', NO_CSV), good(3, "b@x.org")]),
        ("nobody\nAda <a@x.org>\na@x",
         [Entry(1, "nobody", NO_EMAIL), Entry(2, "Ada <a@x.org>", NO_EMAIL),
          Entry(3, "a@x", NO_EMAIL)]),
        ("a@x.org\n" + "x" * 300, [good(1, "a@x.org"), Entry(2, "x" * 254, TOO_LONG)]),
        ("x" * 200_000 + "\na@x.org", [Entry(1, "x" * 254, NO_CSV), good(2, "a@x.org")]),
        ("a@x.org\x85b@x.org", [Entry(1, "a@x.org\x85b@x.org", NO_EMAIL)]),
    ],
)  # fmt: skip
def test_addresses_are_read_line_by_line(text: str, entries: list[Entry]) -> None:
    assert list(read_class_list(text)) == entries


def test_a_list_has_so_many_lines_that_say_something_and_no_more() -> None:
    lines = [f"u{n}@x.org" for n in range(MAX_LINES)]
    assert len(read_class_list("email\n\n" + "\n\n".join(lines))) == MAX_LINES
    with pytest.raises(Invalid) as refused:
        read_class_list("\n".join([*lines, "one@more.org"]))
    (fault,) = refused.value.faults
    assert (fault.loc, fault.type) == (("body", "csv"), "value_error.list.max_items")


@pytest.mark.parametrize("text", ["a@x.org\0", "a@x.org\ud800", "x" * (MAX_TEXT + 1)])
def test_a_text_that_cannot_be_kept_is_no_list(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_class_list(text)
    assert [fault.loc for fault in refused.value.faults] == [("body", "csv")]


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)


@settings(max_examples=200)
@given(texts, texts)
def test_whatever_else_a_list_holds_a_good_line_is_read(before: str, after: str) -> None:
    text = f"{before}\nada@example.org\n{after}"
    read = read_class_list(f"email\n{text}")
    assert "ada@example.org" in [entry.email for entry in read if entry.fault is None]


@settings(max_examples=100)
@given(texts)
def test_every_line_that_is_not_blank_is_told_once_in_order(text: str) -> None:
    numbers = [entry.line for entry in read_class_list("email\n" + text)]
    breaks = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert numbers == [at for at, line in enumerate(breaks, start=2) if line.strip()]


EMAILS = [f"u{n}@x.org" for n in range(1, 7)]


def user(number: int, *, is_active: bool) -> User:
    return User(
        id=number, email=f"u{number}@x.org", full_name="U", role=Role.STUDENT,
        is_active=is_active, locale="en", time_zone="UTC", created_at=NOW, updated_at=NOW,
    )  # fmt: skip


def enrollment(user_id: int, status: EnrollmentStatus) -> Enrollment:
    return Enrollment(
        id=user_id * 10,
        user_id=user_id,
        course_offering_id=1,
        course_id=1,
        status=status,
        enrolled_at=NOW,
    )


@st.composite
def known(draw: st.DrawFn) -> Known:
    """Some of six addresses have accounts, some of these enrollments; others are invited."""
    ids = draw(st.sets(st.integers(1, 6)))
    users = [user(each, is_active=draw(st.booleans())) for each in sorted(ids)]
    statuses = draw(st.dictionaries(st.integers(1, 6), st.sampled_from(EnrollmentStatus)))
    return Known(
        users={each.email: each for each in users},
        enrollments={each: enrollment(each, its) for each, its in statuses.items() if each in ids},
        invited=draw(st.sets(st.sampled_from(EMAILS))),
    )


lists = st.lists(
    st.sampled_from(EMAILS).map(lambda email: Entry(1, email)) | st.just(Entry(1, "x", NO_EMAIL)),
    max_size=12,
)


@settings(max_examples=300)
@given(lists, known())
def test_every_line_is_told_and_every_address_written_once(
    entries: list[Entry], there: Known
) -> None:
    plan = plan_class(entries, there)
    assert [told.email for told in plan.told] == [entry.email for entry in entries]
    counts = Counter(told.outcome for told in plan.told)
    assert counts[Outcome.INVALID] == sum(entry.fault is not None for entry in entries)
    assert counts[Outcome.ENROLLED] == len(plan.enroll) == len(set(plan.enroll))
    assert counts[Outcome.REACTIVATED] == len(plan.reactivate)
    assert counts[Outcome.INVITED] == len(plan.invite) == len(set(plan.invite))
    assert not set(plan.enroll) & there.enrollments.keys()
    assert not set(plan.invite) & {*there.users, *there.invited}
    assert all(each.status is EnrollmentStatus.DROPPED for each in plan.reactivate)
    inactive = {each.id for each in there.users.values() if not each.is_active}
    assert not inactive & {*plan.enroll, *(each.user_id for each in plan.reactivate)}
    for told in plan.told:
        assert (told.detail is None) == (told.outcome not in {Outcome.INVALID, Outcome.INACTIVE})


@settings(max_examples=200)
@given(lists, known())
def test_a_second_import_of_the_same_list_writes_nothing(
    entries: list[Entry], there: Known
) -> None:
    plan = plan_class(entries, there)
    joined = {*plan.enroll, *(each.user_id for each in plan.reactivate)}
    after = Known(
        users=there.users,
        enrollments={
            **there.enrollments,
            **{each: enrollment(each, EnrollmentStatus.ACTIVE) for each in joined},
        },
        invited={*there.invited, *plan.invite},
    )
    again = plan_class(entries, after)
    assert (again.enroll, again.reactivate, again.invite) == ((), (), ())


def test_an_account_that_is_in_it_is_told_so_even_when_it_is_switched_off() -> None:
    there = Known(
        users={"u1@x.org": user(1, is_active=False), "u2@x.org": user(2, is_active=False)},
        enrollments={1: enrollment(1, EnrollmentStatus.COMPLETED)},
        invited=(),
    )
    plan = plan_class([Entry(1, "u1@x.org"), Entry(2, "u2@x.org")], there)
    assert [told.outcome for told in plan.told] == [Outcome.ALREADY_ENROLLED, Outcome.INACTIVE]
