"""Bodies of every wrong kind, against every route that takes one."""

from typing import Any

import msgspec
import pytest
from msgspec import inspect

from tests.http.access import ACCESS
from tests.http.site import API, Site, faults
from twosigma.adapters.http.access import Access
from twosigma.adapters.http.app import GROUPS
from twosigma.adapters.http.route import Route

OURS = [r for g in GROUPS for r in g.routes if r.access is not Access.KEY]
"""Programs are told of faults in another form (`test_langfuse`)."""
WITH_BODY = [r for r in OURS if r.taken("body") not in {None, bytes}]
"""Bodies that are no JSON have tests of their own (`test_prompt_lines`)."""
IDS = [route.operation_id for route in WITH_BODY]
REQUIRED = [route for route in WITH_BODY if not route.may_be_empty]
every_body = pytest.mark.parametrize("route", WITH_BODY, ids=IDS)
TAKEN = {200, 201, 202, 204, 400, 401}
"""What a route says to a body that it could read."""
JSONDECODE = [(("body",), "value_error.jsondecode")]
WRONG: dict[type[inspect.Type], Any] = {
    inspect.StrType: 7,
    inspect.IntType: "1",
    inspect.FloatType: "1",
    inspect.BoolType: "true",
    inspect.EnumType: "NOT_A_MEMBER",
    inspect.LiteralType: "other",
    inspect.DateTimeType: "2026-02-30T00:00:00Z",
    inspect.DateType: "2026-02-30",
    inspect.StructType: [],
    inspect.DictType: [],
    inspect.ListType: {},
    inspect.VarTupleType: "production",
}


def fields_of(route: Route) -> tuple[inspect.Field, ...]:
    info = inspect.type_info(route.taken("body"))
    assert isinstance(info, inspect.StructType)
    return info.fields


def bare(kind: inspect.Type) -> tuple[inspect.Type, bool]:
    """The type within, and whether null is allowed."""
    if isinstance(kind, inspect.Metadata):
        return bare(kind.type)
    if isinstance(kind, inspect.UnionType):
        nullable = any(isinstance(one, inspect.NoneType) for one in kind.types)
        first = next(one for one in kind.types if not isinstance(one, inspect.NoneType))
        return bare(first)[0], nullable
    return kind, False


async def send(site: Site, route: Route, **body: Any) -> Any:
    """A request of the role that the route needs."""
    caller = site.caller(route.access.value)
    url = (await site.filled(route.path, caller)).removeprefix(API)
    return await caller.ask(route.method, url, **body)


def raw(site: Site, route: Route, **changes: Any) -> bytes:
    return msgspec.json.encode((site.body(route.operation_id) or {}) | changes)


@every_body
async def test_f01_bad_utf8_anywhere_is_422(site: Site, route: Route) -> None:
    for content in (b'{"email":"\xff"}', b'{"\xff":1}', b"\xff", b'{"nobody":"\xc3"}'):
        assert faults(await send(site, route, content=content)) == JSONDECODE


@every_body
async def test_f02_deep_nesting_is_422(site: Site, route: Route) -> None:
    deep, opened = b"[" * 50_000 + b"]" * 50_000, b"[" * 50_000
    known = fields_of(route)[0].encode_name.encode()
    for content in (
        deep, opened, b'{"a":' * 50_000, b'{"unknown":' + deep + b"}",
        b'{"' + known + b'":' + deep + b"}", b'{"' + known + b'":' + opened,
    ):  # fmt: skip
        assert faults(await send(site, route, content=content)) == JSONDECODE


@every_body
async def test_f02_nesting_is_counted_outside_of_strings(site: Site, route: Route) -> None:
    content = raw(site, route, unknown="[" * 100)
    assert faults(await send(site, route, content=content)) == [
        (("body", "unknown"), "value_error.extra")
    ]


@pytest.mark.parametrize("route", REQUIRED, ids=[r.operation_id for r in REQUIRED])
async def test_f03_an_empty_body_is_422(site: Site, route: Route) -> None:
    for content in (b"", b"  \n"):
        assert faults(await send(site, route, content=content)) == JSONDECODE


