"""Rosters, classes from a list and invitations over HTTP."""

from typing import Any

import httpx
import pytest

from tests.http.site import Site, faults, greet, made

AT = "2026-01-05T12:00:00Z"


def where(site: Site, what: str) -> str:
    return f"/courses/{site.ids['course_id']}/offerings/{site.ids['offering_id']}/{what}"


async def enroll_class(site: Site, text: object) -> httpx.Response:
    return await site.instructor.post(where(site, "enrollments/import"), {"csv": text})


async def test_staff_enroll_another_and_others_do_not(site: Site) -> None:
    body = {"course_offering_id": site.ids["offering_id"], "user_id": site.other.id}
    assert (await site.student.post("/enrollments/", body)).status_code == 403
    answer = await site.instructor.post("/enrollments/", body)
    assert (answer.status_code, answer.json()["user_id"]) == (201, site.other.id)
    twice = await site.instructor.post("/enrollments/", body)
    assert (twice.status_code, twice.json()) == (400, {"detail": "Already enrolled"})
    nobody = await site.instructor.post("/enrollments/", body | {"user_id": 999})
    assert (nobody.status_code, nobody.json()) == (404, {"detail": "User not found"})
    assert faults(await site.instructor.post("/enrollments/", body | {"user_id": 0})) == [
        (("body", "user_id"), "value_error.number.not_ge")
    ]


async def test_f51_an_enrollment_is_its_owners_and_the_staffs(site: Site) -> None:
    path = f"/enrollments/{site.ids['enrollment_id']}"
    (listed,) = (await site.student.get("/enrollments/my-enrollments")).json()
    for caller in (site.student, site.instructor, site.admin):
        assert made(await caller.get(path)) == listed
    answer = await site.other.get(path)
    assert (answer.status_code, answer.json()) == (404, {"detail": "Enrollment not found"})


async def test_a_roster_has_names_addresses_and_the_last_activity(site: Site) -> None:
    mine = made(await site.student.get(f"/enrollments/{site.ids['enrollment_id']}"))
    user = site.student.learner.user
    row = mine | {
        "user_email": user.email, "user_name": user.full_name, "last_activity_at": None,
    }  # fmt: skip
    answer = await site.instructor.get(where(site, "enrollments"))
    assert (answer.json(), answer.headers["x-total-count"]) == ([row], "1")
    await greet(site.student, await site.session(site.student))
    later = await site.admin.get(where(site, "enrollments"))
    assert later.json() == [row | {"last_activity_at": AT}]
    dropped = await site.instructor.get(where(site, "enrollments?status=DROPPED"))
    assert (dropped.json(), dropped.headers["x-total-count"]) == ([], "0")
    past = await site.instructor.get(where(site, "enrollments?skip=1"))
    assert (past.json(), past.headers["x-total-count"]) == ([], "1")
    both = await site.instructor.get(where(site, "enrollments?status=active&limit=101"))
    assert faults(both) == [
        (("query", "status"), "type_error.enum"),
        (("query", "limit"), "value_error.number.not_le"),
    ]
    assert (await site.student.get(where(site, "enrollments"))).status_code == 403


async def test_a_class_is_told_line_by_line(site: Site) -> None:
    student, other = site.student.learner.user.email, site.other.learner.user.email
    answer = await enroll_class(
        site, f'\ufeffname,Email\r\nA,{student}\r\n\r\n"B, C",{other}\nD,new@example.com\nE,x'
    )
    assert answer.status_code == 200
    assert answer.json() == {
        "counts": {
            "enrolled": 1, "reactivated": 0, "already_enrolled": 1, "invited": 1,
            "already_invited": 0, "invalid": 1, "inactive": 0,
        },
        "lines": [
            {"line": 2, "email": student, "outcome": "already_enrolled", "detail": None},
            {"line": 4, "email": other, "outcome": "enrolled", "detail": None},
            {"line": 5, "email": "new@example.com", "outcome": "invited", "detail": None},
            {"line": 6, "email": "x", "outcome": "invalid",
             "detail": "value is not a valid email address"},
        ],
    }  # fmt: skip


async def test_who_is_invited_is_enrolled_by_registering(site: Site) -> None:
    made(await enroll_class(site, "new@example.com\nlate@example.com"))
    listed = await site.instructor.get(where(site, "invitations"))
    assert listed.headers["x-total-count"] == "2"
    first, second = listed.json()
    assert first == {
        "id": first["id"], "course_offering_id": site.ids["offering_id"],
        "email": "new@example.com", "invited_by": site.instructor.id, "created_at": AT,
    }  # fmt: skip
    form = site.body("register_user")
    tokens = made(await site.client.post("/api/v1/auth/register", json=form))
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    own = await site.client.get("/api/v1/enrollments/my-enrollments", headers=headers)
    assert [row["course_offering_id"] for row in own.json()] == [site.ids["offering_id"]]
    assert (await site.instructor.get(where(site, "invitations"))).json() == [second]
    path = where(site, f"invitations/{second['id']}")
    gone = await site.instructor.ask("DELETE", path)
    assert (gone.status_code, gone.content) == (204, b"")
    again = await site.instructor.ask("DELETE", path)
    assert (again.status_code, again.json()) == (404, {"detail": "Invitation not found"})


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (None, "type_error.none.not_allowed"), (["a@x.org"], "type_error.str"),
        ("a@x.org\0", "value_error"), ("\n".join(["x"] * 5_001), "value_error.list.max_items"),
    ],
)  # fmt: skip
async def test_a_list_that_is_none_is_422_and_writes_nothing(
    site: Site, text: Any, kind: str
) -> None:
    assert faults(await enroll_class(site, text)) == [(("body", "csv"), kind)]
    assert (await site.instructor.get(where(site, "invitations"))).json() == []


async def test_an_empty_list_is_a_class_of_nobody(site: Site) -> None:
    for text in ("", " \n\r\n", "email\n"):
        assert made(await enroll_class(site, text))["lines"] == []


async def test_f10_a_list_over_the_limit_of_bodies_is_413(site: Site) -> None:
    assert (await enroll_class(site, "x" * 1024 * 1024)).status_code == 413


async def test_only_editors_enroll_a_class(site: Site) -> None:
    staff = f"/courses/{site.ids['course_id']}/staff"
    made(await site.instructor.post(staff, {"user_id": site.other.id, "role": "ASSISTANT"}))
    assert (await site.other.get(where(site, "invitations"))).status_code == 200
    refused = await site.other.post(where(site, "enrollments/import"), {"csv": "a@x.org"})
    assert refused.status_code == 403
