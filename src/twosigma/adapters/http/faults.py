"""Walk a JSON value beside the type it should have, and tell every fault with its place.

msgspec stops at the first fault; clients are told all of them at once. Where a type's metadata
names a `check` (`wire.checked`), a well-typed value is shown to it as well.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime

import msgspec
from msgspec import inspect

from twosigma.domain.errors import Fault, Invalid, Loc
from twosigma.domain.values import has_bad_text

MAX_KEY = 100
"""How much of an unknown key is named."""

_TIME = msgspec.json.Decoder(datetime)
_DATE = msgspec.json.Decoder(date)
_INT64 = range(-(2**63), 2**63)


def faults_in(value: object, kind: inspect.Type, loc: Loc) -> Iterator[Fault]:
    """The faults of a value, in the order of the type's fields."""
    if value is None and not _takes_null(kind):
        yield Fault(loc, "Must not be null", "type_error.none.not_allowed")
        return
    walk = _WALKS.get(type(kind))
    if walk is not None:
        yield from walk(value, kind, loc)


def _takes_null(kind: inspect.Type) -> bool:
    if isinstance(kind, inspect.Metadata):
        return _takes_null(kind.type)
    if isinstance(kind, inspect.UnionType):
        return any(_takes_null(option) for option in kind.types)
    return isinstance(kind, inspect.AnyType | inspect.NoneType)


def _metadata(value: object, kind: inspect.Metadata, loc: Loc) -> Iterator[Fault]:
    found = list(faults_in(value, kind.type, loc))
    check = (kind.extra or {}).get("check")
    if not found and check is not None and value is not None:
        try:
            check(value, loc)
        except Invalid as refused:
            found = list(refused.faults)
    yield from found


def _union(value: object, kind: inspect.UnionType, loc: Loc) -> Iterator[Fault]:
    if value is None:
        return
    options = [option for option in kind.types if not isinstance(option, inspect.NoneType)]
    tried = [list(faults_in(value, option, loc)) for option in options]
    if all(tried):
        # Of the right kind but with faults inside, rather than of another kind altogether.
        inside = (found for found in tried if not found[0].type.startswith("type_error"))
        yield from next(inside, tried[0])


def _struct(value: object, kind: inspect.StructType, loc: Loc) -> Iterator[Fault]:
    if not isinstance(value, Mapping):
        yield Fault(loc, "Must be an object", "type_error.dict")
        return
    for field in kind.fields:
        if field.encode_name in value:
            yield from faults_in(value[field.encode_name], field.type, (*loc, field.encode_name))
        elif field.required:
            yield Fault((*loc, field.encode_name), "Field required", "value_error.missing")
    if not kind.forbid_unknown_fields:
        return
    known = {field.encode_name for field in kind.fields}
    for key in value:
        if key not in known:
            yield Fault((*loc, str(key)[:MAX_KEY]), "Unknown field", "value_error.extra")


def _int(value: object, kind: inspect.IntType, loc: Loc) -> Iterator[Fault]:
    if not isinstance(value, int) or isinstance(value, bool):
        yield Fault(loc, "Must be an integer", "type_error.integer")
    else:
        yield from _bounds(value, kind, loc)


def _float(value: object, kind: inspect.FloatType, loc: Loc) -> Iterator[Fault]:
    if not isinstance(value, int | float) or isinstance(value, bool):
        yield Fault(loc, "Must be a number", "type_error.float")
    else:
        yield from _bounds(value, kind, loc)


def _bounds(value: float, kind: inspect.IntType | inspect.FloatType, loc: Loc) -> Iterator[Fault]:
    if kind.ge is not None and value < kind.ge:
        yield Fault(loc, f"Must be at least {kind.ge}", "value_error.number.not_ge")
    elif kind.le is not None and value > kind.le:
        yield Fault(loc, f"Must be at most {kind.le}", "value_error.number.not_le")


def _str(value: object, kind: inspect.StrType, loc: Loc) -> Iterator[Fault]:  # noqa: ARG001 -- one form for all
    if not isinstance(value, str):
        yield Fault(loc, "Must be a string", "type_error.str")
    elif has_bad_text(value):
        yield Fault(loc, "Must not hold NUL or lone surrogates", "value_error")


