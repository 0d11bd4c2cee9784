"""Values from outside: what is kept of them, and what is refused."""

import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import strategies as some
from twosigma.domain import values
from twosigma.domain.errors import Fault, Invalid
from twosigma.domain.values import (
    all_faults,
    best_locale,
    email,
    fold_email,
    has_bad_text,
    locale,
    long_text,
    parse_id,
    password,
    time_zone,
    title,
)

LOC = ("body", "x")


def kind_of(check: Callable[[], object]) -> str:
    with pytest.raises(Invalid) as refused:
        check()
    return refused.value.faults[0].type


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("ada@example.org", "ada@example.org"),
        ("  Ada.L+x@EXAMPLE.Org\r\n", "ada.l+x@example.org"),
        ("Ａda@example.org", "ada@example.org"),
        ("Jose\u0301@example.org", "josé@example.org"),
        ("STRASSE@example.org", "strasse@example.org"),
        ("Straße@example.org", "strasse@example.org"),
        ("a@münchen.de", "a@münchen.de"),
        ("a@b.co", "a@b.co"),
        ("x" * 242 + "@example.org", "x" * 242 + "@example.org"),
    ],
)
def test_f16_an_address_is_kept_folded(sent: str, kept: str) -> None:
    assert email(sent) == kept


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "ada",
        "ada@",
        "@example.org",
        "ada@localhost",
        "a@b@example.org",
        "a b@example.org",
        "a@exa mple.org",
        "a\r\nbcc:x@example.org",
        "a\0@example.org",
        "\ud800@example.org",
        "a\u200d@example.org",
        "a\u202e@example.org",
        "a\xa8@example.org",
        "a@.org",
        "a@example.",
        "a@example..org",
        "a@-example.org",
        "a@example-.org",
        "a@exa_mple.org",
        "a@" + "x" * 64 + ".org",
        ".a@example.org",
        "a.@example.org",
        "a..b@example.org",
        '"a"@example.org',
        "Ada <ada@example.org>",
        "a,b@example.org",
    ],
)
def test_f16_what_is_no_address_is_refused(sent: str) -> None:
    assert kind_of(lambda: email(sent)) == "value_error.email"


def test_f16_an_address_has_at_most_254_characters() -> None:
    assert kind_of(lambda: email("x" * 243 + "@example.org")) == "value_error.any_str.max_length"
    assert kind_of(lambda: email("ﷺ" * 20 + "@example.org")) == "value_error.any_str.max_length"


@given(st.one_of(some.texts, some.odd_texts))
def test_f16_folding_twice_is_folding_once_whatever_the_form(name: str) -> None:
    folded = fold_email(name + "@Example.org")
    assert fold_email(folded) == folded
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert fold_email(unicodedata.normalize(form, name) + "@example.ORG ") == folded


@given(st.text("abcßẞéÉΣσςﬁﬀK①ｘ.", min_size=1, max_size=8))
def test_f16_every_case_of_an_address_is_one_account(name: str) -> None:
    try:
        kept = email(f"{name}@example.org")
    except Invalid:
        return
    variants = [name.upper(), name.lower(), name.casefold(), kept.partition("@")[0]]
    assert {email(f" {variant}@EXAMPLE.org") for variant in variants} == {kept}


def test_a_title_is_trimmed_composed_and_not_blank() -> None:
    assert title(" Cafe\u0301\n", LOC) == "Café"
    assert title("e\u0301" * 200, LOC) == "é" * 200
    assert kind_of(lambda: title(" \u3000", LOC)) == "value_error.any_str.min_length"
    assert kind_of(lambda: title("x" * 33, LOC, 32)) == "value_error.any_str.max_length"


@given(some.texts)
def test_f15_a_long_text_is_kept_exactly_and_a_title_but_for_its_edges(text: str) -> None:
    assert long_text(text, LOC, 50) == text
    if text.strip():
        assert long_text(text, LOC, 50, minimum=1) == text
        assert title(title(text, LOC), LOC) == title(text, LOC)
        assert title(text, LOC) == unicodedata.normalize("NFC", text).strip()


def test_a_long_text_has_its_limits() -> None:
    assert kind_of(lambda: long_text("xx", LOC, 1)) == "value_error.any_str.max_length"
    assert kind_of(lambda: long_text(" ", LOC, 9, 1)) == "value_error.any_str.min_length"
    assert kind_of(lambda: long_text("abc", LOC, 9, 4)) == "value_error.any_str.min_length"


@pytest.mark.parametrize("bad", ["a\0b", "\ud800", "x\udfff"])
def test_f08_f09_nul_and_lone_surrogates_are_refused_everywhere(bad: str) -> None:
    long = bad + "x" * 10
    for check in (title, lambda v, loc: long_text(v, loc, 99), lambda v, loc: password(v, "", loc)):
        with pytest.raises(Invalid) as refused:
            check(long, LOC)
        assert [(f.loc, f.type) for f in refused.value.faults] == [(LOC, "value_error")]
    assert kind_of(lambda: time_zone(bad)) == kind_of(lambda: locale(bad)) == "value_error"


