"""Prompts as files: one a version, with its fields in front of what it says.

The front matter is JSON between lines of `---`, which readers of YAML read too. Who the version
is of stands in it, so that a path is only a place.
"""

import re
from collections.abc import Collection, Mapping
from datetime import datetime
from hashlib import sha256
from typing import TypeVar
from unicodedata import normalize

import msgspec
from msgspec import Struct

from twosigma.domain.errors import Fault, Invalid
from twosigma.domain.prompt_incoming import Fields, Incoming, checked, fields_of
from twosigma.domain.prompts import CHAT, TEXT, PromptVersion

MAX_FILE_BYTES = 8 * 1024 * 1024
MAX_SEGMENT_BYTES = 150
_OPENING, _CLOSING = "---\n", "\n---\n"
_STEM = re.compile(r"(?:.*/)?([1-9][0-9]{0,5})\.md", re.DOTALL)
_AT_BYTE = re.compile(r" ?\(byte (\d+)\)")
_AT_KEY = re.compile(r" - at `\$\.(\w+)[^`]*`")
# Line ends and other signs that YAML reads otherwise than JSON does.
_NOT_YAML = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_NOT_IN_PATHS = re.compile(r'[\\:*?"%~]|^\.|[. ]$|\.md$', re.IGNORECASE)
T = TypeVar("T")


class PromptFile(Struct, frozen=True, kw_only=True):
    """A file by its path in the folder, with `/` between its parts."""

    path: str
    data: bytes


class _Parts(Struct, frozen=True):
    """A file taken apart: the header begins on line 2, the body on `line`."""

    path: str
    header: str
    body: str
    line: int

    def at(self, key: object, msg: str) -> Fault:
        """A fault of a field, on the line where its key first stands; `prompt` is the body."""
        if key == "prompt":
            return Fault((self.path, self.line), msg, "value_error")
        found = re.search(rf'"{re.escape(str(key))}"\s*:', self.header)
        before = self.header[: found.start()] if found else ""
        return Fault((self.path, 2 + before.count("\n")), msg, "value_error")


def folders(names: Collection[str]) -> dict[str, str]:
    """A folder for each name, relative and never outside: the name itself, but for what file
    systems cannot hold or tell apart, which gets a digest."""
    plain = {name: "/".join(map(_segment, name.split("/"))) for name in names}
    taken: dict[str, int] = {}
    for path in plain.values():
        taken[_folded(path)] = taken.get(_folded(path), 0) + 1
    return {
        name: path
        if path == name and taken[_folded(path)] == 1
        else f"{path}~{sha256(name.encode()).hexdigest()[:16]}"
        for name, path in plain.items()
    }


def _folded(path: str) -> str:
    return normalize("NFC", normalize("NFC", path).casefold())


def _segment(text: str) -> str:
    kept = _NOT_IN_PATHS.sub("_", text).encode()[:MAX_SEGMENT_BYTES].decode(errors="ignore")
    # What is cut may end as no name may.
    return _NOT_IN_PATHS.sub("_", kept)


def written(prompt: PromptVersion, folder: str) -> PromptFile:
    """The version as a file in the folder of its name."""
    header = _json(_full(fields_of(prompt)))
    body = prompt.prompt if prompt.type == TEXT else _json(prompt.messages)
    text = f"{_OPENING}{_NOT_YAML.sub(_escaped, header)}{_CLOSING}{body}\n"
    return PromptFile(path=f"{folder}/{prompt.version}.md", data=text.encode())


def _full(fields: Fields) -> Mapping[str, object]:
    """With every key, in their order."""
    return {key: getattr(fields, key) for key in Fields.__struct_fields__}


def _json(value: object) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match.group()):04x}"


def read(file: PromptFile, author: str, now: datetime) -> Incoming:
    """What the file says, and on which line the prompt itself begins; raises Invalid with its
    faults, each with path and line."""
    parts = _apart(file)
    number = _STEM.fullmatch(file.path)
    if number is None:
        raise _wrong(file.path, 1, "A version's file is named by its number, as 3.md")
    fields = _decoded(parts.header, parts, 2, Fields)
    said: str | list[dict[str, object]] = parts.body
    if fields.type == CHAT:
        said = _decoded(parts.body, parts, parts.line, list[dict[str, object]])
    new = checked(
        fields, said, lambda fault: parts.at(fault.loc[1], fault.msg), number=int(number[1]),
        author=author, now=now,
    )  # fmt: skip
    return Incoming(source=file.path, loc=(file.path, parts.line), new=new)


def _apart(file: PromptFile) -> _Parts:
    try:
        text = file.data.decode()
    except UnicodeDecodeError as broken:
        line = 1 + file.data.count(b"\n", 0, broken.start)
        raise _wrong(file.path, line, "Not UTF-8") from broken
    if not text.startswith(_OPENING):
        raise _wrong(file.path, 1, "The first line is to be --- (and a line feed)")
    end = text.find(_CLOSING, len(_OPENING) - 1)
    if end < 0:
        raise _wrong(file.path, 1 + text.count("\n"), "No line --- after the fields")
    header, body = text[len(_OPENING) : end], text[end + len(_CLOSING) :]
    return _Parts(file.path, header, body.removesuffix("\n"), 2 + text.count("\n", 0, end + 1))


def _decoded(text: str, parts: _Parts, line: int, kind: type[T]) -> T:
    """The JSON that begins on this line."""
    try:
        return msgspec.json.decode(text.encode(), type=kind)
    except RecursionError as broken:
        raise _wrong(parts.path, line, "Nested too deeply") from broken
    except msgspec.DecodeError as broken:
        said = str(broken)
        at, key = _AT_BYTE.search(said), _AT_KEY.search(said)
        if key is not None:
            fault = parts.at(key[1], _AT_KEY.sub("", said))
            raise Invalid([fault]) from broken
        before = text.encode()[: int(at[1]) if at else 0]
        raise _wrong(parts.path, line + before.count(b"\n"), _AT_BYTE.sub("", said)) from broken


def _wrong(path: str, line: int, msg: str) -> Invalid:
    return Invalid([Fault((path, line), msg, "value_error")])
