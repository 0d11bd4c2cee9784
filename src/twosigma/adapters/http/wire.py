"""What comes in: strict queries and paths, and the types that fields have, those of bodies too
(`bodies`).

A request's faults are told at once: those of path, query and body together.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import parse_qsl, unquote

import msgspec
from msgspec import Meta, Struct, inspect

from twosigma.adapters.http.faults import faults_in, has_huge_integer
from twosigma.domain import values
from twosigma.domain.errors import Fault, Invalid, Loc, invalid
from twosigma.domain.ordering import MAX_ORDER, checked_order

T = TypeVar("T", bound=Struct)
Row = TypeVar("Row", bound=Struct | str)

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")


def checked(check: Callable[[Any, Loc], object], example: object, **schema: object) -> Meta:
    """Metadata of a field whose rule is a function of the domain: it raises Invalid at a place."""
    return Meta(
        examples=[example],
        extra={"check": check},
        extra_json_schema={key: value for key, value in schema.items() if value is not None},
    )


def name(maximum: int, example: str) -> Meta:
    """Metadata of a name or title: trimmed, not blank."""
    return checked(
        lambda text, loc: values.title(text, loc, maximum), example, minLength=1, maxLength=maximum
    )


def long(maximum: int, example: str, minimum: int = 0) -> Meta:
    """Metadata of a long text, kept as it is."""
    return checked(
        lambda text, loc: values.long_text(text, loc, maximum, minimum),
        example,
        minLength=minimum or None,
        maxLength=maximum,
    )


def order(example: Sequence[int]) -> Meta:
    """Metadata of a list of ids that is a new order."""
    return checked(checked_order, example, minItems=1, maxItems=MAX_ORDER)


def fits(value: object, loc: Loc) -> None:
    """Raise Invalid for JSON with an integer that 64 bits do not hold."""
    if has_huge_integer(value):
        raise invalid(loc, "Integers must fit into 64 bits", "value_error.number.not_le")


def in_utc(value: datetime | str, loc: Loc = ("body",)) -> datetime:
    """A time in UTC; a naive one is UTC already. Raises Invalid for one that the change of zone
    carries out of the calendar."""
    if isinstance(value, str):
        value = msgspec.convert(value, datetime)
    try:
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except OverflowError:
        raise invalid(
            loc, "Must be a time of the years 1 to 9999", "value_error.datetime"
        ) from None


Id = Annotated[int, Meta(ge=1, le=values.MAX_ID, examples=[1])]
Skip = Annotated[int, Meta(ge=0, le=values.MAX_ID, examples=[0], description="Rows left out")]
Limit = Annotated[int, Meta(ge=1, le=100, examples=[100], description="Rows at most")]
Index = Annotated[int, Meta(ge=0, le=2**31 - 1, examples=[0])]
Instant = Annotated[datetime, checked(in_utc, "2026-01-15T00:00:00Z")]
JsonObject = Annotated[dict[str, Any], checked(fits, {})]


class Listed(Struct, Generic[Row], frozen=True):
    """A stretch of a list, and how many rows there are in all."""

    rows: list[Row]
    total: int


class Envelope(Struct, Generic[T], frozen=True):
    """A stretch of a list, where the reference shows it with its total around it."""

    data: list[T]
    total: int


class Counted(Struct, frozen=True, kw_only=True):
    """A stretch of a list that the reference shows under a name of its own, with its total."""

    total: int


WithTotal = (Listed, Envelope, Counted)


class Put(Struct, Generic[T], frozen=True):
    """What was made (the route's status), or was there and is replaced (200)."""

    row: T
    is_new: bool


Parse = Callable[[str, Loc], object]


class TextReader(Generic[T]):
    """Reads the parameters of a path or a query: each is a text, the last one of a name counts,
    unknown ones are ignored."""

    def __init__(self, kind: type[T], where: str) -> None:
        self._kind = kind
        self._fields = [
            (field, (where, field.encode_name), _parser(field.type))
            for field in _struct(kind).fields
        ]

    def read(self, given: Mapping[str, str], faults: list[Fault]) -> T | None:
        """The parameters; None where one has a fault, which is added to `faults`."""
        found: dict[str, object] = {}
        before = len(faults)
        for field, loc, parse in self._fields:
            text = given.get(field.encode_name)
            if text is None:
                if field.required:
                    faults.append(Fault(loc, "Field required", "value_error.missing"))
                continue
            try:
                found[field.name] = parse(text, loc)
            except Invalid as refused:
                faults.extend(refused.faults)
        return self._kind(**found) if len(faults) == before else None


def _struct(kind: type[Struct]) -> inspect.StructType:
    info = inspect.type_info(kind)
    assert isinstance(info, inspect.StructType)  # noqa: S101 -- of a Struct
    return info


def query_of(raw: bytes) -> dict[str, str]:
    """The parameters of a query; the last of a name counts. Broken UTF-8 becomes lone
    surrogates, which every text refuses."""
    if not raw:
        return {}
    return dict(parse_qsl(raw.decode("latin-1"), keep_blank_values=True, errors="surrogateescape"))


def path_of(params: Mapping[str, str]) -> dict[str, str]:
    """The parameters of a path, as the edge escaped them (`edge.routed_path`)."""
    return {
        key: unquote(text, errors="surrogateescape") if "%" in text else text
        for key, text in params.items()
    }


def _parser(kind: inspect.Type) -> Parse:
    """How a text of this type is read."""
    bare = kind
    while isinstance(bare, inspect.Metadata | inspect.UnionType):
        bare = bare.type if isinstance(bare, inspect.Metadata) else bare.types[0]
    if isinstance(bare, inspect.IntType):
        return _integers(bare)
    if isinstance(bare, inspect.BoolType):
        return _boolean
    if isinstance(bare, inspect.EnumType):
        return _members(bare)

    def text(value: str, loc: Loc) -> str:
        found = list(faults_in(value, kind, loc))
        if found:
            raise Invalid(found)
        return value

    return text


def _integers(kind: inspect.IntType) -> Parse:
    if kind.ge == 1 and kind.le == values.MAX_ID:
        return values.parse_id

    def integer(text: str, loc: Loc) -> int:
        if not _INTEGER.fullmatch(text):
            raise invalid(loc, "Must be an integer", "type_error.integer")
        # int() refuses thousands of digits; beyond twenty all of them are out of range alike.
        number = int(text[:20])
        found = list(faults_in(number, kind, loc))
        if found:
            raise Invalid(found)
        return number

    return integer


def _boolean(text: str, loc: Loc) -> bool:
    if text not in {"true", "false"}:
        raise invalid(loc, "Must be true or false", "type_error.bool")
    return text == "true"


def _members(kind: inspect.EnumType) -> Parse:
    members = {member.value: member for member in kind.cls}

    def member(text: str, loc: Loc) -> object:
        if text not in members:
            raise invalid(loc, f"Must be one of {', '.join(members)}", "type_error.enum")
        return members[text]

    return member
