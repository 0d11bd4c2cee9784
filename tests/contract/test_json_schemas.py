"""What checks data by JSON Schema: the port's promises, over the one adapter there is."""

import time
from typing import Any

import pytest

from twosigma.adapters.schemas.validator import RustSchemas
from twosigma.domain.json_schemas import MAX_VIOLATIONS, Violation
from twosigma.ports.json_schemas import Schemas

ARTICLE = {
    "type": "object",
    "properties": {
        "body": {"type": "string", "minLength": 3},
        "links": {"type": "array", "items": {"$ref": "#/$defs/link"}, "maxItems": 2},
    },
    "required": ["body"],
    "additionalProperties": False,
    "$defs": {"link": {"type": "object", "required": ["url"]}},
}


@pytest.fixture(params=[RustSchemas])
def schemas(request: pytest.FixtureRequest) -> Schemas:
    made: Schemas = request.param()
    return made


def test_data_that_fits_is_not_blamed(schemas: Schemas) -> None:
    assert list(schemas.faults(ARTICLE)) == []
    data = {"body": "Read.", "links": [{"url": "a", "more": 1}]}
    assert list(schemas.violations(ARTICLE, data)) == []
    assert list(schemas.violations({}, {"a": [None]})) == []


def test_all_that_does_not_fit_is_told_with_its_place(schemas: Schemas) -> None:
    data = {"body": 7, "links": [{}, {"url": 1}, 2], "own": 1, "more": 2}
    found = schemas.violations(ARTICLE, data)
    assert sorted((each.path, each.keyword, each.names) for each in found) == [
        ((), "additionalProperties", ("own", "more")),
        (("body",), "type", ()),
        (("links",), "maxItems", ()),
        (("links", 0), "required", ("url",)),
        (("links", 2), "type", ()),
    ]
    limits = {each.keyword: each.limit for each in found}
    assert limits["maxItems"] == 2
    assert limits["type"] in (["string"], ["object"])


def test_one_and_true_differ_and_one_is_one_point_zero(schemas: Schemas) -> None:
    schema = {"properties": {"a": {"const": 1}, "b": {"type": "integer"}}}
    assert list(schemas.violations(schema, {"a": 1.0, "b": 2.0})) == []
    (found,) = schemas.violations(schema, {"a": True})
    assert (found.path, found.keyword) == (("a",), "const")


def test_no_more_is_told_than_is_read(schemas: Schemas) -> None:
    schema = {"properties": {"a": {"items": {"type": "string"}}}, "required": ["b"]}
    assert len(schemas.violations(schema, {"a": [1] * 200})) == MAX_VIOLATIONS
    assert len(schemas.faults({"allOf": [{"type": "no such"}] * 200})) == MAX_VIOLATIONS
    extra = {f"k{n}": 1 for n in range(200)}
    closed = {"properties": {"a": {}}, "additionalProperties": False}
    (found,) = schemas.violations(closed, extra)
    assert len(found.names) == MAX_VIOLATIONS


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ({"type": "no such"}, ("type",)), ({"required": "a"}, ("required",)),
        ({"properties": {"a": {"minLength": -1}}}, ("properties", "a", "minLength")),
        ({"properties": {"a": 7}}, ("properties", "a")),
        ({"exclusiveMinimum": True}, ("exclusiveMinimum",)),
        ({"pattern": "("}, ("pattern",)), ({"$ref": "#/$defs/none"}, ()), ({"$ref": "#none"}, ()),
    ],
)  # fmt: skip
def test_what_is_no_schema_is_told_with_its_place(
    schemas: Schemas, schema: dict[str, Any], path: tuple[str | int, ...]
) -> None:
    assert path in [each.path for each in schemas.faults(schema)]


@pytest.mark.parametrize(
    "to",
    [
        "http://127.0.0.1:9/schema", "https://example.com/schema", "file:///etc/hostname", "other",
    ],
)  # fmt: skip
def test_nothing_is_fetched(schemas: Schemas, to: str) -> None:
    begun = time.monotonic()
    assert len(schemas.faults({"$ref": to})) == 1
    assert len(schemas.faults({"x": {"$ref": to}, "$ref": "#/x"})) == 1
    assert time.monotonic() - begun < 1


@pytest.mark.parametrize("pattern", ["(?=a)b", "(?<!a)b", r"(a)\1", "((a{500}){500}){500}"])
def test_an_expression_that_could_take_long_is_refused(schemas: Schemas, pattern: str) -> None:
    for key, value in (("pattern", pattern), ("patternProperties", {pattern: {}})):
        assert len(schemas.faults({key: value})) == 1


@pytest.mark.parametrize("pattern", ["^(a+)+$", "^(a|a)*$", "^(a?){50}a{50}$", "(x+x+)+y"])
def test_hostile_expressions_take_linear_time(schemas: Schemas, pattern: str) -> None:
    schema = {"properties": {"a": {"pattern": pattern}}}
    assert list(schemas.faults(schema)) == []
    begun = time.monotonic()
    for text in ("a" * 100_000 + "!", "x" * 100_000):
        assert schemas.violations(schema, {"a": text}) == [
            Violation(path=("a",), keyword="pattern", limit=pattern)
        ]
    assert time.monotonic() - begun < 2
