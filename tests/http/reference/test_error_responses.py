"""Error responses: one form for all endpoints, and what each status is for."""

import pytest

from tests.http.reference.campus import JOHN, Campus
from tests.http.reference.operations import ask
from tests.http.reference.shown import refuses, shows
from tests.http.site import API, faults

COURSE = '{"title": "Data Structures", "code": "CS201", "university_id": 1}'


async def test_200_success(campus: Campus) -> None:
    assert (await ask(campus.john, "GET /users/me")).status_code == 200


async def test_201_created(campus: Campus) -> None:
    assert (await ask(campus.instructor, "POST /courses/", COURSE)).status_code == 201


async def test_204_no_content(campus: Campus) -> None:
    await ask(campus.instructor, "POST /courses/", COURSE)
    answer = await ask(campus.instructor, "DELETE /courses/{course_id}", course_id=2)
    assert (answer.status_code, answer.content) == (204, b"")


async def test_400_bad_request(campus: Campus) -> None:
    answer = await ask(campus.client, "POST /auth/register", JOHN)
    assert refuses(answer, 400) == "Email already registered"


async def test_401_unauthorized(campus: Campus) -> None:
    refuses(await ask(campus.client, "GET /users/me"), 401)
    campus.john.token = "YOUR_ACCESS_TOKEN"
    refuses(await ask(campus.john, "GET /users/me"), 401)


async def test_403_forbidden(campus: Campus) -> None:
    refuses(await ask(campus.john, "POST /courses/", COURSE), 403)


async def test_404_not_found(campus: Campus) -> None:
    refuses(await ask(campus.john, "GET /courses/{course_id}", course_id=999), 404)
    refuses(await campus.john.get("/nowhere"), 404)
    refuses(await campus.client.get("/nowhere"), 404)


async def test_405_method_not_allowed(campus: Campus) -> None:
    answer = await campus.john.ask("DELETE", "/auth/login")
    refuses(answer, 405)
    assert "POST" in answer.headers["allow"]


async def test_422_validation_error(campus: Campus) -> None:
    answer = await ask(campus.client, "POST /auth/check-email", '{"email": "not an address"}')
    body = shows(
        answer,
        """
        {
          "detail": [
            {
              "loc": ["body", "email"],
              "msg": "value is not a valid email address",
              "type": "value_error.email"
            }
          ]
        }
        """,
        422,
    )
    assert body.keys() == {"detail"}
    assert body["detail"][0].keys() == {"loc", "msg", "type"}


async def test_422_has_one_entry_per_fault_wherever_it_is(campus: Campus) -> None:
    answer = await ask(campus.client, "POST /auth/register", '{"email": "x", "locale": 7}')
    assert {(loc, kind) for loc, kind in faults(answer)} == {
        (("body", "email"), "value_error.email"),
        (("body", "locale"), "type_error.str"),
        (("body", "password"), "value_error.missing"),
        (("body", "full_name"), "value_error.missing"),
    }
    query = await ask(campus.client, "GET /courses/?skip=-1&limit=0&university_id=x")
    assert {loc for loc, _ in faults(query)} == {
        ("query", "skip"), ("query", "limit"), ("query", "university_id"),
    }  # fmt: skip
    path = await ask(campus.client, "GET /courses/{course_id}", course_id="x")
    assert [loc for loc, _ in faults(path)] == [("path", "course_id")]


async def test_500_internal_server_error(campus: Campus, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(campus.world.core.catalog, "course", fail)
    answer = await campus.client.get(f"{API}/courses/1")
    assert refuses(answer, 500) == "Internal server error"