def _bool(value: object, kind: inspect.BoolType, loc: Loc) -> Iterator[Fault]:  # noqa: ARG001 -- one form for all
    if not isinstance(value, bool):
        yield Fault(loc, "Must be true or false", "type_error.bool")


def _enum(value: object, kind: inspect.EnumType, loc: Loc) -> Iterator[Fault]:
    names = [member.value for member in kind.cls]
    if value not in names:
        yield Fault(loc, f"Must be one of {', '.join(names)}", "type_error.enum")


def _literal(value: object, kind: inspect.LiteralType, loc: Loc) -> Iterator[Fault]:
    if value not in kind.values:
        words = ", ".join(map(str, kind.values))
        yield Fault(loc, f"Must be one of {words}", "value_error.const")


def _list(
    value: object, kind: inspect.ListType | inspect.VarTupleType, loc: Loc
) -> Iterator[Fault]:
    if not isinstance(value, list):
        yield Fault(loc, "Must be a list", "type_error.list")
        return
    if kind.max_length is not None and len(value) > kind.max_length:
        yield Fault(loc, f"At most {kind.max_length} items", "value_error.list.max_items")
        return
    for at, member in enumerate(value):
        yield from faults_in(member, kind.item_type, (*loc, at))


def _dict(value: object, kind: inspect.DictType, loc: Loc) -> Iterator[Fault]:
    if not isinstance(value, Mapping):
        yield Fault(loc, "Must be an object", "type_error.dict")
    elif has_bad_text(value):
        text = "Must not hold NUL or lone surrogates, nor nest deeper than 32"
        yield Fault(loc, text, "value_error")
    elif not isinstance(kind.value_type, inspect.AnyType):
        for key, member in value.items():
            yield from faults_in(member, kind.value_type, (*loc, str(key)[:MAX_KEY]))


def _date(value: object, kind: inspect.DateType, loc: Loc) -> Iterator[Fault]:  # noqa: ARG001 -- one form for all
    try:
        _DATE.decode(msgspec.json.encode(value))
    except msgspec.DecodeError:
        yield Fault(loc, "Must be a day, as 2026-01-15", "value_error.date")


def _time(value: object, kind: inspect.DateTimeType, loc: Loc) -> Iterator[Fault]:  # noqa: ARG001 -- one form for all
    try:
        _TIME.decode(msgspec.json.encode(value))
    except (msgspec.DecodeError, OverflowError):
        yield Fault(loc, "Must be a time, as 2026-01-15T00:00:00Z", "value_error.datetime")


_WALKS: Mapping[type[inspect.Type], Callable[..., Iterator[Fault]]] = {
    inspect.Metadata: _metadata,
    inspect.UnionType: _union,
    inspect.StructType: _struct,
    inspect.IntType: _int,
    inspect.FloatType: _float,
    inspect.StrType: _str,
    inspect.BoolType: _bool,
    inspect.EnumType: _enum,
    inspect.LiteralType: _literal,
    inspect.ListType: _list,
    inspect.VarTupleType: _list,
    inspect.DictType: _dict,
    inspect.DateTimeType: _time,
    inspect.DateType: _date,
}


def nesting(raw: bytes) -> int:
    """How deep the brackets of a JSON text nest, outside of its strings."""
    if raw.count(b"[") + raw.count(b"{") <= 32:
        return 0  # too few to matter; looked at first because it is cheap
    depth = deepest = 0
    for bracket in re.findall(rb"[\[\]{}]", _STRING.sub(b"", raw)):
        depth += 1 if bracket in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest


_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?', re.DOTALL)


def has_huge_integer(value: object) -> bool:
    """Whether a JSON value holds an integer that 64 bits do not."""
    if isinstance(value, int):
        return value not in _INT64
    if isinstance(value, Mapping):
        return any(map(has_huge_integer, value.values()))
    return isinstance(value, list) and any(map(has_huge_integer, value))
