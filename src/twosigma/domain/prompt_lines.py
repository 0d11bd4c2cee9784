"""Prompts as lines: each a JSON object with all that there is of one version."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from io import BytesIO
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta, Struct, structs

from twosigma.domain.errors import Fault, Invalid, Loc
from twosigma.domain.prompt_incoming import MAX_NUMBER, Fields, Incoming, checked, fields_of
from twosigma.domain.prompts import TEXT, PromptVersion

MAX_LINE_BYTES = 2 * 1024 * 1024
"""More than the longest prompt takes, however it is escaped."""
MAX_LINES = 100_000
"""So many versions at once, of all that memory and a transaction can hold."""
MAX_KEY = 100
"""How much of an unknown key is named."""
_MARK = b"\xef\xbb\xbf"
_MALFORMED = "value_error.jsondecode"
T = TypeVar("T")


class Line(Struct, frozen=True):
    """A line that says something. Lines count from 1."""

    number: int
    data: bytes

    @property
    def loc(self) -> Loc:
        return ("body", self.number)

    def wrong(self, msg: str, kind: str = _MALFORMED) -> Invalid:
        return Invalid([Fault(self.loc, msg, kind)])

    def at(self, fault: Fault) -> Fault:
        """A fault of the version, on this line."""
        return Fault((*self.loc, *fault.loc[1:]), fault.msg, fault.type)


class _Said(Fields, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`created_by` and `created_at` are for whoever reads an export: here they are anew."""

    version: Annotated[int, Meta(ge=1, le=MAX_NUMBER)]
    prompt: str | list[dict[str, object]]
    created_by: object = None
    created_at: object = None


def written(prompt: PromptVersion) -> bytes:
    """The version as a line, with its end."""
    fields = fields_of(prompt)
    told = {
        "name": fields.name, "version": prompt.version, "type": fields.type,
        "prompt": prompt.prompt if prompt.type == TEXT else prompt.messages,
        "config": fields.config, "labels": fields.labels, "tags": fields.tags,
        "commit_message": fields.commit_message, "created_by": prompt.created_by,
        "created_at": prompt.created_at,
    }  # fmt: skip
    return msgspec.json.encode(told) + b"\n"


def lines(data: bytes) -> Iterator[Line]:
    """The lines, one by one, but for blank ones; raises Invalid where there are too many."""
    said = (Line(at, line) for at, line in enumerate(BytesIO(data), 1) if line.strip())
    for count, line in enumerate(said, 1):
        if count > MAX_LINES:
            raise line.wrong(f"At most {MAX_LINES} versions at once", "value_error.list.max_items")
        yield line


def read(line: Line, author: str, now: datetime) -> Incoming:
    """What the line says; raises Invalid with its faults, each with line and field."""
    said = _decoded(line)
    new = checked(said, said.prompt, line.at, number=said.version, author=author, now=now)
    return Incoming(source=f"line {line.number}", loc=line.loc, new=new)


def _decoded(line: Line) -> _Said:
    if len(line.data) > MAX_LINE_BYTES:
        raise line.wrong(f"A line has at most {MAX_LINE_BYTES} bytes", "value_error")
    if line.number == 1 and line.data.startswith(_MARK):
        raise line.wrong("It begins with a byte order mark, which is none of JSON's")
    try:
        return _json(line, _Said)
    except msgspec.ValidationError as broken:
        raise Invalid(_faults(line) or [Fault(line.loc, str(broken), _MALFORMED)]) from broken


def _json(line: Line, kind: type[T]) -> T:
    """The line as this type; raises Invalid for what is no JSON, and msgspec's ValidationError
    for what is of another type."""
    try:
        return msgspec.json.decode(line.data.decode(), type=kind)
    except msgspec.ValidationError:
        raise
    except UnicodeDecodeError as broken:
        raise line.wrong("Not UTF-8") from broken
    except RecursionError as broken:
        raise line.wrong("Nested too deeply") from broken
    except msgspec.DecodeError as broken:
        raise line.wrong(str(broken)) from broken


def _faults(line: Line) -> list[Fault]:
    """All that is wrong with the form of an object; msgspec stops at the first fault."""
    try:
        said = _json(line, object)
    except msgspec.ValidationError as broken:  # a number out of range
        raise line.wrong(str(broken)) from broken
    if not isinstance(said, Mapping):
        raise line.wrong("Must be an object", "type_error.dict")
    faults = []
    fields = structs.fields(_Said)
    for field in fields:
        loc = (*line.loc, field.name)
        if field.name not in said:
            if field.required:
                faults.append(Fault(loc, "Field required", "value_error.missing"))
            continue
        try:
            msgspec.convert(said[field.name], field.type)
        except msgspec.ValidationError as broken:
            faults.append(Fault(loc, str(broken), "type_error"))
    unknown = said.keys() - {field.name for field in fields}
    return faults + [
        Fault((*line.loc, key[:MAX_KEY]), "Unknown field", "value_error.extra")
        for key in sorted(unknown)
    ]