def test_f38_a_password_has_8_to_128_code_points_in_nfc() -> None:
    assert password("  spaced  ", "a@b.co") == "  spaced  "
    assert password("e\u0301" * 128, "a@b.co") == "é" * 128
    assert password("\U0001f600" * 8, "a@b.co") == "\U0001f600" * 8
    assert kind_of(lambda: password("e\u0301" * 7, "")) == "value_error.any_str.min_length"
    assert kind_of(lambda: password("x" * 129, "")) == "value_error.any_str.max_length"


@pytest.mark.parametrize("same", ["ada@example.org", "ADA@example.org", " Ａda@example.org "])
def test_a_password_differs_from_the_address(same: str) -> None:
    assert kind_of(lambda: password(same, " Ada@Example.org")) == "value_error"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("EN", "en"),
        ("pt-br", "pt-BR"),
        ("ZH-hant-tw", "zh-Hant-TW"),
        ("es-419", "es-419"),
        ("sl-ROZAJ-biske-1994", "sl-rozaj-biske-1994"),
        ("de-DE-u-CO-phonebk", "de-DE-u-co-phonebk"),
        ("en-a-bbb-x-A-CCCC", "en-a-bbb-x-a-cccc"),
        ("X-Whatever-AB", "x-whatever-ab"),
        ("zh-yue-hk", "zh-yue-HK"),
    ],
)
def test_a_locale_is_kept_in_its_canonical_case(sent: str, kept: str) -> None:
    assert locale(sent) == kept
    assert locale(kept) == kept


@pytest.mark.parametrize(
    "bad",
    ["", "e", "en_US", "en-", "-en", "en--US", "../../etc/passwd", "en-US\n", "e" * 300, "\u212aa",
     "en-x", "en-a", "12", "dé", "en-abcdefghi", "en" + "-abcde" * 11],
)  # fmt: skip
def test_f17_a_malformed_locale_is_refused(bad: str) -> None:
    assert kind_of(lambda: locale(bad)) == "value_error"


@pytest.mark.parametrize("name", ["UTC", "Europe/Berlin", "Pacific/Kiritimati", "Asia/Kolkata"])
def test_a_time_zone_is_one_that_zoneinfo_knows(name: str) -> None:
    assert time_zone(name) == name


@pytest.mark.parametrize(
    "bad",
    ["utc", "europe/berlin", "", "../../etc/passwd", "America", "localtime", "x" * 300, "UTC\0"],
)
def test_f17_any_other_time_zone_is_refused(bad: str) -> None:
    assert kind_of(lambda: time_zone(bad)) == "value_error"


@pytest.mark.parametrize(
    ("wanted", "offered", "best"),
    [
        ("de-CH", ["en", "de"], "de"),
        ("de-CH", ["en", "de", "de-ch"], "de-ch"),
        ("de", ["en", "de-DE"], "en"),
        ("zh-Hant-CN-x-private1-private2", ["en", "zh-Hant"], "zh-Hant"),
        ("zh-x-a-bcd", ["en", "zh"], "zh"),
        ("fr", ["en"], "en"),
        ("EN-us", ["pt-BR", "en"], "en"),
        ("en", ["de", "en", "EN"], "en"),
        ("", ["de"], "de"),
    ],
)
def test_the_best_locale_is_looked_up_from_the_longest_tag(
    wanted: str, offered: list[str], best: str
) -> None:
    assert best_locale(wanted, offered) == best


@pytest.mark.parametrize(
    "value",
    ["\0", "\udfff", {"\0": 1}, {"a": "\ud800"}, [["\0"]], ({"a": ["x", {"b": "\0"}]},)],
)
def test_f08_f09_bad_text_is_found_at_any_depth(value: object) -> None:
    assert has_bad_text(value)


def test_f02_json_nests_32_deep_at_most() -> None:
    deep: Any = []
    for _ in range(31):
        deep = [deep]
    assert not has_bad_text(deep)
    assert has_bad_text([deep])
    assert has_bad_text({"a": 1}, depth=0)


@given(some.json_values)
def test_clean_json_has_no_bad_text(value: object) -> None:
    assert not has_bad_text(value)


@pytest.mark.parametrize("text", ["1", "42", str(2**31), str(2**63 - 1)])
def test_f06_ids_reach_up_to_64_bits(text: str) -> None:
    assert parse_id(text, ("path", "id")) == int(text)


@pytest.mark.parametrize(
    "text",
    ["0", "-1", "01", "1_0", "1.0", "1x", "\0", "٣", "9" * 400, str(2**63), "", " 1", "+1", "1\n"],
)
def test_f07_anything_else_is_no_id(text: str) -> None:
    assert kind_of(lambda: parse_id(text, ("path", "id"))) == "type_error.integer"


def test_all_faults_are_told_at_once() -> None:
    faults = all_faults(
        lambda: email("x"), lambda: title("fine", LOC), lambda: title("", ("body", "name"))
    )
    assert faults == (
        Fault(("body", "email"), "value is not a valid email address", "value_error.email"),
        Fault(("body", "name"), "Must not be blank", values.MIN_LENGTH),
    )