@every_body
async def test_f03_broken_json_is_422(site: Site, route: Route) -> None:
    whole = raw(site, route)
    for content in (
        whole[:-1], b" ", b"null", b"[]", b'"text"', b"1", b"true", whole + b"x", whole + whole,
        b"\xef\xbb\xbf" + whole, whole.decode().encode("utf-16"), b'{"a":NaN}', b'{"a":1e9999}',
        b'{"a":' + b"1" * 6000 + b"}", b"{'a':1}", b'{"a":1,}', b"{a:1}",
    ):  # fmt: skip
        assert (await send(site, route, content=content)).status_code == 422, content[:40]


@every_body
async def test_f04_a_wrong_type_is_told_at_its_field(site: Site, route: Route) -> None:
    for field in fields_of(route):
        kind, _ = bare(field.type)
        content = raw(site, route, **{field.encode_name: WRONG[type(kind)]})
        found = faults(await send(site, route, content=content))
        assert [loc for loc, _ in found] == [("body", field.encode_name)]


@every_body
async def test_f05_what_is_missing_or_null_is_told(site: Site, route: Route) -> None:
    required = [("body", field.encode_name) for field in fields_of(route) if field.required]
    empty = await send(site, route, content=b"{}")
    if required:
        assert faults(empty) == [(loc, "value_error.missing") for loc in required]
    else:
        assert empty.status_code == 200
    for field in fields_of(route):
        content = raw(site, route, **{field.encode_name: None})
        answer = await send(site, route, content=content)
        if bare(field.type)[1]:
            assert answer.status_code in {200, 201, 400}, answer.text
        else:
            null = (("body", field.encode_name), "type_error.none.not_allowed")
            assert faults(answer) == [null]


@every_body
async def test_f06_numbers_out_of_range_never_pass(site: Site, route: Route) -> None:
    for field in fields_of(route):
        if not isinstance(bare(field.type)[0], inspect.IntType):
            continue
        for number in (b"-1", b"9223372036854775808", b"18446744073709551616", b"1" + b"0" * 400):
            content = raw(site, route, **{field.encode_name: "@"}).replace(b'"@"', number)
            found = faults(await send(site, route, content=content))
            assert [loc for loc, _ in found] == [("body", field.encode_name)]
        for number in (b"1.0", b"1.5", b"1e3"):
            content = raw(site, route, **{field.encode_name: "@"}).replace(b'"@"', number)
            kinds = faults(await send(site, route, content=content))
            assert kinds == [(("body", field.encode_name), "type_error.integer")]


async def test_f06_large_valid_ids_are_404(site: Site) -> None:
    for number in (2**31, 2**63 - 1):
        answer = await site.student.post("/enrollments/", {"course_offering_id": number})
        assert (answer.status_code, answer.json()) == (404, {"detail": "Offering not found"})


@every_body
async def test_f08_nul_in_any_text_is_422(site: Site, route: Route) -> None:
    for field in fields_of(route):
        if not isinstance(bare(field.type)[0], inspect.StrType):
            continue
        content = raw(site, route, **{field.encode_name: "a\x00bcdefgh"})
        found = faults(await send(site, route, content=content))
        assert [loc for loc, _ in found] == [("body", field.encode_name)]


@pytest.mark.parametrize("data", [{"a\x00": 1}, {"a": ["\x00"]}, {"a": {"b": "\x00"}}])
async def test_f08_nul_inside_json_data_is_422(site: Site, data: dict[str, Any]) -> None:
    body = (site.body("create_content") or {}) | {"data_json": data}
    found = faults(await site.instructor.post("/content/", body))
    assert [loc for loc, _ in found] == [("body", "data_json")]


async def test_integers_beyond_64_bits_inside_json_data_are_422(site: Site) -> None:
    for field, path, operation in (
        ("data_json", "/content/", "create_content"),
        ("config", "/prompts/", "create_prompt"),
    ):
        body = (site.body(operation) or {}) | {field: {"a": ["@"]}}
        content = msgspec.json.encode(body).replace(b'"@"', b"1" + b"0" * 400)
        found = faults(await site.instructor.ask("POST", path, content=content))
        assert found == [(("body", field), "value_error.number.not_le")]


