"""JSON Schemas of content types (2020-12): what one may be, and what is told of data that does
not fit. What a keyword means is the `Schemas` port's to know."""

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from twosigma.domain.errors import Fault, Loc
from twosigma.domain.values import has_bad_text, json_size

MAX_SCHEMA_BYTES = 64 * 1024
MAX_VIOLATIONS = 50
"""How much of what is wrong with one value is told."""
MAX_EXPRESSIONS = 100
"""How many regular expressions one schema may have; each is compiled where it is used."""
LOC: Loc = ("body", "json_schema")

Schema = Mapping[str, object]

REFERENCES = ("$ref", "$dynamicRef")
IN_PLACE = frozenset({"allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas"})
"""Keywords whose schemas look at the same value."""
BELOW = frozenset(
    {
        "properties", "patternProperties", "additionalProperties", "propertyNames", "prefixItems",
        "items", "contains", "unevaluatedProperties", "unevaluatedItems",
    }
)  # fmt: skip
"""Keywords whose schemas look at the members of a value."""
_SHELVES = frozenset({"$defs", "definitions"})
_BY_NAME = frozenset({"properties", "patternProperties", "dependentSchemas"}) | _SHELVES
_DRAFT = "https://json-schema.org/draft/2020-12/schema"


class Violation(Struct, frozen=True, kw_only=True):
    """One thing that is wrong with a value: where, by which keyword of its schema, and what that
    keyword asks (`limit`); `names`: the keys that are missing or too many."""

    path: Loc
    keyword: str
    limit: object = None
    names: tuple[str, ...] = ()


def schema_faults(schema: Schema) -> tuple[Fault, ...]:
    """What is wrong with a schema before its keywords are looked at: it is too large, holds what
    no store takes, or refers to something outside of itself."""
    if has_bad_text(schema):
        text = "Must not hold NUL or lone surrogates, nor nest deeper than 32"
        return (Fault(LOC, text, "value_error"),)
    size = json_size(schema)
    if size is None or size > MAX_SCHEMA_BYTES:
        return (Fault(LOC, "At most 64 KiB", "value_error.any_str.max_length"),)
    faults = []
    if schema.get("$schema", _DRAFT) not in (_DRAFT, f"{_DRAFT}#"):
        faults.append(Fault((*LOC, "$schema"), f"Must be {_DRAFT}", "value_error.const"))
    if _count_expressions(schema) > MAX_EXPRESSIONS:
        faults.append(Fault(LOC, f"At most {MAX_EXPRESSIONS} expressions", "value_error"))
    faults += [
        Fault((*LOC, *at), "Must lead to a place in this schema: #, #/… or #name", "value_error")
        for at, value in _references(schema)
        if not isinstance(value, str) or not value.startswith("#")
    ]
    return tuple(faults[:MAX_VIOLATIONS])


def _count_expressions(schema: Schema) -> int:
    inside = [each for _, each in schemas_in(schema)]
    named = [each.get("patternProperties") for each in inside]
    lengths = [len(each) for each in named if isinstance(each, Mapping)]
    return sum(lengths) + sum("pattern" in each for each in inside)


def _references(schema: Schema) -> Iterator[tuple[Loc, object]]:
    """Every reference of a schema and of those inside it, with its place."""
    for at, each in schemas_in(schema):
        for key in (*REFERENCES, "$id"):
            # An $id inside would give the references below it another document to start from.
            if key in each and (key != "$id" or at):
                yield (*at, key), each[key]


def schemas_in(schema: object, at: Loc = ()) -> Iterator[tuple[Loc, Schema]]:
    """A schema and all inside it, with their places."""
    if not isinstance(schema, Mapping):
        return
    yield at, schema
    for key in schema:
        if key in IN_PLACE or key in BELOW or key in _SHELVES:
            for where, each in held_by(schema, key):
                yield from schemas_in(each, (*at, *where))


def held_by(schema: Schema, key: str) -> Iterable[tuple[Loc, object]]:
    """The schemas that a keyword holds, with their places."""
    value = schema[key]
    if isinstance(value, list):
        return [((key, at), each) for at, each in enumerate(value)]
    if key in _BY_NAME and isinstance(value, Mapping):
        return [((key, str(name)), each) for name, each in value.items()]
    return [((key,), value)]


_TYPES = {
    "string": ("a string", "type_error.str"),
    "integer": ("an integer", "type_error.integer"),
    "number": ("a number", "type_error.float"),
    "boolean": ("true or false", "type_error.bool"),
    "object": ("an object", "type_error.dict"),
    "array": ("a list", "type_error.list"),
    "null": ("null", "value_error.const"),
}
_LIMITS = {
    "minLength": ("Must have at least {} characters", "value_error.any_str.min_length"),
    "maxLength": ("Must have at most {} characters", "value_error.any_str.max_length"),
    "pattern": ("Must match {}", "value_error.str.regex"),
    "minimum": ("Must be at least {}", "value_error.number.not_ge"),
    "exclusiveMinimum": ("Must be greater than {}", "value_error.number.not_gt"),
    "maximum": ("Must be at most {}", "value_error.number.not_le"),
    "exclusiveMaximum": ("Must be less than {}", "value_error.number.not_le"),
    "maxItems": ("At most {} items", "value_error.list.max_items"),
    "enum": ("Must be one of the values that the schema lists", "type_error.enum"),
    "const": ("Must be the value that the schema names", "value_error.const"),
    "format": ("Must be of the format {}", "value_error.str.regex"),
    "falseSchema": ("The schema allows nothing here", "value_error.extra"),
    "$ref": ("A reference in it leads nowhere", "value_error"),
}
_SHOWN = 100
"""How much of a limit is told."""


def violation_faults(violations: Iterable[Violation], loc: Loc) -> Iterator[Fault]:
    """Violations as they are told, which never repeat the value."""
    for each in violations:
        yield from _told(each, (*loc, *each.path))


def _told(violation: Violation, loc: Loc) -> Iterable[Fault]:
    keyword, limit = violation.keyword, violation.limit
    if keyword == "required":
        return [Fault((*loc, n), "Field required", "value_error.missing") for n in violation.names]
    if keyword in {"additionalProperties", "unevaluatedProperties"}:
        return [Fault((*loc, n), "Unknown field", "value_error.extra") for n in violation.names]
    if keyword == "type" and isinstance(limit, list | tuple) and limit:
        kinds = [_TYPES[each] for each in sorted(map(str, limit), key="null".__eq__)]
        msg = f"Must be {' or '.join(text for text, _ in kinds)}"
        return [Fault(loc, msg, kinds[0][1])]
    if keyword in _LIMITS:
        text, kind = _LIMITS[keyword]
        return [Fault(loc, text.format(str(limit)[:_SHOWN]), kind)]
    return [Fault(loc, f"Does not fit the schema ({keyword})", "value_error")]
