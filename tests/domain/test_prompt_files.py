"""Prompts as files: what is written reads back as it was, and every fault has its line."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from tests.domain.prompt_versions import GOOD_NAMES, NOW, version, versions
from twosigma.domain.errors import Invalid
from twosigma.domain.prompt_files import PromptFile, folders, read, written
from twosigma.domain.prompt_incoming import Incoming
from twosigma.domain.prompts import PromptVersion


def there_and_back(one: PromptVersion) -> Incoming:
    return read(written(one, folders([one.name])[one.name]), "ada", NOW)


@given(versions())
def test_what_is_written_reads_back_exactly(one: PromptVersion) -> None:
    filed = there_and_back(one)
    for key in ("name", "version", "type", "prompt", "messages", "tags", "commit_message"):
        assert getattr(filed.new, key) == getattr(one, key)
    assert json.dumps(filed.new.config) == json.dumps(one.config)
    assert filed.new.labels == tuple(label for label in one.labels if label != "latest")
    assert (filed.new.version, filed.new.created_by, filed.new.created_at) == (
        one.version,
        "ada",
        NOW,
    )


@given(versions())
def test_the_line_of_a_prompt_is_where_it_begins(one: PromptVersion) -> None:
    file = written(one, "a")
    lines = file.data.split(b"\n")
    assert lines[0] == b"---"
    _, line = there_and_back(one).loc
    assert lines[int(line) - 2] == b"---"


@given(st.lists(GOOD_NAMES, max_size=6, unique=True))
def test_no_folder_leads_out_and_no_two_are_one(names: list[str]) -> None:
    places = folders(names)
    assert set(places) == set(names)
    assert len({place.casefold() for place in places.values()}) == len(names)
    for place in places.values():
        for part in place.split("/"):
            assert part not in ("", ".", "..")
            assert len(part.encode()) <= 255
            assert not re.search(r'[\\:*?"]|^\.|\.md$', part, re.IGNORECASE)


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("Tutor", "Tutor"),
        ("math/algebra hints", "math/algebra hints"),
        ("../../etc", r"__/__/etc~[0-9a-f]{16}"),
        ("a/3.md", r"a/3_~[0-9a-f]{16}"),
        ("C:\\x", r"C__x~[0-9a-f]{16}"),
        ("." * 255, r"_\.{148}_~[0-9a-f]{16}"),
    ],
)
def test_a_folder_is_the_name_where_it_can_be(name: str, place: str) -> None:
    assert re.fullmatch(place, folders([name])[name])


def test_names_that_a_file_system_may_not_tell_apart_are_told_apart() -> None:
    places = folders(["Style", "style", "Voice"])
    assert places["Voice"] == "Voice"
    assert all(re.fullmatch(r"[Ss]tyle~[0-9a-f]{16}", places[name]) for name in ("Style", "style"))


def test_a_file_looks_like_this() -> None:
    one = structs.replace(version("math/Hint", "Say {{x}}.", 3), labels=("a", "latest"))
    assert written(one, "math/Hint") == PromptFile(
        path="math/Hint/3.md",
        data=b"""---
{
  "name": "math/Hint",
  "type": "text",
  "labels": [
    "a"
  ],
  "tags": [],
  "commit_message": null,
  "config": {}
}
---
Say {{x}}.
""",
    )


def test_what_may_be_left_out_has_its_default_and_tags_are_the_names() -> None:
    new = read(PromptFile(path="x/1.md", data=b'---\n{"name":"A"}\n---\nHi'), "ada", NOW).new
    assert (new.type, new.prompt, new.labels, new.tags, new.config) == ("text", "Hi", (), None, {})


CHAT = '---\n{"name": "A", "type": "chat"}\n---\n'


@pytest.mark.parametrize(
    ("text", "line", "msg"),
    [
        ("", 1, "The first line"),
        ("\ufeff---\n{}\n---\nx", 1, "The first line"),
        ("---\r\n{}\r\n---\r\nx", 1, "The first line"),
        ('---\n{"name":\n"A"}\n--\nx', 5, "No line ---"),
        ("---\n---\nx", 2, "truncated"),
        ('---\n{\n"name": "A",\n}\n---\nx', 4, "malformed"),
        ("---\nname: A\n---\nx", 2, "malformed"),
        ('---\n{\n"type": "text"}\n---\nx', 2, "missing required field `name`"),
        ('---\n{\n"name": "A",\n"labels": [1]}\n---\nx', 4, "Expected `str`, got `int`"),
        ('---\n{"name": "A", "nmae": ""}\n---\nx', 2, "unknown field `nmae`"),
        ('---\n{"name": "A",\n"config": {"a":' + "[" * 5000 + "\n---\nx", 2, "Nested too deeply"),
        ('---\n{"name": "A", "type": "poem"}\n---\nx', 2, "Invalid enum value"),
        ('---\n{\n"name": "A",\n"labels": ["Ä"]\n}\n---\nx', 4, "1-36 of"),
        ('---\n{\n\n"name": "new"\n}\n---\nx', 4, "reserved"),
        ('---\n{\n"name": "a|b"\n}\n---\nx', 3, "no |"),
        ('---\n{"name": "A"}\n---\n \n', 4, "Must not be blank"),
        (CHAT + "Hi", 4, "malformed"),
        (CHAT + '[\n{"role": "user"\n"content": "x"}]', 6, "malformed"),
        (CHAT + "[1]", 4, "Expected `object`"),
        (CHAT + "[]", 4, "1 to 200 messages"),
        (CHAT + '[{"a":' + "[" * 5000, 4, "Nested too deeply"),
        (CHAT + '[{"role": "u", "content": "{{a}}"}, {"type": "placeholder", "name": "a"}]', 4,
         "of a variable and of a placeholder"),
    ],
)  # fmt: skip
def test_every_fault_has_its_line(text: str, line: int, msg: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(PromptFile(path="x/1.md", data=text.encode()), "ada", NOW)
    assert [fault.loc for fault in refused.value.faults] == [("x/1.md", line)]
    assert msg in refused.value.faults[0].msg


def test_all_faults_of_a_file_are_told() -> None:
    data = b'---\n{\n"name": "",\n"tags": [""]\n}\n---\n\n'
    with pytest.raises(Invalid) as refused:
        read(PromptFile(path="1.md", data=data), "ada", NOW)
    assert [fault.loc[1] for fault in refused.value.faults] == [3, 7, 4]


def test_what_is_not_utf8_is_told_with_its_line() -> None:
    with pytest.raises(Invalid) as refused:
        read(PromptFile(path="x/1.md", data=b"---\n{}\n---\n\xff"), "ada", NOW)
    assert refused.value.faults[0].loc == ("x/1.md", 4)


@pytest.mark.parametrize("path", ["x/0.md", "x/01.md", "x/a.md", "x/1234567.md", "x/-1.md"])
def test_a_file_is_named_by_its_number(path: str) -> None:
    with pytest.raises(Invalid, match="named by its number"):
        read(PromptFile(path=path, data=b'---\n{"name":"A"}\n---\nHi'), "ada", NOW)
