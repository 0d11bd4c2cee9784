"""Dependency tags: every row of Langfuse's grammar, and ours where it is better."""

import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twosigma.domain.prompt_refs import Ref, joined, parse_body, pieces_of, refs_of, tag_of


def tag(body: str) -> str:
    return f"@@@langfusePrompt:{body}@@@"


def replaced(text: str, insert: Callable[[Ref], str]) -> str:
    return joined(pieces_of(text), {ref: insert(ref) for ref in refs_of(text)})


@pytest.mark.parametrize(
    ("body", "ref"),
    [
        ("name=N|version=3", Ref(name="N", version=3)),
        ("name=N|label=production", Ref(name="N", label="production")),
        ("name=N|label=latest", Ref(name="N", label="latest")),
        ("name=N|label=7", Ref(name="N", label="7")),
        ("name=a/b. (c) $ é|label=x", Ref(name="a/b. (c) $ é", label="x")),
        ("name= N |version=1", Ref(name=" N ", version=1)),
        ("name=a=b|label=x=y", Ref(name="a=b", label="x=y")),
        ("name==|version=1", Ref(name="=", version=1)),
        ('name="N"\\|label=x', Ref(name='"N"\\', label="x")),
        ("name=N\nM|version=1", Ref(name="N\nM", version=1)),
        ("name=N|version=999999999999999999", Ref(name="N", version=10**18 - 1)),
    ],
)
def test_f22_a_well_formed_tag_is_a_reference(body: str, ref: Ref) -> None:
    assert parse_body(body) == ref
    assert tag_of(ref) == tag(body)
    assert refs_of(f"before {tag(body)} after") == (ref,)


@pytest.mark.parametrize(
    "body",
    [
        "", "name=N", "name=N|", "|version=1", "name=|version=1", "name=N|label=",
        "name=N|version=", "name=N|version=abc", "name=N|version=0", "name=N|version=01",
        "name=N|version= 1", "name=N|version=1 ", "name=N|version=1\n", "name=N|version=1e0",
        "name=N|version=-1", "name=N|version=１", "name=N|version=1.0",
        "name=N|version=1000000000000000000", "name=N|tag=x", "name=N| label=x", "name=N|label =x",
        "name=N|Label=x", "Name=N|label=x", " name=N|label=x", "label=x|name=N",
        "name=N|name=M", "name=N|version=1|label=x", "name=N|label=x|", "name=N||label=x",
    ],
)  # fmt: skip
def test_f22_a_malformed_tag_stays_text(body: str) -> None:
    text = f"before {tag(body)} after"
    assert parse_body(body) is None
    assert refs_of(text) == ()
    assert replaced(text, str) == text


@pytest.mark.parametrize(
    "text",
    [
        "@@@langfusePrompt:name=A @@@langfusePrompt:name=B|version=1@@@",
        "@@@langfusePrompt:name=A|version=1@@",
        "@@@langfusePrompt:name=A|version=1",
        "@@@LangfusePrompt:name=A|version=1@@@",
        "@@@langfuseMedia:name=A|version=1@@@",
        "@@@ langfusePrompt:name=A|version=1@@@",
        "@@@@@@",
    ],
)
def test_f22_what_only_looks_like_a_tag_stays_text(text: str) -> None:
    assert refs_of(text) == ()
    assert replaced(text, str) == text


def test_an_unclosed_tag_swallows_the_opening_of_the_next() -> None:
    swallowed = "@@@langfusePrompt:name=A " + tag("name=B|version=1")
    assert refs_of(swallowed + tag("name=C|version=1")) == (Ref(name="C", version=1),)


def test_the_same_tag_twice_is_one_reference_and_both_places_are_replaced() -> None:
    twice = tag("name=A|label=x") + "," + tag("name=B|version=1") + "," + tag("name=A|label=x")
    assert refs_of(twice) == (Ref(name="A", label="x"), Ref(name="B", version=1))
    assert replaced(twice, lambda ref: ref.name) == "A,B,A"


@pytest.mark.parametrize("inserted", [r"\1 \g<0>", "$1", "{{x}}", tag("name=A|version=1"), "\r\n "])
def test_f23_what_is_inserted_is_put_in_literally_and_not_scanned(inserted: str) -> None:
    text = f"a {tag('name=A|version=1')}{tag('name=A|version=1')} b"
    assert replaced(text, lambda _: inserted) == f"a {inserted}{inserted} b"


def test_a_tag_s_neighbours_are_no_part_of_it() -> None:
    assert refs_of("@" + tag("name=A|version=1") + "@") == (Ref(name="A", version=1),)


names = st.text(st.characters(exclude_characters="|@", exclude_categories=["Cs"]), min_size=1)
refs = st.one_of(
    st.builds(Ref, name=names, version=st.integers(1, 10**18 - 1)),
    st.builds(Ref, name=names, label=names),
)


@settings(max_examples=60)
@given(st.lists(refs, max_size=4), st.sampled_from(["", " ", "\n", "@ ", "x=|"]))
def test_tags_read_back_as_what_they_were_made_of(listed: list[Ref], between: str) -> None:
    text = between.join(map(tag_of, listed))
    assert refs_of(text) == tuple(dict.fromkeys(listed))
    assert replaced(text, tag_of) == text


def test_a_reference_is_told_as_people_write_it() -> None:
    assert str(Ref(name="N", version=3)) == "'N' (version 3)"
    assert str(Ref(name="N", label="x")) == "'N' (label 'x')"


@pytest.mark.parametrize("piece", [tag("name=A|version=1"), "@@@langfusePrompt:", "@@@", "@", "|"])
def test_f22_a_megabyte_of_tags_is_read_in_a_second(piece: str) -> None:
    text = piece * (2**20 // len(piece))
    began = time.monotonic()
    assert len(refs_of(text)) <= 1
    replaced(text, str)
    assert time.monotonic() - began < 1
