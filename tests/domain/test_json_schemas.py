"""Schemas of content types: what one may be, and what is told of data that does not fit."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import strategies as some
from twosigma.domain.json_schema_costs import STEP_CHARS, is_costly
from twosigma.domain.json_schemas import (
    LOC,
    MAX_EXPRESSIONS,
    MAX_VIOLATIONS,
    Violation,
    schema_faults,
    schemas_in,
    violation_faults,
)

DRAFT = "https://json-schema.org/draft/2020-12/schema"
DATA = ("body", "data_json")


def places(schema: dict[str, Any]) -> list[tuple[str | int, ...]]:
    return [fault.loc[2:] for fault in schema_faults(schema)]


def test_a_schema_has_at_most_64_kib() -> None:
    room = 64 * 1024 - len('{"title":""}')
    assert schema_faults({"title": "x" * room}) == ()
    (fault,) = schema_faults({"title": "x" * (room + 1)})
    assert (fault.loc, fault.type) == (LOC, "value_error.any_str.max_length")
    assert len(schema_faults({"maximum": 10**4300})) == 1


@pytest.mark.parametrize("schema", [{"title": "\0"}, {"\ud800": 1}])
def test_text_that_cannot_be_stored_is_refused(schema: dict[str, Any]) -> None:
    assert [fault.loc for fault in schema_faults(schema)] == [LOC]


@pytest.mark.parametrize("to", ["http://example.com/a", "other", "file:///etc/passwd", "", 7, None])
def test_a_reference_stays_in_the_document(to: object) -> None:
    for schema in ({"$ref": to}, {"$dynamicRef": to}):
        assert places(schema) == [(next(iter(schema)),)]
        assert places({"allOf": [{}, schema]}) == [("allOf", 1, *schema)]
        assert places({"properties": {"a": {"items": schema}}}) == [
            ("properties", "a", "items", *schema)
        ]
        assert places({"$defs": {"$ref": schema}}) == [("$defs", "$ref", *schema)]
        assert places({"if": {"dependentSchemas": {"a": schema}}}) == [
            ("if", "dependentSchemas", "a", *schema)
        ]


def test_what_only_looks_like_a_reference_is_none() -> None:
    for schema in (
        {"const": {"$ref": "http://example.com"}}, {"enum": [{"$ref": 1}]},
        {"properties": {"$ref": {"type": "string"}, "$id": True}}, {"default": {"$id": "a"}},
        {"$id": "https://example.com/own", "$ref": "#", "$schema": DRAFT},
        {"$ref": "#/$defs/a", "$defs": {"a": {"$anchor": "b"}}}, {"$schema": f"{DRAFT}#"},
    ):  # fmt: skip
        assert schema_faults(schema) == ()


def test_a_schema_is_of_this_draft_and_in_one_piece() -> None:
    assert places({"$schema": "http://json-schema.org/draft-07/schema#"}) == [("$schema",)]
    assert places({"$schema": ""}) == places({"$schema": []}) == [("$schema",)]
    assert places({"$defs": {"a": {"$id": "#a"}, "b": {"$id": "b"}}}) == [("$defs", "b", "$id")]


def test_faults_and_expressions_are_bounded() -> None:
    assert len(places({"allOf": [{"$ref": "a"}] * 99})) == MAX_VIOLATIONS
    half = MAX_EXPRESSIONS // 2
    schema = {"patternProperties": {f"{n}": {"pattern": "a"} for n in range(half)}}
    assert places(schema) == []
    assert places({"not": schema, "pattern": "a"}) == [()]
    assert places({"patternProperties": 7}) == []


@settings(max_examples=60)
@given(st.dictionaries(some.texts, some.json_values, max_size=3))
def test_any_object_can_be_looked_at(schema: dict[str, Any]) -> None:
    schema_faults({"items": schema, "allOf": [schema], "properties": schema, **schema})
    is_costly({"allOf": [schema], "properties": schema, "$ref": "#/allOf/0"}, schema)


def told(*violations: Violation) -> list[tuple[tuple[str | int, ...], str]]:
    return [(fault.loc, fault.type) for fault in violation_faults(violations, DATA)]


def test_what_is_missing_and_what_is_too_much_is_told_by_name() -> None:
    missing = Violation(path=("a", 0), keyword="required", names=("b",))
    extra = Violation(path=(), keyword="additionalProperties", names=("c", "d"))
    assert told(missing, extra) == [
        ((*DATA, "a", 0, "b"), "value_error.missing"),
        ((*DATA, "c"), "value_error.extra"),
        ((*DATA, "d"), "value_error.extra"),
    ]


@pytest.mark.parametrize(
    ("keyword", "limit", "text", "kind"),
    [
        ("type", ["string"], "Must be a string", "type_error.str"),
        ("type", ["null", "array"], "Must be a list or null", "type_error.list"),
        ("type", ["null"], "Must be null", "value_error.const"),
        ("type", [], "Does not fit the schema (type)", "value_error"),
        ("type", None, "Does not fit the schema (type)", "value_error"),
        ("minLength", 3, "Must have at least 3 characters", "value_error.any_str.min_length"),
        ("pattern", "x" * 300, f"Must match {'x' * 100}", "value_error.str.regex"),
        ("minimum", 1.5, "Must be at least 1.5", "value_error.number.not_ge"),
        ("enum", ["secret"], "Must be one of the values that the schema lists",
         "type_error.enum"),
        ("oneOf", None, "Does not fit the schema (oneOf)", "value_error"),
    ],
)  # fmt: skip
def test_a_fault_says_what_the_keyword_asks(
    keyword: str, limit: object, text: str, kind: str
) -> None:
    violation = Violation(path=("a",), keyword=keyword, limit=limit)
    (fault,) = violation_faults([violation], DATA)
    assert (fault.loc, fault.msg, fault.type) == ((*DATA, "a"), text, kind)


def test_schemas_are_found_with_their_places() -> None:
    schema = {"anyOf": [True, {"not": {}}], "$defs": {"a": {}}, "required": ["a"], "items": False}
    assert [at for at, _ in schemas_in(schema)] == [
        (), ("anyOf", 1), ("anyOf", 1, "not"), ("$defs", "a"),
    ]  # fmt: skip
    assert list(schemas_in(True)) == []


def laughs(count: int) -> dict[str, Any]:
    """Each definition asks twice for the next: 2 to the power of `count` in all."""
    defs: dict[str, Any] = {
        f"a{n}": {"allOf": [{"$ref": f"#/$defs/a{n + 1}"}] * 2} for n in range(count)
    }
    return {"$ref": "#/$defs/a0", "$defs": {**defs, f"a{count}": {"type": "object"}}}


def nested(depth: int) -> dict[str, Any]:
    return {"n": nested(depth - 1)} if depth else {}


TWICE = {"allOf": [{"properties": {"n": {"$ref": "#"}}}, {"properties": {"n": {"$ref": "#"}}}]}
ONCE = {"properties": {"n": {"$ref": "#"}}}


def test_a_schema_that_multiplies_is_costly() -> None:
    assert is_costly(laughs(40), {})
    assert not is_costly(laughs(8), {})
    assert is_costly({"$ref": "#"}, {}), "the same value again, without end"
    assert is_costly(TWICE, nested(30))
    assert not is_costly(TWICE, nested(5))
    assert not is_costly(ONCE, nested(30))


def test_members_and_long_texts_cost() -> None:
    rows = {"rows": [1] * 100}
    schema = {"properties": {"rows": {"items": {"type": "integer"}}}}
    assert not is_costly(schema, rows, 102)
    assert is_costly(schema, rows, 101)
    assert is_costly({"properties": {"rows": {"prefixItems": [{}] * 100}}}, rows, 5_000)
    text = {"properties": {"a": {"pattern": "x"}}}
    assert not is_costly(text, {"a": "x" * STEP_CHARS}, 3)
    assert is_costly(text, {"a": "x" * STEP_CHARS}, 2)


@pytest.mark.parametrize(
    "reference",
    ["#/$defs/a~1b", "#/$defs/a%7E1b", "#here", "#there", "#/anyOf/0", "#/x/y"],
)
def test_references_are_followed(reference: str) -> None:
    costly: dict[str, Any] = {"allOf": [{}] * 50}
    schema: dict[str, Any] = {
        "properties": {"p": {"$ref": reference}},
        "$defs": {"a/b": costly, "h": {"$anchor": "here", **costly}},
        "definitions": {"t": {"$dynamicAnchor": "there", **costly}},
        "x": {"y": costly},
    }
    if reference == "#/anyOf/0":
        schema["anyOf"] = [costly]
    assert is_costly(schema, {"p": 1}, 52)


@pytest.mark.parametrize("reference", ["#/nope", "#/anyOf/7", "#/anyOf/x", "#/title/a", "#nope", 7])
def test_a_reference_to_nothing_costs_nothing(reference: object) -> None:
    schema = {"properties": {"p": {"$ref": reference}}, "anyOf": [{}], "title": "t"}
    assert not is_costly(schema, {"p": {}}, 100_000 if reference in {"#nope", 7} else 4)