@every_body
async def test_f09_lone_surrogates_are_422(site: Site, route: Route) -> None:
    for spelling in (b"\\ud800", b"\xed\xa0\x80", b"\\udc00x"):
        for field in fields_of(route):
            if isinstance(bare(field.type)[0], inspect.StrType):
                content = raw(site, route, **{field.encode_name: "@@"}).replace(b"@@", spelling)
                assert faults(await send(site, route, content=content)) == JSONDECODE


@every_body
async def test_f10_a_body_over_a_mebibyte_is_413(site: Site, route: Route) -> None:
    large = b" " * (1024 * 1024) + raw(site, route)

    async def pieces() -> Any:
        for at in range(0, len(large), 65_536):
            yield large[at : at + 65_536]

    for content in (large, pieces()):
        answer = await send(site, route, content=content)
        assert (answer.status_code, answer.json()) == (413, {"detail": "The body is too large"})
        assert answer.headers["x-error-code"] == "body_too_large"


@every_body
async def test_f11_another_content_type_is_422_and_none_is_json(site: Site, route: Route) -> None:
    whole = raw(site, route)
    for kind in (
        "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain",
        "application/msgpack", "application/xml", "application/json; charset=utf-16", "json", "",
    ):  # fmt: skip
        answer = await send(site, route, content=whole, headers={"Content-Type": kind})
        assert faults(answer) == JSONDECODE, kind
    absent = await send(site, route, content=whole)
    assert absent.status_code in TAKEN
    named = await send(
        site, route, content=whole, headers={"Content-Type": 'Application/JSON; Charset="UTF-8"'}
    )
    assert named.status_code in TAKEN


OWNED = {
    "role": "PLATFORM_ADMIN", "id": 1, "user_id": 1, "is_active": True, "status": "COMPLETED",
    "share_token": "mine", "cache_state": "TRACKING", "created_at": "2026-01-01T00:00:00Z",
}  # fmt: skip


@every_body
async def test_f52_fields_that_are_not_the_clients_are_refused(site: Site, route: Route) -> None:
    # What a route takes itself, other tests tell of.
    taken = {field.encode_name for field in fields_of(route)}
    for field, value in OWNED.items():
        if field in taken:
            continue
        content = raw(site, route, **{field: value})
        found = faults(await send(site, route, content=content))
        assert found == [(("body", field), "value_error.extra")]


async def test_all_faults_of_path_and_body_come_at_once(site: Site) -> None:
    body = {"title": " ", "level": "HARD", "credit_hours": 31, "is_open": 1, "mine": 2}
    found = faults(await site.instructor.ask("PUT", "/courses/0", json=body))
    assert found == [
        (("path", "course_id"), "type_error.integer"),
        (("body", "title"), "value_error.any_str.min_length"),
        (("body", "level"), "type_error.enum"),
        (("body", "credit_hours"), "value_error.number.not_le"),
        (("body", "is_open"), "type_error.bool"),
        (("body", "mine"), "value_error.extra"),
    ]


async def test_input_is_never_repeated(site: Site) -> None:
    secret = "hunter2-canary"
    form = {"email": secret, "password": 7, "full_name": {"a": secret}}
    answer = await site.client.post(f"{API}/auth/register", json=form)
    assert answer.status_code == 422
    assert secret not in answer.text


async def test_a_bad_path_alone_also_shows_the_faults_of_the_body(site: Site) -> None:
    found = faults(await site.instructor.ask("PUT", "/courses/x", json={"title": ""}))
    assert [loc for loc, _ in found] == [("path", "course_id"), ("body", "title")]


async def test_times_out_of_the_calendar_are_422(site: Site) -> None:
    path = f"/courses/{site.ids['course_id']}/offerings"
    times = {"starts_at": "0001-01-01T00:00:00+14:00", "ends_at": "9999-12-31T23:59:59-14:00"}
    found = faults(await site.instructor.post(path, {"term_name": "Now", **times}))
    assert found == [(("body", field), "value_error.datetime") for field in times]


def test_every_route_with_a_body_is_in_the_table() -> None:
    assert {(r.method, r.path.rstrip("/")) for r in WITH_BODY} <= set(ACCESS)
