"""Courses deleted, single offerings, course staff over HTTP."""

from typing import Any

import pytest

from tests.http.site import API, Caller, Site, faults, made


async def new_course(site: Site, by: Caller) -> int:
    """A course of this account's, with an offering."""
    body = {"title": "Sets", "code": "SETS", "university_id": 1, "is_published": True}
    course_id: int = made(await by.post("/courses/", body))["id"]
    return course_id


def path(site: Site) -> str:
    return f"/courses/{site.ids['course_id']}/offerings/{site.ids['offering_id']}"


async def put(site: Site, **body: Any) -> Any:
    return await site.instructor.ask("PUT", path(site), json=body)


async def test_a_course_is_deleted_by_its_owner(site: Site) -> None:
    course_id = await new_course(site, site.instructor)
    gone = await site.instructor.ask("DELETE", f"/courses/{course_id}")
    assert (gone.status_code, gone.content) == (204, b"")
    assert (await site.client.get(f"{API}/courses/{course_id}")).status_code == 404
    again = await site.instructor.ask("DELETE", f"/courses/{course_id}/")
    assert (again.status_code, again.json()) == (404, {"detail": "Course not found"})


async def test_a_course_with_enrollments_is_not_deleted(site: Site) -> None:
    for caller in (site.instructor, site.admin):
        answer = await caller.ask("DELETE", f"/courses/{site.ids['course_id']}")
        assert answer.status_code == 400
        assert answer.headers["x-error-code"] == "in_use"
    others = await new_course(site, site.admin)
    refused = await site.instructor.ask("DELETE", f"/courses/{others}")
    assert refused.status_code == 403


async def test_an_offering_has_the_fields_of_the_list(site: Site) -> None:
    course_id = site.ids["course_id"]
    (listed,) = (await site.client.get(f"{API}/courses/{course_id}/offerings")).json()
    answer = await site.client.get(API + path(site))
    assert (answer.status_code, answer.json()) == (200, listed)
    headers = {"If-None-Match": answer.headers["etag"]}
    assert (await site.client.get(API + path(site), headers=headers)).status_code == 304
    wrong = await site.client.get(f"{API}/courses/1/offerings/{site.ids['offering_id']}")
    assert (wrong.status_code, wrong.json()) == (404, {"detail": "Offering not found"})


async def test_an_update_of_an_offering_changes_only_what_is_sent(site: Site) -> None:
    before = made(await put(site))
    assert made(await put(site)) == before
    await site.world.clock.advance(60)
    ends = "2026-05-01T00:00:00+02:00"
    after = made(await put(site, ends_at=ends, capacity=9, visibility="UNLISTED"))
    assert after == before | {
        "ends_at": "2026-04-30T22:00:00Z",
        "capacity": 9,
        "visibility": "UNLISTED",
        "updated_at": after["updated_at"],
    }
    assert after["updated_at"] > before["updated_at"]
    assert made(await put(site, ends_at=None, capacity=None))["ends_at"] is None


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"id": 5, "course_id": 5},
         [("id", "value_error.extra"), ("course_id", "value_error.extra")]),
        ({"term_name": None}, [("term_name", "type_error.none.not_allowed")]),
        ({"term_name": " ", "capacity": 0},
         [("term_name", "value_error.any_str.min_length"),
          ("capacity", "value_error.number.not_ge")]),
        ({"visibility": "public", "starts_at": "soon"},
         [("starts_at", "value_error.datetime"), ("visibility", "type_error.enum")]),
        ({"capacity": "9"}, [("capacity", "type_error.integer")]),
        ({"starts_at": "2026-06-01T00:00:00Z"}, [("starts_at", "value_error")]),
        ({"starts_at": "9999-12-31T23:59:59-05:00"}, [("starts_at", "value_error.datetime")]),
        ({"enrollment_end": "2026-06-01T00:00:00Z"}, [("enrollment_end", "value_error")]),
    ],
)  # fmt: skip
async def test_f05_bad_updates_of_an_offering_are_422_and_change_nothing(
    site: Site, body: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    before = made(await put(site, ends_at="2026-05-01T00:00:00Z"))
    told = faults(await put(site, **body))
    assert sorted(told) == sorted((("body", name), kind) for name, kind in found)
    assert made(await put(site)) == before


async def test_an_offering_with_learners_is_not_deleted_and_another_is(site: Site) -> None:
    refused = await site.instructor.ask("DELETE", path(site))
    assert (refused.status_code, refused.headers["x-error-code"]) == (400, "in_use")
    full = await put(site, capacity=1)
    assert full.status_code == 200
    made(await site.instructor.post(
        "/enrollments/",
        {"course_offering_id": site.ids["offering_id"], "user_id": site.other.id},
    ))  # fmt: skip
    assert (await put(site, capacity=None)).status_code == 200
    assert (await put(site, capacity=1)).status_code == 400
    term = {"term_name": "Never"}
    course_id = site.ids["course_id"]
    made_one = made(await site.instructor.post(f"/courses/{course_id}/offerings", term))
    gone = await site.instructor.ask("DELETE", f"/courses/{course_id}/offerings/{made_one['id']}")
    assert (gone.status_code, gone.content) == (204, b"")


async def test_a_place_in_the_staff_is_created_then_replaced(site: Site) -> None:
    where, one = f"/courses/{site.ids['course_id']}/staff", site.other
    body = {"user_id": one.id, "role": "ASSISTANT"}
    first = await site.instructor.post(where, body)
    assert first.status_code == 201
    user = one.learner.user
    assert first.json() == {
        "user_id": one.id, "full_name": user.full_name, "email": user.email, "role": "ASSISTANT",
    }  # fmt: skip
    second = await site.instructor.post(where, body)
    assert (second.status_code, second.json()) == (200, first.json())
    listed = await one.get(where)
    assert listed.headers["x-total-count"] == "2"
    assert [row["role"] for row in listed.json()] == ["OWNER", "ASSISTANT"]
    raised = await site.instructor.post(where, body | {"role": "INSTRUCTOR"})
    assert raised.status_code == 400
    gone = await site.instructor.ask("DELETE", f"{where}/{one.id}")
    assert (gone.status_code, gone.content) == (204, b"")
    assert (await site.instructor.ask("DELETE", f"{where}/{one.id}")).status_code == 404
    assert (await one.get(where)).status_code == 403


async def test_the_last_owner_cannot_leave(site: Site) -> None:
    where = f"/courses/{site.ids['course_id']}/staff"
    for answer in (
        await site.instructor.ask("DELETE", f"{where}/{site.instructor.id}"),
        await site.admin.post(where, {"user_id": site.instructor.id, "role": "INSTRUCTOR"}),
    ):
        assert (answer.status_code, answer.headers["x-error-code"]) == (400, "last_owner")


async def test_f05_bad_bodies_for_the_staff_are_422(site: Site) -> None:
    where = f"/courses/{site.ids['course_id']}/staff"
    for body, found in (
        ({}, {("user_id", "value_error.missing"), ("role", "value_error.missing")}),
        ({"user_id": "1", "role": "owner"},
         {("user_id", "type_error.integer"), ("role", "type_error.enum")}),
        ({"user_id": 0, "role": "OWNER", "email": "x"},
         {("user_id", "value_error.number.not_ge"), ("email", "value_error.extra")}),
    ):  # fmt: skip
        told = faults(await site.instructor.post(where, body))
        assert {(loc[1], kind) for loc, kind in told} == found
    unknown = await site.instructor.post(where, {"user_id": 999, "role": "ASSISTANT"})
    assert (unknown.status_code, unknown.json()) == (404, {"detail": "User not found"})
