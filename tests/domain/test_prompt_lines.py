"""Prompts as lines: what is written reads back as it was, and every fault has line and field."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from tests.domain.prompt_versions import NOW, version, versions
from twosigma.domain.errors import Invalid
from twosigma.domain.prompt_incoming import Incoming
from twosigma.domain.prompt_lines import MAX_LINE_BYTES, MAX_LINES, Line, lines, read, written
from twosigma.domain.prompt_porting import MAX_FAULTS, read_all
from twosigma.domain.prompts import PromptVersion

BLANK = st.sampled_from([b"", b"\n", b"\r\n", b" \t\n\n"])


def taken(data: bytes) -> list[Incoming]:
    return read_all(lines(data), lambda line: read(line, "7", NOW))


def faults_of(data: bytes) -> list[tuple[tuple[str | int, ...], str]]:
    with pytest.raises(Invalid) as refused:
        taken(data)
    assert all(fault.loc[0] == "body" for fault in refused.value.faults)
    return [(fault.loc[1:], fault.msg) for fault in refused.value.faults]


def line_of(**fields: object) -> bytes:
    return json.dumps({"name": "A", "version": 1, "prompt": "Hi"} | fields).encode() + b"\n"


@given(versions())
def test_what_is_written_reads_back_exactly(one: PromptVersion) -> None:
    (there,) = taken(written(one))
    for key in ("name", "version", "type", "prompt", "messages", "tags", "commit_message"):
        assert getattr(there.new, key) == getattr(one, key)
    assert json.dumps(there.new.config) == json.dumps(one.config)
    assert there.new.labels == tuple(label for label in one.labels if label != "latest")
    assert (there.new.created_by, there.new.created_at) == ("7", NOW)
    assert (there.source, there.loc) == ("line 1", ("body", 1))


@given(versions())
def test_a_version_is_one_line_of_plain_json(one: PromptVersion) -> None:
    data = written(one)
    assert data.endswith(b"}\n")
    assert not {0x0A, 0x0D} & set(data[:-1])
    assert list(json.loads(data)) == [
        "name", "version", "type", "prompt", "config", "labels", "tags", "commit_message",
        "created_by", "created_at",
    ]  # fmt: skip


@given(st.lists(st.tuples(BLANK, st.booleans(), st.booleans()), max_size=5), st.booleans())
def test_blank_lines_are_skipped_and_any_end_of_line_will_do(
    shapes: list[tuple[bytes, bool, bool]], is_ended: bool
) -> None:
    data, wanted = b"", []
    for at, (blank, is_windows, is_ascii) in enumerate(shapes):
        data += blank
        wanted.append(("body", 1 + data.count(b"\n")))
        line = {"name": f"Näme {at}", "version": 1, "prompt": "Hi"}
        data += json.dumps(line, ensure_ascii=is_ascii).encode()
        data += b"\r\n" if is_windows else b"\n"
    found = taken(data if is_ended else data.removesuffix(b"\n"))
    assert sorted(one.loc for one in found) == wanted


def test_a_line_looks_like_this() -> None:
    one = structs.replace(version("math/Hint", "Say {{x}}.", 3), labels=("a", "latest"))
    assert written(one) == (
        b'{"name":"math/Hint","version":3,"type":"text","prompt":"Say {{x}}.","config":{},'
        b'"labels":["a"],"tags":[],"commit_message":null,"created_by":"1",'
        b'"created_at":"2026-03-01T00:00:00Z"}\n'
    )


def test_what_may_be_left_out_has_its_default_and_tags_are_the_names() -> None:
    (one,) = taken(line_of(created_by=[{}], created_at="yesterday", labels=["latest"]))
    new = one.new
    assert (new.type, new.prompt, new.labels, new.tags, new.config) == ("text", "Hi", (), None, {})
    assert (new.created_by, new.created_at) == ("7", NOW)


DEEP = b"[" * 100_000


@pytest.mark.parametrize(
    ("data", "loc", "msg"),
    [
        (b"\xef\xbb\xbf" + line_of(), (1,), "byte order mark"),
        (line_of(name="B") + b"\xef\xbb\xbf" + line_of(), (2,), "malformed"),
        (line_of().strip().decode().encode("utf-16"), (1,), "Not UTF-8"),
        (b"\n\n" + line_of()[:-3] + b"\xff", (3,), "Not UTF-8"),
        (b'{"created_by": "\xed\xa0\x80"}', (1,), "Not UTF-8"),
        (b"[]", (1,), "Must be an object"),
        (b"null", (1,), "Must be an object"),
        (b'"text"', (1,), "Must be an object"),
        (b'{"name": NaN}', (1,), "invalid character (byte 9)"),
        (b'{"config": {"a": 1e999}}', (1,), "out of range"),
        (b'{"config": {"a": 1' + b"0" * 5000 + b"}}", (1,), "out of range"),
        (b'{"name": "A",}', (1,), "malformed"),
        (line_of()[:-2], (1,), "truncated"),
        (line_of()[:-1] + line_of(), (1,), "trailing characters"),
        (b'{"created_by": ' + DEEP, (1,), "Nested too deeply"),
        (b'{"created_by": ' + DEEP + DEEP.replace(b"[", b"]") + b"}", (1,), "Nested too deeply"),
        (b'{"a": ' + DEEP, (1,), "Nested too deeply"),
        (b'{"a": 1, "b": }', (1,), "malformed"),
        (b'{"a": 1, "b": "\xff"}', (1,), "Not UTF-8"),
        (b'{"a": ' + b"[" * 300 + b"]" * 300 + b"," + line_of()[1:], (1, "a"), "Unknown field"),
        (line_of(config=json.loads("[" * 40 + "]" * 40)), (1, "config"), "Expected `object`"),
        (line_of(config={"a": json.loads("[" * 40 + "]" * 40)}), (1, "config"), "nest deeper"),
        (line_of(nmae=""), (1, "nmae"), "Unknown field"),
        (line_of(id=7), (1, "id"), "Unknown field"),
        (line_of(**{"k" * 200: 1}), (1, "k" * 100), "Unknown field"),
        (line_of(name=None), (1, "name"), "Expected `str`, got `null`"),
        (line_of(name="a//b"), (1, "name"), "no |"),
        (line_of(name="export"), (1, "name"), "reserved"),
        (line_of(version=0), (1, "version"), "`int` >= 1"),
        (line_of(version=1_000_000), (1, "version"), "`int` <= 999999"),
        (line_of(version=1.5), (1, "version"), "Expected `int`"),
        (line_of(version=True), (1, "version"), "Expected `int`"),
        (line_of(version="1"), (1, "version"), "Expected `int`"),
        (line_of(type="poem"), (1, "type"), "Invalid enum value"),
        (line_of(type="chat"), (1, "prompt"), "is a list of messages"),
        (line_of(prompt=[{"role": "u", "content": "x"}]), (1, "prompt"), "is a string"),
        (line_of(prompt=7), (1, "prompt"), "Expected `str | array`"),
        (line_of(prompt="a\0"), (1, "prompt"), "NUL"),
        (line_of(type="chat", prompt=[{"role": "u"}]), (1, "prompt", 0, "content"), "required"),
        (line_of(type="chat", prompt=[{"role": "u", "content": "{{a}}"},
                                      {"type": "placeholder", "name": "a"}]),
         (1, "prompt"), "of a variable and of a placeholder"),
        (line_of(labels=["a", "Ä"]), (1, "labels", 1), "1-36 of"),
        (line_of(labels=["a", 1]), (1, "labels"), "got `int` - at `$[1]`"),
        (line_of(tags=[""]), (1, "tags", 0), "1-50"),
        (line_of(commit_message="x" * 501), (1, "commit_message"), "at most 500"),
    ],
)  # fmt: skip
def test_every_fault_has_line_and_field(data: bytes, loc: tuple[str | int, ...], msg: str) -> None:
    ((found, told),) = faults_of(data)
    assert (found, msg in told) == (loc, True), (found, told)


def test_all_faults_of_all_lines_are_told() -> None:
    data = (
        line_of(labels=["x"]) + b"{}\n" + line_of(version=None, labels="x", more=1)
        + line_of(name="", prompt=" ", labels=["Q"]) + line_of() + line_of(version=2, labels=["x"])
    )  # fmt: skip
    assert [(*loc, msg[:14]) for loc, msg in faults_of(data)] == [
        (2, "name", "Field required"),
        (2, "version", "Field required"),
        (2, "prompt", "Field required"),
        (3, "labels", "Expected `arra"),
        (3, "version", "Expected `int`"),
        (3, "more", "Unknown field"),
        (4, "name", "a prompt needs"),
        (4, "prompt", "Must not be bl"),
        (4, "labels", 0, "1-36 of a-z, 0"),
        (5, "version 1 of '"),
        (6, "the label 'x' "),
    ]


def test_two_lines_cannot_be_one_version_nor_bear_one_label() -> None:
    data = line_of(labels=["x"]) + line_of() + line_of(version=2, labels=["x"])
    assert faults_of(data) == [
        ((2,), "version 1 of 'A' is in line 1 too"),
        ((3,), "the label 'x' of 'A' is in line 1 too"),
    ]


def test_of_what_is_no_prompts_at_all_not_every_line_is_told() -> None:
    told = faults_of(b"x\n" * (10 * MAX_FAULTS))
    assert len(told) == MAX_FAULTS + 1
    assert told[-1] == ((MAX_FAULTS + 1,), "There are more faults than are told")


def test_a_line_has_its_limit() -> None:
    long = b" " * (MAX_LINE_BYTES - len(line_of())) + line_of()
    assert len(taken(long)) == 1
    assert faults_of(b" " + long) == [((1,), "A line has at most 2097152 bytes")]


def test_so_many_lines_and_no_more() -> None:
    assert sum(1 for _ in lines(b"x\n\n" * MAX_LINES)) == MAX_LINES
    with pytest.raises(Invalid, match="At most 100000 versions") as refused:
        list(lines(b"x\n" * (MAX_LINES + 1)))
    assert refused.value.faults[0].loc == ("body", MAX_LINES + 1)


def test_the_longest_prompt_fits_into_a_line_however_it_is_escaped() -> None:
    data = line_of(prompt="\U0001f600" * 100_000, config={"a": "\u00e9" * 32_000})
    assert data.isascii()
    assert len(taken(data)) == 1


def test_nothing_says_nothing() -> None:
    assert list(lines(b"")) == list(lines(b"\n \r\n")) == []
    assert list(lines(b"\na")) == [Line(2, b"a")]
