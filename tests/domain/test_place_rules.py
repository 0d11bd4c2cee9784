"""What universities, departments and subjects may say, with all their faults at once."""

import re
from collections.abc import Callable
from importlib import resources
from itertools import islice
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twosigma.domain import place_rules
from twosigma.domain.errors import Invalid
from twosigma.domain.place_rules import (
    checked_department,
    checked_department_changes,
    checked_subject,
    checked_subject_changes,
    checked_university,
    checked_university_changes,
    slugs_of,
)
from twosigma.domain.places import (
    DepartmentChanges,
    DepartmentFields,
    SubjectChanges,
    SubjectFields,
    UniversityChanges,
    UniversityFields,
)

LOC = ("body", "field")


def faults(rule: Callable[[Any], object], value: object) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refused:
        rule(value)
    assert all(fault.loc[0] == "body" for fault in refused.value.faults)
    return [(str(fault.loc[1]), fault.type) for fault in refused.value.faults]


def is_refused(check: Callable[..., object], value: str) -> bool:
    try:
        check(value, LOC)
    except Invalid as refused:
        return {fault.loc for fault in refused.faults} == {LOC}
    return False


def test_names_and_codes_are_normalised_and_countries_capital() -> None:
    given_fields = UniversityFields(
        name=" E\u0301cole ", code=" ec ", country="fr", website_url="https://ec.fr/é?a=1#b"
    )
    assert checked_university(given_fields) == UniversityFields(
        name="École", code="ec", country="FR", website_url="https://ec.fr/é?a=1#b"
    )
    assert checked_university(UniversityFields(name="X")) == UniversityFields(name="X")
    assert checked_department(DepartmentFields(name=" D ", code=" c ")) == DepartmentFields(
        name="D", code="c"
    )
    assert checked_subject(SubjectFields(name=" S ", slug="a-1")) == SubjectFields(
        name="S", slug="a-1"
    )


def test_all_faults_are_told_at_once() -> None:
    blank, long = "value_error.any_str.min_length", "value_error.any_str.max_length"
    university = UniversityFields(name=" ", code="c" * 33, country="XX", website_url="ftp://a.b")
    assert faults(checked_university, university) == [
        ("name", blank), ("code", long), ("country", "value_error.const"),
        ("website_url", "value_error"),
    ]  # fmt: skip
    assert faults(checked_university, UniversityFields(name="n" * 201)) == [("name", long)]
    department = DepartmentFields(name="n" * 201, code=" ")
    assert faults(checked_department, department) == [("name", long), ("code", blank)]
    subject = SubjectFields(name="n" * 101, slug="s" * 101)
    assert faults(checked_subject, subject) == [("name", long), ("slug", long)]
    assert checked_subject(SubjectFields(name="n" * 100, slug="s" * 100)).slug == "s" * 100


def test_changes_are_what_was_sent_and_nothing_else() -> None:
    assert checked_university_changes(UniversityChanges()) == {}
    assert checked_university_changes(UniversityChanges(code=None, name=" N ")) == {
        "code": None, "name": "N",
    }  # fmt: skip
    assert checked_department_changes(DepartmentChanges(code=" c ")) == {"code": "c"}
    assert checked_subject_changes(SubjectChanges(name="N")) == {"name": "N"}
    assert checked_subject_changes(SubjectChanges(slug="n")) == {"slug": "n"}
    refused = faults(checked_university_changes, UniversityChanges(country="Finland"))
    assert refused == [("country", "value_error.const")]


def test_the_countries_are_those_of_the_time_zone_database() -> None:
    table = (resources.files("tzdata") / "zoneinfo" / "iso3166.tab").read_text()
    listed = {line.split("\t")[0] for line in table.splitlines() if not line.startswith("#")}
    assert listed == place_rules.COUNTRIES


@pytest.mark.parametrize("value", ["", "F", "FIN", "ZZ", "F1", "ß", "ﬁ", "fi ", "\x00"])
def test_what_is_no_country_is_refused(value: str) -> None:
    assert is_refused(place_rules.country, value)


@pytest.mark.parametrize(
    "value",
    [
        "http://a", "https://a.b:8443/c", "HTTPS://A.B", "http://[::1]/", "https://例え.jp/路",
        "https://a.b/" + "x" * 1988,
    ],
)  # fmt: skip
def test_an_address_is_kept_exactly(value: str) -> None:
    assert place_rules.website_url(value, LOC) == value


@pytest.mark.parametrize(
    "value",
    [
        "", "a.b", "//a.b", "http:", "http://", "https:///x", "javascript:alert(1)", "ftp://a.b",
        "http://a b", " http://a", "http://a\n", "http://a\t.b", "http://[::1", "http://a:99999",
        "http://u:p@a.b", "http://a:0", "http://a\x00", "http://a/\u202e", "http://a/<x>",
        'http://a/"', "http://a\\b", "https://a.b/" + "x" * 1989,
    ],
)  # fmt: skip
def test_what_is_no_address_of_http_is_refused(value: str) -> None:
    assert is_refused(place_rules.website_url, value)


@pytest.mark.parametrize("value", ["", "A", "a--b", "-a", "a-", "a b", "é", "a_b", "a\n", "٣"])
def test_what_is_no_slug_is_refused(value: str) -> None:
    assert is_refused(place_rules.slug, value)


@pytest.mark.parametrize(
    ("name", "slugs"),
    [
        ("Computer Science", ["computer-science", "computer-science-2"]),
        ("C++", ["c", "c-2", "c-3"]),
        ("Élan & Straße (2)", ["elan-strasse-2", "elan-strasse-2-2"]),
        ("数学", ["subject", "subject-2"]),
        ("!", ["subject", "subject-2"]),
    ],
)  # fmt: skip
def test_a_name_has_slugs(name: str, slugs: list[str]) -> None:
    assert list(islice(slugs_of(name), len(slugs))) == slugs


@given(st.text(max_size=120))
def test_the_slugs_of_any_name_are_good_and_differ(name: str) -> None:
    slugs = list(islice(slugs_of(name), 12))
    assert len(set(slugs)) == 12
    for slug in slugs:
        assert place_rules.slug(slug, LOC) == slug


@given(st.text(max_size=40))
def test_a_slug_is_what_its_pattern_says(text: str) -> None:
    assert is_refused(place_rules.slug, text) == (not re.fullmatch(place_rules.SLUG, text))
